"""Dice loss (Milletari, Navab, Ahmadi 2016, section 3)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.gradients import pull_back
from tfimpl.losses.loss import EPSILON, Loss


@dataclass(frozen=True)
class Dice(Loss):
    """Keras: ``keras.losses.Dice``."""

    axis: int | None = None

    name: ClassVar = "dice"

    def samples(self, O, T):
        overlap, divisor = self.parts(O, T)
        return (1 - overlap / divisor)[..., 0]  # (1)

    def samples_backward(self, Sb, O, T):
        return pull_back(lambda O: self.samples(O, T), O, self.pooled(Sb))  # (2)-(5)

    def parts(self, O, T):
        """Return twice the overlap and the divisor, (..., 1 or batch, 1)."""
        over = {"axis": self.axis or (-2, -1), "keepdims": True}
        overlap = 2 * tf.reduce_sum(T * O, **over)  # (6)
        return overlap, tf.reduce_sum(T, **over) + tf.reduce_sum(O, **over) + EPSILON  # (7)

    def pooled(self, Sb):
        """Return the cotangent of S; what all samples weigh, of the S that they share."""
        return tf.reduce_sum(Sb, axis=-1, keepdims=True) if self.axis is None else Sb  # (8)

    def each(self, O):
        return O[..., :1, 0] if self.axis is None else O[..., 0]
