"""Every place several times (seed 000, 6-5)."""

from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from tfimpl.layers.layer import Layer
from tfimpl.layers.windows import per_axis, windows


@dataclass(frozen=True)
class UpSampling(Layer):
    """Keras: ``UpSampling1D``, ``UpSampling2D`` (nearest) and ``UpSampling3D``."""

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
            y = tf.repeat(y, size, axis=len(x.shape) + axis - axes - 1)  # (1)
        return y, x

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (2)

    def keras(self, dtype):
        return getattr(keras.layers, type(self).__name__)(self.size, dtype=dtype)


class UpSampling1D(UpSampling):
    """Keras: ``UpSampling1D``."""


class UpSampling2D(UpSampling):
    """Keras: ``UpSampling2D``."""


class UpSampling3D(UpSampling):
    """Keras: ``UpSampling3D``."""
