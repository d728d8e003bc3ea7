"""Categorical focal cross-entropy (Lin and others 2017, equation 5)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.gradients import pull_back
from tfimpl.losses.loss import EPSILON, Loss


@dataclass(frozen=True)
class CategoricalFocalCrossentropy(Loss):
    """Keras: ``keras.losses.CategoricalFocalCrossentropy``."""

    alpha: float | tuple = 0.25
    gamma: float = 2.0
    label_smoothing: float = 0.0

    name: ClassVar = "categorical_focal_crossentropy"

    def samples(self, O, T):
        share = O / tf.reduce_sum(O, axis=-1, keepdims=True)  # (1)
        p = tf.clip_by_value(share, EPSILON, 1 - EPSILON)  # (2)
        entropy = -self.smoothed(T) * tf.math.log(p)  # (3)
        weight = tf.pow(1 - p, self.gamma) * self.balance(O)  # (4)
        return tf.reduce_sum(weight * entropy, axis=-1)  # (5)

    def samples_backward(self, Sb, O, T):
        return pull_back(lambda O: self.samples(O, T), O, Sb)  # (6)-(17)

    def smoothed(self, T):
        s = self.label_smoothing
        return T * (1 - s) + s / T.shape[-1]  # (18)

    def balance(self, O):
        """Return alpha; of a tuple, the numbers of the classes."""
        return (
            tf.constant(self.alpha, O.dtype)
            if isinstance(self.alpha, tuple)
            else self.alpha
        )  # (19)
