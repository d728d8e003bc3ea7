"""Masking: time steps that hold nothing but the mask's value do not count."""

from dataclasses import dataclass

import tensorflow as tf

from tfimpl.layers.layer import Layer


@dataclass(frozen=True)
class Masking(Layer):
    """Keras: ``Masking(mask_value)``."""

    mask_value: float = 0.0

    def furthest(self, x):
        """Return how far from the value each time step gets: (..., batch, steps, 1)."""
        return tf.reduce_max(tf.abs(x - self.mask_value), axis=-1, keepdims=True)  # (1)

    def next_mask(self, x, mask):
        one = tf.ones_like(x[..., 0])
        return tf.where(self.furthest(x)[..., 0] > 0, one, tf.zeros_like(one))  # (2)

    def forward(self, weights, x):
        furthest = self.furthest(x)
        return tf.where(furthest > 0, x, tf.zeros_like(x)), x  # (3)

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (4)
