"""Categorical cross-entropy of probabilities without logits (seed 000, 2-7)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.counterpart import Counterpart
from tfimpl.gradients import pull_back
from tfimpl.losses.loss import EPSILON, Loss


@dataclass(frozen=True)
class CategoricalCrossentropyFromProbabilities(Loss):
    """Keras: ``keras.losses.CategoricalCrossentropy``."""

    label_smoothing: float = 0.0

    name: ClassVar = "categorical_crossentropy_probabilities"
    in_keras: ClassVar = Counterpart("CategoricalCrossentropy")

    def samples(self, O, T):
        share = O / tf.reduce_sum(O, axis=-1, keepdims=True)  # (1)
        p = tf.clip_by_value(share, EPSILON, 1 - EPSILON)  # (2)
        return -tf.reduce_sum(self.smoothed(T) * tf.math.log(p), axis=-1)  # (3)

    def samples_backward(self, Sb, O, T):
        return pull_back(lambda O: self.samples(O, T), O, Sb)  # (4)-(11)

    def smoothed(self, T):
        s = self.label_smoothing
        return T * (1 - s) + s / T.shape[-1]  # (12)
