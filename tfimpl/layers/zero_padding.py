"""Zeros before and behind the places of each axis."""

from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from tfimpl.layers.layer import Layer
from tfimpl.layers.windows import both_ends


@dataclass(frozen=True)
class ZeroPadding(Layer):
    """Keras: ``ZeroPadding1D``, ``ZeroPadding2D`` and ``ZeroPadding3D``."""

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
        y = tf.pad(x, (*((0, 0),) * others, *self.ends, (0, 0)))  # (1)
        return y, x

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (2)


class ZeroPadding1D(ZeroPadding):
    """Keras: ``ZeroPadding1D``."""


class ZeroPadding2D(ZeroPadding):
    """Keras: ``ZeroPadding2D``."""


class ZeroPadding3D(ZeroPadding):
    """Keras: ``ZeroPadding3D``."""
