"""Soft shrinkage: x is moved towards 0 by the threshold."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.activations.activation import Activation
from tfimpl.gradients import pull_back


@dataclass(frozen=True)
class SoftShrink(Activation):
    """Keras: ``activation="soft_shrink"``, and ``keras.activations.soft_shrink(x,
    threshold)``.
    """

    threshold: float = 0.5

    name: ClassVar = "soft_shrink"

    def forward(self, x):
        below = tf.where(x < -self.threshold, x + self.threshold, tf.zeros_like(x))  # (1)
        return tf.where(x > self.threshold, x - self.threshold, below)  # (2)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (3)-(4)
