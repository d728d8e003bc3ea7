"""Fewer places: some before and behind on each axis are left out."""

from dataclasses import dataclass
from typing import Any

from tfimpl.layers.layer import Layer
from tfimpl.layers.windows import both_ends, within


@dataclass(frozen=True)
class Cropping(Layer):
    """Keras: ``Cropping1D``, ``Cropping2D`` and ``Cropping3D``."""

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
        return self.pull_back(weights, kept, yb)  # (2)


class Cropping1D(Cropping):
    """Keras: ``Cropping1D``."""


class Cropping2D(Cropping):
    """Keras: ``Cropping2D``."""


class Cropping3D(Cropping):
    """Keras: ``Cropping3D``."""
