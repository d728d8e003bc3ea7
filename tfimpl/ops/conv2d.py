"""Convolution of images, and its gradients."""

import tensorflow as tf


def conv2d(input, filter, *, strides, padding, explicit_paddings, dilations):
    """input (batch, height, width, channels), filter (height, width, channels, filters)."""
    return tf.raw_ops.Conv2D(
        input=input,
        filter=filter,
        strides=strides,
        padding=padding,
        explicit_paddings=explicit_paddings,
        dilations=dilations,
    )  # (1)-(2)


def conv2d_backprop_filter(
    input, filter_sizes, out_backprop, *, strides, padding, explicit_paddings, dilations
):
    """The gradient of the filter: what lay under a window, times what flows back to it."""
    return tf.raw_ops.Conv2DBackpropFilter(
        input=input,
        filter_sizes=filter_sizes,
        out_backprop=out_backprop,
        strides=strides,
        padding=padding,
        explicit_paddings=explicit_paddings,
        dilations=dilations,
    )  # (3)-(5)


def conv2d_backprop_input(
    input_sizes, filter, out_backprop, *, strides, padding, explicit_paddings, dilations
):
    """The gradient of the images: what each window took from a place flows back to it."""
    return tf.raw_ops.Conv2DBackpropInput(
        input_sizes=input_sizes,
        filter=filter,
        out_backprop=out_backprop,
        strides=strides,
        padding=padding,
        explicit_paddings=explicit_paddings,
        dilations=dilations,
    )  # (6)-(8)


def depthwise_conv2d(input, filter, *, strides, padding, explicit_paddings, dilations):
    """Every channel by itself: filter (height, width, channels, multiplier)."""
    return tf.raw_ops.DepthwiseConv2dNative(
        input=input,
        filter=filter,
        strides=strides,
        padding=padding,
        explicit_paddings=explicit_paddings,
        dilations=dilations,
    )  # (9)


def depthwise_conv2d_backprop_filter(
    input, filter_sizes, out_backprop, *, strides, padding, explicit_paddings, dilations
):
    return tf.raw_ops.DepthwiseConv2dNativeBackpropFilter(
        input=input,
        filter_sizes=filter_sizes,
        out_backprop=out_backprop,
        strides=strides,
        padding=padding,
        explicit_paddings=explicit_paddings,
        dilations=dilations,
    )  # (10)


def depthwise_conv2d_backprop_input(
    input_sizes, filter, out_backprop, *, strides, padding, explicit_paddings, dilations
):
    return tf.raw_ops.DepthwiseConv2dNativeBackpropInput(
        input_sizes=input_sizes,
        filter=filter,
        out_backprop=out_backprop,
        strides=strides,
        padding=padding,
        explicit_paddings=explicit_paddings,
        dilations=dilations,
    )  # (11)
