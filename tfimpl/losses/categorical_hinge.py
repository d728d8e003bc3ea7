"""Categorical hinge loss."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.gradients import pull_back
from tfimpl.losses.loss import Loss


@dataclass(frozen=True)
class CategoricalHinge(Loss):
    """Keras: ``keras.losses.CategoricalHinge``."""

    name: ClassVar = "categorical_hinge"

    def samples(self, O, T):
        pos = tf.reduce_sum(T * O, axis=-1)  # (1)
        neg = tf.reduce_max((1 - T) * O, axis=-1)  # (2)
        return tf.maximum(neg - pos + 1, 0)  # (3)

    def samples_backward(self, Sb, O, T):
        return pull_back(lambda O: self.samples(O, T), O, Sb)  # (4)-(10)
