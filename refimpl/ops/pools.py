"""Pooling of images, and its gradients: the mathematics of the pooling layers."""

import numpy as np

from refimpl.layers import (
    AveragePooling2D,
    AveragePooling3D,
    MaxPooling2D,
    MaxPooling3D,
)
from refimpl.layers.windows import in_one_axis, look_up
from refimpl.ops.rows_by_number import _summed_by_number

# What is nearer to the largest of its window counts as the largest, whatever its size:
# tensorflow/core/kernels/pooling_ops_3d.cc, LaunchMaxPooling3dGradOp.
_AS_LARGE = 1e-5

_MAXIMA = {2: MaxPooling2D, 3: MaxPooling3D}
_AVERAGES = {2: AveragePooling2D, 3: AveragePooling3D}


def max_pool(input, *, ksize, strides, padding):
    """input (batch, height, width, channels)."""
    largest = _max_pool(input, ksize=ksize, strides=strides, padding=padding)  # (1)
    return _from_the_lowest(largest)


def _max_pool(input, *, ksize, strides, padding):
    return _layer(_MAXIMA, input.shape, ksize, strides, padding).forward((), input)[0]


def _from_the_lowest(largest):
    """Kernels begin with the lowest float, and have it where a window is -inf alone.

    Not those of bfloat16 (``tensorflow-max-pool-of-no-number``).
    """
    if type(largest) is not np.ndarray or largest.dtype.kind != "f":
        return largest
    return np.maximum(largest, np.finfo(largest.dtype).min)


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


def max_pool_grad_grad(orig_input, orig_output, grad, *, ksize, strides, padding):
    """Of each window what there is at the first place of its largest number."""
    windows, place = _first_largest(orig_input, ksize, strides, padding)
    seen = look_up(in_one_axis(grad, 2), windows.inside)  # (8)
    taken = np.take_along_axis(seen, place, -2)
    return taken.reshape(orig_output.shape)  # (9)


def max_pool_with_argmax(
    input, *, ksize, strides, padding, Targmax, include_batch_in_index
):
    """The largest number of each window, and its place, counted as it lies in memory."""
    largest = _max_pool(input, ksize=ksize, strides=strides, padding=padding)  # (10)
    windows, place = _first_largest(input, ksize, strides, padding)
    batch, height, width, channels = input.shape
    table = np.broadcast_to(windows.table[..., None], (batch, *windows.table.shape, 1))
    pixels = np.take_along_axis(table, place, -2)
    first = np.arange(batch)[:, None, None, None] * bool(include_batch_in_index)
    numbers = (first * (height * width) + pixels) * channels + np.arange(channels)  # (11)
    return largest, numbers.reshape(largest.shape).astype(Targmax)


def max_pool_grad_with_argmax(
    input, grad, argmax, *, ksize, strides, padding, include_batch_in_index
):
    """What flows back to a place: the sum over the windows of which it is the largest."""
    batch, each = len(input), int(np.prod(input.shape[1:]))
    first = 0 if include_batch_in_index else each * np.arange(batch)[:, None]
    numbers = np.ravel(np.reshape(argmax, (batch, -1)) + first)
    total = _summed_by_number(grad.reshape(-1, 1), numbers, batch * each)  # (12)
    return total.reshape(input.shape)


def _first_largest(images, ksize, strides, padding):
    """Return the windows, and where the largest is: (batch, windows, 1, channels)."""
    windows = _layer(_MAXIMA, images.shape, ksize, strides, padding).windows
    seen = look_up(in_one_axis(images, 2), windows.inside)
    least = np.where(windows.is_nothing[..., None], -np.inf, seen)
    return windows, np.argmax(least, axis=-2)[..., None, :]


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
