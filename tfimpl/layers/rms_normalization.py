"""Root mean square layer normalization (Zhang and Sennrich 2019, (4))."""

from dataclasses import dataclass
from math import prod
from typing import ClassVar

import tensorflow as tf

from tfimpl.layers.layer import Layer


@dataclass(frozen=True)
class RMSNormalization(Layer):
    """Keras: ``RMSNormalization``."""

    axis: int | tuple = -1
    epsilon: float = 1e-6

    weight_names: ClassVar = ("scale",)

    @property
    def over(self):
        axes = self.axis if isinstance(self.axis, tuple) else (self.axis,)
        rank = len(self.input_shape) + 1
        return tuple(axis % rank - rank for axis in axes)

    @property
    def sizes(self):
        return tuple(self.input_shape[axis] for axis in self.over)

    @property
    def weight_shapes(self):
        *rows, last = self.sizes
        return ((prod(rows), last),)

    def spread(self, scale):
        """Return the scale in the axes of a batch of samples."""
        ones = (1,) * (len(self.input_shape) + 1 - len(self.over))
        return tf.reshape(scale, (*scale.shape[:-2], *ones, *self.sizes))

    def forward(self, weights, x):
        (scale,) = weights
        total = tf.reduce_sum(tf.square(x), axis=self.over, keepdims=True)  # (1)
        r = tf.math.rsqrt(total / prod(self.sizes) + self.epsilon)  # (2)
        u = x * r  # (3)
        return u * self.spread(scale), x  # (4)

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (5)-(9)
