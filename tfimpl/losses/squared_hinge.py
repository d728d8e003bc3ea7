"""Squared hinge loss."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.gradients import pull_back
from tfimpl.losses.loss import Loss


@dataclass(frozen=True)
class SquaredHinge(Loss):
    """Keras: ``keras.losses.SquaredHinge``."""

    name: ClassVar = "squared_hinge"

    def samples(self, O, T):
        below = tf.maximum(1 - self.signs(T) * O, 0)  # (1)
        return tf.reduce_mean(tf.square(below), axis=-1)  # (2)

    def samples_backward(self, Sb, O, T):
        return pull_back(lambda O: self.samples(O, T), O, Sb)  # (3)-(6)

    def signs(self, T):
        """Return -1 and 1 for labels that are all 0 and 1, and T for others."""
        off = tf.reduce_max(tf.abs(T * (T - 1)), axis=-1, keepdims=True)  # (7)
        off = tf.reduce_max(off, axis=-2, keepdims=True)  # (8)
        return tf.where(off > 0, T, 2 * T - 1)  # (9)
