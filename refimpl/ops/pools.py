"""Pooling of images, and its gradients: the mathematics of the pooling layers."""

import numpy as np

from refimpl.layers import (
    AveragePooling2D,
    AveragePooling3D,
    MaxPooling2D,
    MaxPooling3D,
)
from refimpl.layers.windows import in_one_axis, look_up

# What is nearer to the largest of its window counts as the largest, whatever its size:
# tensorflow/core/kernels/pooling_ops_3d.cc, LaunchMaxPooling3dGradOp.
_AS_LARGE = 1e-5

_MAXIMA = {2: MaxPooling2D, 3: MaxPooling3D}
_AVERAGES = {2: AveragePooling2D, 3: AveragePooling3D}


def max_pool(input, *, ksize, strides, padding):
    """input (batch, height, width, channels)."""
    return _layer(_MAXIMA, input.shape, ksize, strides, padding).forward((), input)[
        0
    ]  # (1)


def max_pool_grad(orig_input, orig_output, grad, *, ksize, strides, padding):
    layer = _layer(_MAXIMA, orig_input.shape, ksize, strides, padding)
    _, seen = layer.forward((), orig_input)  # (2)
    return layer.backward((), seen, grad)[0]  # (3)


def avg_pool(value, *, ksize, strides, padding):
    return _layer(_AVERAGES, value.shape, ksize, strides, padding).forward((), value)[
        0
    ]  # (4)


def avg_pool_grad(orig_input_shape, grad, *, ksize, strides, padding):
    shape = tuple(int(n) for n in orig_input_shape)
    layer = _layer(_AVERAGES, shape, ksize, strides, padding)
    return layer.backward((), _Shape(shape), grad)[0]  # (5)


def max_pool3d_grad(orig_input, orig_output, grad, *, ksize, strides, padding):
    """To every place within 1e-5 of the largest of its window: all of it, each time."""
    layer = _layer(_MAXIMA, orig_input.shape, ksize, strides, padding)
    channels = orig_input.shape[-1]
    seen = look_up(in_one_axis(orig_input, 3), layer.windows.inside)  # (6)
    largest = in_one_axis(orig_output, 3)[:, :, None]
    flow = in_one_axis(grad, 3)[:, :, None]
    near = np.absolute(seen - largest) < np.asarray(_AS_LARGE, grad.dtype)
    wins = np.logical_and(near, ~layer.windows.is_nothing[..., None])
    taken = np.where(wins, flow, np.zeros_like(flow)).reshape(len(grad), -1, channels)
    found = np.sum(look_up(taken, layer.windows.takers), axis=-2)  # (7)
    return found.reshape(orig_input.shape)


class _Shape:
    """What an average's way back needs of its input."""

    def __init__(self, shape):
        self.shape = shape


def _layer(kinds, images, ksize, strides, padding):
    return kinds[len(images) - 2](
        tuple(ksize[1:-1]),
        tuple(strides[1:-1]),
        padding.lower(),
        input_shape=tuple(int(n) for n in images[1:]),
    )
