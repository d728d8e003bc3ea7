"""Exponential linear unit (Clevert, Unterthiner, Hochreiter 2016, section 3)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.activations.activation import Activation
from tfimpl.gradients import pull_back


@dataclass(frozen=True)
class ELU(Activation):
    """Keras: ``activation="elu"``, and ``keras.activations.elu(x, alpha)``.

    TensorFlow's CPU kernel computes exp(x) - 1, which loses its digits near 0; here
    and in XLA it is expm1(x).
    """

    alpha: float = 1.0

    name: ClassVar = "elu"

    def forward(self, x):
        below = self.alpha * tf.math.expm1(tf.minimum(x, 0))  # (1)
        return tf.where(x > 0, x, below)  # (2)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (3)
