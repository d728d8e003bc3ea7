"""Tversky loss of all units together (Salehi and others 2017, equation 2)."""

from dataclasses import dataclass
from typing import ClassVar

import keras
import tensorflow as tf

from tfimpl.gradients import pull_back
from tfimpl.losses.loss import EPSILON


@dataclass(frozen=True)
class Tversky:
    """Keras: ``keras.losses.Tversky``."""

    alpha: float = 0.5
    beta: float = 0.5

    name: ClassVar = "tversky"

    def forward(self, O, T):
        i, divisor = self.parts(O, T)
        return (1 - i / divisor)[..., 0, 0]  # (1)

    def backward(self, O, T):
        return pull_back(lambda O: self.forward(O, T), O, None)  # (2)-(5)

    def parts(self, O, T):
        """Return i and the divisor, (..., 1, 1)."""
        every = {"axis": (-2, -1), "keepdims": True}
        i = tf.reduce_sum(T * O, **every)  # (6)
        p = tf.reduce_sum((1 - O) * T, **every)  # (7)
        n = tf.reduce_sum(O * (1 - T), **every)  # (8)
        return i, i + p * self.alpha + n * self.beta + EPSILON  # (9)

    def keras(self):
        return keras.losses.Tversky(self.alpha, self.beta)
