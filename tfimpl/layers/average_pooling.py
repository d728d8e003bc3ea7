"""The mean of the numbers under a window (seed 000, 6-4)."""

from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from tfimpl.layers.layer import Layer
from tfimpl.layers.windows import in_one_axis, look_up, windows


@dataclass(frozen=True)
class AveragePooling(Layer):
    """Keras: ``AveragePooling1D``, ``AveragePooling2D`` and ``AveragePooling3D``."""

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
        return sums * (1 / tf.constant(self.windows.counts_inside, sums.dtype))

    def forward(self, weights, x):
        places = in_one_axis(x, len(self.input_shape) - 1)
        seen = look_up(places, self.windows.table)  # (1)
        y = self.shared(tf.reduce_sum(seen, axis=-2))  # (2)
        return tf.reshape(y, (*self.leading(x), -1, *self.output_shape)), x

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (3)-(4)


class AveragePooling1D(AveragePooling):
    """Keras: ``AveragePooling1D``."""


class AveragePooling2D(AveragePooling):
    """Keras: ``AveragePooling2D``."""


class AveragePooling3D(AveragePooling):
    """Keras: ``AveragePooling3D``."""
