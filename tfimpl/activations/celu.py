"""Continuously differentiable exponential linear unit (Barron 2017, equation 2)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.activations.activation import Activation
from tfimpl.gradients import pull_back


@dataclass(frozen=True)
class CELU(Activation):
    """Keras: ``activation="celu"``, and ``keras.activations.celu(x, alpha)``."""

    alpha: float = 1.0

    name: ClassVar = "celu"

    def forward(self, x):
        below = self.alpha * tf.math.expm1(tf.minimum(x, 0) / self.alpha)  # (1)
        return tf.where(x < 0, below, x)  # (2)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (3)-(4)
