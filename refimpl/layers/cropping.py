"""Fewer places: some before and behind on each axis are left out."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from refimpl.layers.layer import Layer
from refimpl.layers.windows import both_ends, within


@dataclass(frozen=True)
class Cropping(Layer):
    """x (..., batch, *places, channels) -> y (..., batch, *fewer places, channels).

    cropping: a number for all ends, or (before, behind) in 1D, or one pair for each axis.
        Keras's defaults, 1 in 1D and 3D but 0 in 2D, are none here.
    """

    cropping: Any

    @property
    def ends(self):
        return both_ends(self.cropping, len(self.input_shape) - 1)

    @property
    def output_shape(self):
        *places, channels = self.input_shape
        return (*(n - sum(pair) for n, pair in zip(places, self.ends)), channels)

    def forward(self, weights, x):
        y = x[within(self.input_shape, self.ends)]  # (1)
        return y, x

    def backward(self, weights, kept, yb):
        others = len(kept.shape) - len(self.input_shape)
        return np.pad(yb, (*((0, 0),) * others, *self.ends, (0, 0))), ()  # (2)


class Cropping1D(Cropping):
    """One axis of places: input_shape (steps, channels)."""


class Cropping2D(Cropping):
    """Two axes of places: input_shape (height, width, channels)."""


class Cropping3D(Cropping):
    """Three axes of places: input_shape (depth, height, width, channels)."""
