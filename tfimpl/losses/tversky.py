"""Tversky loss (Salehi and others 2017, equation 2)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.gradients import pull_back
from tfimpl.losses.loss import EPSILON, Loss


@dataclass(frozen=True)
class Tversky(Loss):
    """Keras: ``keras.losses.Tversky``."""

    alpha: float = 0.5
    beta: float = 0.5
    axis: int | None = None

    name: ClassVar = "tversky"

    def samples(self, O, T):
        i, divisor = self.parts(O, T)
        return (1 - i / divisor)[..., 0]  # (1)

    def samples_backward(self, Sb, O, T):
        return pull_back(lambda O: self.samples(O, T), O, self.pooled(Sb))  # (2)-(6)

    def parts(self, O, T):
        """Return i and the divisor, (..., 1 or batch, 1)."""
        over = {"axis": self.axis or (-2, -1), "keepdims": True}
        i = tf.reduce_sum(T * O, **over)  # (7)
        p = tf.reduce_sum((1 - O) * T, **over)  # (8)
        n = tf.reduce_sum(O * (1 - T), **over)  # (9)
        return i, i + p * self.alpha + n * self.beta + EPSILON  # (10)

    def pooled(self, Sb):
        """Return the cotangent of S; what all samples weigh, of the S that they share."""
        return (
            tf.reduce_sum(Sb, axis=-1, keepdims=True) if self.axis is None else Sb
        )  # (11)

    def each(self, O):
        return O[..., :1, 0] if self.axis is None else O[..., 0]
