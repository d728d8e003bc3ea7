"""Binary focal cross-entropy (Lin and others 2017, equation 4)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.gradients import pull_back
from tfimpl.losses.loss import EPSILON, Loss


@dataclass(frozen=True)
class BinaryFocalCrossentropy(Loss):
    """Keras: ``keras.losses.BinaryFocalCrossentropy``."""

    apply_class_balancing: bool = False
    alpha: float = 0.25
    gamma: float = 2.0
    label_smoothing: float = 0.0

    name: ClassVar = "binary_focal_crossentropy"

    def samples(self, O, T):
        t = self.smoothed(T)  # (1)
        p = tf.clip_by_value(O, EPSILON, 1 - EPSILON)  # (2)
        entropy = -(t * tf.math.log(p) + (1 - t) * tf.math.log(1 - p))  # (3)
        q = t * O + (1 - t) * (1 - O)  # (4)
        focal = tf.pow(1 - q, self.gamma) * entropy  # (5)
        return tf.reduce_mean(self.weight(t) * focal, axis=-1)  # (6)

    def samples_backward(self, Sb, O, T):
        return pull_back(lambda O: self.samples(O, T), O, Sb)  # (7)-(17)

    def smoothed(self, T):
        s = self.label_smoothing
        return T * (1 - s) + 0.5 * s  # (18)

    def weight(self, t):
        if not self.apply_class_balancing:
            return 1
        return t * self.alpha + (1 - t) * (1 - self.alpha)  # (19)
