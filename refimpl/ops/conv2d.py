"""Convolution of images, and its gradients: the mathematics of ``layers.convolution``."""

import numpy as np

from refimpl.layers import Conv2D, Conv3D
from refimpl.layers.windows import look_up


def conv2d(input, filter, *, strides, padding, explicit_paddings, dilations):
    """input (batch, height, width, channels), filter (height, width, channels, filters)."""
    x = _with_ends(input, padding, explicit_paddings)  # (1)
    layer = _layer(x.shape, filter.shape, strides, padding, dilations)
    return layer.forward((_matrix(filter),), x)[0]  # (2)


def conv2d_backprop_filter(
    input, filter_sizes, out_backprop, *, strides, padding, explicit_paddings, dilations
):
    """The gradient of the filter: what lay under a window, times what flows back to it."""
    x = _with_ends(input, padding, explicit_paddings)  # (3)
    layer = _layer(x.shape, filter_sizes, strides, padding, dilations)
    patches = layer.in_rows(look_up(layer.split(x), layer.windows.table))  # (4)
    flows = layer.split(out_backprop)
    flows = flows.reshape(*flows.shape[:-3], -1, flows.shape[-1])
    return layer.merge(patches.mT @ flows).reshape(
        tuple(int(n) for n in filter_sizes)
    )  # (5)


def conv2d_backprop_input(
    input_sizes, filter, out_backprop, *, strides, padding, explicit_paddings, dilations
):
    """The gradient of the images: what each window took from a place flows back to it."""
    sizes = tuple(int(n) for n in input_sizes)
    ends = _ends(padding, explicit_paddings)
    padded = tuple(n + before + after for n, (before, after) in zip(sizes, ends))
    layer = _layer(padded, filter.shape, strides, padding, dilations)
    taken = layer.in_rows(look_up(layer.split(out_backprop), layer.windows.back))  # (6)
    xb = layer.merge(taken @ layer.turned(_matrix(filter))).reshape(padded)  # (7)
    inside = tuple(slice(before, before + n) for n, (before, _) in zip(sizes, ends))
    return xb[inside]  # (8)


def depthwise_conv2d(input, filter, *, strides, padding, explicit_paddings, dilations):
    """Every channel by itself: filter (height, width, channels, multiplier)."""
    return conv2d(
        input,
        _of_groups(filter),
        strides=strides,
        padding=padding,
        explicit_paddings=explicit_paddings,
        dilations=dilations,
    )  # (9)


def depthwise_conv2d_backprop_filter(
    input, filter_sizes, out_backprop, *, strides, padding, explicit_paddings, dilations
):
    height, width, channels, multiplier = (int(n) for n in filter_sizes)
    gradient = conv2d_backprop_filter(
        input,
        (height, width, 1, channels * multiplier),
        out_backprop,
        strides=strides,
        padding=padding,
        explicit_paddings=explicit_paddings,
        dilations=dilations,
    )  # (10)
    return gradient.reshape(height, width, channels, multiplier)


def depthwise_conv2d_backprop_input(
    input_sizes, filter, out_backprop, *, strides, padding, explicit_paddings, dilations
):
    return conv2d_backprop_input(
        input_sizes,
        _of_groups(filter),
        out_backprop,
        strides=strides,
        padding=padding,
        explicit_paddings=explicit_paddings,
        dilations=dilations,
    )  # (11)


def _layer(images, filter, strides, padding, dilations):
    """Return the layer that it is, in groups where a filter sees fewer channels."""
    *size, seen, filters = (int(n) for n in filter)
    inside = slice(1, 1 + len(size))
    kind = Conv2D if len(size) == 2 else Conv3D
    return kind(
        filters,
        tuple(size),
        tuple(strides[inside]),
        "same" if padding == "SAME" else "valid",
        tuple(dilations[inside]),
        int(images[-1]) // seen,
        use_bias=False,
        input_shape=tuple(int(n) for n in images[1:]),
    )


def _matrix(filter):
    return filter.reshape(-1, filter.shape[-1])


def _of_groups(filter):
    """Return a depthwise filter as one of as many groups as there are channels."""
    height, width, channels, multiplier = filter.shape
    return filter.reshape(height, width, 1, channels * multiplier)


def _ends(padding, explicit_paddings):
    """Return (before, after) on every axis of the images, where they are given."""
    if padding != "EXPLICIT":
        return ((0, 0),) * 5
    return tuple(zip(explicit_paddings[::2], explicit_paddings[1::2]))


def _with_ends(images, padding, explicit_paddings):
    ends = _ends(padding, explicit_paddings)
    return np.pad(images, ends) if padding == "EXPLICIT" else images
