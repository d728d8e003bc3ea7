"""The largest number under a window (seed 000, 6-4, 6-6)."""

from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from tfimpl.layers.layer import Layer
from tfimpl.layers.windows import in_one_axis, look_up, windows


@dataclass(frozen=True)
class MaxPooling(Layer):
    """Keras: ``MaxPooling1D``, ``MaxPooling2D`` and ``MaxPooling3D``."""

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

    def wins(self, seen):
        """Say which places of (..., windows, places of a window, channels) are chosen."""
        first = tf.argmax(seen, axis=-2)[..., None, :]
        return tf.range(seen.shape[-2], dtype=first.dtype)[:, None] == first

    def forward(self, weights, x):
        places = in_one_axis(x, len(self.input_shape) - 1)
        seen = look_up(places, self.windows.inside)  # (1)
        chosen = tf.where(self.wins(seen), seen, tf.zeros_like(seen))
        y = tf.reduce_sum(chosen, axis=-2)  # (2)
        return tf.reshape(y, (*self.leading(x), -1, *self.output_shape)), x

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (3)-(4)


class MaxPooling1D(MaxPooling):
    """Keras: ``MaxPooling1D``."""


class MaxPooling2D(MaxPooling):
    """Keras: ``MaxPooling2D``."""


class MaxPooling3D(MaxPooling):
    """Keras: ``MaxPooling3D``."""
