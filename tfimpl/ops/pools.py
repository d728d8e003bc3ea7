"""Pooling of images, and its gradients."""

import tensorflow as tf


def max_pool(input, *, ksize, strides, padding):
    """input (batch, height, width, channels)."""
    return tf.raw_ops.MaxPool(
        input=input, ksize=ksize, strides=strides, padding=padding
    )  # (1)


def max_pool_grad(orig_input, orig_output, grad, *, ksize, strides, padding):
    return tf.raw_ops.MaxPoolGrad(
        orig_input=orig_input,
        orig_output=orig_output,
        grad=grad,
        ksize=ksize,
        strides=strides,
        padding=padding,
    )  # (2)-(3)


def avg_pool(value, *, ksize, strides, padding):
    return tf.raw_ops.AvgPool(
        value=value, ksize=ksize, strides=strides, padding=padding
    )  # (4)


def avg_pool_grad(orig_input_shape, grad, *, ksize, strides, padding):
    return tf.raw_ops.AvgPoolGrad(
        orig_input_shape=orig_input_shape,
        grad=grad,
        ksize=ksize,
        strides=strides,
        padding=padding,
    )  # (5)
