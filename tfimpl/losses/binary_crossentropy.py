"""Binary cross-entropy of probabilities (seed 000, 2-7)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.gradients import pull_back
from tfimpl.losses.loss import EPSILON, Loss


@dataclass(frozen=True)
class BinaryCrossentropy(Loss):
    """Keras: ``keras.losses.BinaryCrossentropy``."""

    label_smoothing: float = 0.0

    name: ClassVar = "binary_crossentropy"

    def samples(self, O, T):
        t = self.smoothed(T)  # (1)
        p = tf.clip_by_value(O, EPSILON, 1 - EPSILON)  # (2)
        likelihood = t * tf.math.log(p) + (1 - t) * tf.math.log(1 - p)  # (3)
        return tf.reduce_mean(-likelihood, axis=-1)  # (4)

    def samples_backward(self, Sb, O, T):
        return pull_back(lambda O: self.samples(O, T), O, Sb)  # (5)-(10)

    def smoothed(self, T):
        s = self.label_smoothing
        return T * (1 - s) + 0.5 * s  # (11)
