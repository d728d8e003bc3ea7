"""Every place several times (seed 000, 6-5)."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from refimpl.layers.layer import Layer
from refimpl.layers.windows import in_one_axis, look_up, per_axis, windows


@dataclass(frozen=True)
class UpSampling(Layer):
    """y[q, c] = x[q // size, c] on each axis; a place's gradient is the sum of its copies'.

    x (..., batch, *places, channels) -> y (..., batch, *places * size, channels).
    """

    size: Any = 2

    @property
    def output_shape(self):
        *places, channels = self.input_shape
        sizes = per_axis(self.size, len(places))
        return (*(n * size for n, size in zip(places, sizes)), channels)

    @property
    def copies(self):
        """The windows that hold the copies of each place."""
        return windows(self.output_shape[:-1], self.size, self.size)

    def forward(self, weights, x):
        y, axes = x, len(self.input_shape) - 1
        for axis, size in enumerate(per_axis(self.size, axes)):
            y = np.repeat(y, size, axis=axis - axes - 1)  # (1)
        return y, x

    def backward(self, weights, kept, yb):
        places = in_one_axis(yb, len(self.input_shape) - 1)
        xb = np.sum(look_up(places, self.copies.table), axis=-2)  # (2)
        return xb.reshape(*kept.shape), ()


class UpSampling1D(UpSampling):
    """One axis of places: input_shape (steps, channels)."""


class UpSampling2D(UpSampling):
    """Two axes of places: input_shape (height, width, channels)."""


class UpSampling3D(UpSampling):
    """Three axes of places: input_shape (depth, height, width, channels)."""
