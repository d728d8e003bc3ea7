"""Convolution of volumes, and its gradients."""

import tensorflow as tf


def conv3d(input, filter, *, strides, padding, dilations):
    """input (batch, depth, height, width, channels); filter (..., channels, filters)."""
    return tf.raw_ops.Conv3D(
        input=input,
        filter=filter,
        strides=strides,
        padding=padding,
        dilations=dilations,
    )  # (1)


def conv3d_backprop_filter(
    input, filter_sizes, out_backprop, *, strides, padding, dilations
):
    return tf.raw_ops.Conv3DBackpropFilterV2(
        input=input,
        filter_sizes=filter_sizes,
        out_backprop=out_backprop,
        strides=strides,
        padding=padding,
        dilations=dilations,
    )  # (2)


def conv3d_backprop_input(
    input_sizes, filter, out_backprop, *, strides, padding, dilations
):
    return tf.raw_ops.Conv3DBackpropInputV2(
        input_sizes=input_sizes,
        filter=filter,
        out_backprop=out_backprop,
        strides=strides,
        padding=padding,
        dilations=dilations,
    )  # (3)
