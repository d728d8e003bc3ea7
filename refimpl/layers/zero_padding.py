"""Zeros before and behind the places of each axis."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from refimpl.layers.layer import Layer
from refimpl.layers.windows import both_ends, within


@dataclass(frozen=True)
class ZeroPadding(Layer):
    """x (..., batch, *places, channels) -> y (..., batch, *more places, channels).

    padding: a number for all ends, or (before, behind) in 1D, or one pair for each axis.
    """

    padding: Any = 1

    @property
    def ends(self):
        return both_ends(self.padding, len(self.input_shape) - 1)

    @property
    def output_shape(self):
        *places, channels = self.input_shape
        return (*(n + sum(pair) for n, pair in zip(places, self.ends)), channels)

    def forward(self, weights, x):
        others = len(x.shape) - len(self.input_shape)
        y = np.pad(x, (*((0, 0),) * others, *self.ends, (0, 0)))  # (1)
        return y, x

    def backward(self, weights, kept, yb):
        return yb[within(self.output_shape, self.ends)], ()  # (2)


class ZeroPadding1D(ZeroPadding):
    """One axis of places: input_shape (steps, channels)."""


class ZeroPadding2D(ZeroPadding):
    """Two axes of places: input_shape (height, width, channels)."""


class ZeroPadding3D(ZeroPadding):
    """Three axes of places: input_shape (depth, height, width, channels)."""
