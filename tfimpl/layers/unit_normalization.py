"""Vectors of length 1."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.counterpart import Counterpart
from tfimpl.layers.layer import Layer


@dataclass(frozen=True)
class UnitNormalization(Layer):
    """Keras: ``UnitNormalization``."""

    axis: int | tuple = -1
    longest: float = 1e12

    passes_mask: ClassVar = True
    in_keras: ClassVar = Counterpart(without=("longest",))

    @property
    def over(self):
        axes = self.axis if isinstance(self.axis, tuple) else (self.axis,)
        rank = len(self.input_shape) + 1
        return tuple(axis % rank - rank for axis in axes)

    def forward(self, weights, x):
        square = tf.reduce_sum(tf.square(x), axis=self.over, keepdims=True)  # (1)
        short = square < self.longest**-2  # (2)
        root = tf.where(short, tf.ones_like(square), square)
        r = tf.where(short, tf.constant(self.longest, x.dtype), tf.math.rsqrt(root))  # (3)
        return x * r, x  # (4)

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (5)-(7)
