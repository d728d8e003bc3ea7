"""Huber's loss (Huber 1964)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.gradients import pull_back
from tfimpl.losses.loss import Loss


@dataclass(frozen=True)
class Huber(Loss):
    """Keras: ``keras.losses.Huber``."""

    delta: float = 1.0

    name: ClassVar = "huber"

    def samples(self, O, T):
        error = O - T  # (1)
        inner = 0.5 * tf.square(error)  # (2)
        outer = self.delta * tf.abs(error) - 0.5 * self.delta**2  # (3)
        far = tf.abs(error) > self.delta
        return tf.reduce_mean(tf.where(far, outer, inner), axis=-1)  # (4)

    def samples_backward(self, Sb, O, T):
        return pull_back(lambda O: self.samples(O, T), O, Sb)  # (5)-(8)
