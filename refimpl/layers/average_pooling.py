"""The mean of the numbers under a window (seed 000, 6-4)."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from refimpl.layers.layer import Layer
from refimpl.layers.windows import in_one_axis, look_up, windows


@dataclass(frozen=True)
class AveragePooling(Layer):
    """y[r, c] = 1/n[r] sum over k of x[place(r, k), c]; n[r] counts no padding.

    x (..., batch, *places, channels) -> y (..., batch, *windows, channels).

    Written with 1/n as TensorFlow's kernels have it on the way back (divide_coeff in
    tensorflow/core/kernels/avgpooling_op.cc); to divide by n rounds once less.

    strides: None takes pool_size.
    """

    pool_size: Any = 2
    strides: Any = None
    padding: str = "valid"

    @property
    def windows(self):
        strides = self.pool_size if self.strides is None else self.strides
        return windows(self.input_shape[:-1], self.pool_size, strides, 1, self.padding)

    @property
    def output_shape(self):
        return (*self.windows.counts, self.input_shape[-1])

    def shared(self, sums):
        """Return (..., windows, channels), each window's by the number of its places."""
        return sums * (np.ones_like(sums) / self.windows.counts_inside)

    def forward(self, weights, x):
        places = in_one_axis(x, len(self.input_shape) - 1)
        seen = look_up(places, self.windows.table)  # (1)
        y = self.shared(np.sum(seen, axis=-2))  # (2)
        return y.reshape(*self.leading(x), -1, *self.output_shape), x

    def backward(self, weights, kept, yb):
        taken = self.shared(in_one_axis(yb, len(self.input_shape) - 1))  # (3)
        xb = np.sum(look_up(taken, self.windows.back), axis=-2)  # (4)
        return xb.reshape(*kept.shape), ()


class AveragePooling1D(AveragePooling):
    """One axis of places: input_shape (steps, channels)."""


class AveragePooling2D(AveragePooling):
    """Two axes of places: input_shape (height, width, channels)."""


class AveragePooling3D(AveragePooling):
    """Three axes of places: input_shape (depth, height, width, channels)."""
