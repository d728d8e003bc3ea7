"""Convolution of volumes, and its gradients: as ``conv2d`` with one axis more."""

from refimpl.ops.conv2d import conv2d, conv2d_backprop_filter, conv2d_backprop_input


def conv3d(input, filter, *, strides, padding, dilations):
    """input (batch, depth, height, width, channels); filter (..., channels, filters)."""
    return conv2d(input, filter, **_options(strides, padding, dilations))  # (1)


def conv3d_backprop_filter(
    input, filter_sizes, out_backprop, *, strides, padding, dilations
):
    options = _options(strides, padding, dilations)
    return conv2d_backprop_filter(input, filter_sizes, out_backprop, **options)  # (2)


def conv3d_backprop_input(
    input_sizes, filter, out_backprop, *, strides, padding, dilations
):
    options = _options(strides, padding, dilations)
    return conv2d_backprop_input(input_sizes, filter, out_backprop, **options)  # (3)


def _options(strides, padding, dilations):
    return {
        "strides": strides,
        "padding": padding,
        "explicit_paddings": (),
        "dilations": dilations,
    }
