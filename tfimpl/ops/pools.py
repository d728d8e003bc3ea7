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


def max_pool_grad_grad(orig_input, orig_output, grad, *, ksize, strides, padding):
    """Of each window what there is at the first place of its largest number."""
    return tf.raw_ops.MaxPoolGradGrad(
        orig_input=orig_input,
        orig_output=orig_output,
        grad=grad,
        ksize=ksize,
        strides=strides,
        padding=padding,
    )  # (8)-(9)


def max_pool_with_argmax(
    input, *, ksize, strides, padding, Targmax, include_batch_in_index
):
    """The largest number of each window, and its place, counted as it lies in memory."""
    return tf.raw_ops.MaxPoolWithArgmax(
        input=input,
        ksize=ksize,
        strides=strides,
        padding=padding,
        Targmax=Targmax,
        include_batch_in_index=include_batch_in_index,
    )  # (10)-(11)


def max_pool_grad_with_argmax(
    input, grad, argmax, *, ksize, strides, padding, include_batch_in_index
):
    """What flows back to a place: the sum over the windows of which it is the largest."""
    return tf.raw_ops.MaxPoolGradWithArgmax(
        input=input,
        grad=grad,
        argmax=argmax,
        ksize=ksize,
        strides=strides,
        padding=padding,
        include_batch_in_index=include_batch_in_index,
    )  # (12)
