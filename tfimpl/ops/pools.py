"""Pooling of images, and its gradients."""

import tensorflow as tf


def max_pool(input, *, ksize, strides, padding):
    """input (batch, height, width, channels)."""
    kernel = tf.raw_ops.MaxPool if len(input.shape) == 4 else tf.raw_ops.MaxPool3D
    return kernel(input=input, ksize=ksize, strides=strides, padding=padding)  # (1)


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
    kernel = tf.raw_ops.AvgPool if len(value.shape) == 4 else tf.raw_ops.AvgPool3D
    return kernel(value=value, ksize=ksize, strides=strides, padding=padding)  # (4)


def avg_pool_grad(orig_input_shape, grad, *, ksize, strides, padding):
    images = len(grad.shape) == 4
    kernel = tf.raw_ops.AvgPoolGrad if images else tf.raw_ops.AvgPool3DGrad
    return kernel(
        orig_input_shape=orig_input_shape,
        grad=grad,
        ksize=ksize,
        strides=strides,
        padding=padding,
    )  # (5)


def max_pool3d_grad(orig_input, orig_output, grad, *, ksize, strides, padding):
    """To every place within 1e-5 of the largest of its window: all of it, each time."""
    return tf.raw_ops.MaxPool3DGrad(
        orig_input=orig_input,
        orig_output=orig_output,
        grad=grad,
        ksize=ksize,
        strides=strides,
        padding=padding,
    )  # (6)-(7)
