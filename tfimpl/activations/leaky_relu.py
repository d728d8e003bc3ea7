"""Leaky rectified linear unit (Maas, Hannun, Ng 2013, equation 2)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.activations.activation import Activation
from tfimpl.gradients import pull_back


@dataclass(frozen=True)
class LeakyReLU(Activation):
    """Keras: ``activation="leaky_relu"``; its float64 slope is a float32 attribute of the
    op.
    """

    negative_slope: float = 0.2

    name: ClassVar = "leaky_relu"

    def forward(self, x):
        return tf.where(x > 0, x, x * self.negative_slope)  # (1)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (2)
