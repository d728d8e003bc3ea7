"""Squareplus (Barron 2021, equation 1)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.activations.activation import Activation
from tfimpl.gradients import pull_back


@dataclass(frozen=True)
class Squareplus(Activation):
    """Keras: ``activation="squareplus"``, and ``keras.activations.squareplus(x, b)``."""

    b: float = 4

    name: ClassVar = "squareplus"

    def forward(self, x):
        root = tf.sqrt(tf.square(x) + self.b)  # (1)
        return (x + root) / 2  # (2)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (3)-(6)
