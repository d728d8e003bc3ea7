"""Categorical cross-entropy of a softmax, from its logits z = O."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.counterpart import Counterpart
from tfimpl.gradients import pull_back
from tfimpl.losses.loss import Loss


@dataclass(frozen=True)
class CategoricalCrossentropyFromLogits(Loss):
    """Keras: ``keras.losses.CategoricalCrossentropy``."""

    label_smoothing: float = 0.0

    name: ClassVar = "categorical_crossentropy_logits"
    in_keras: ClassVar = Counterpart(
        "CategoricalCrossentropy", from_logits=True, behind="softmax"
    )

    def samples(self, O, T):
        t = self.smoothed(T)  # (1)
        return tf.nn.softmax_cross_entropy_with_logits(t, O)  # (2)-(4)

    def samples_backward(self, Sb, O, T):
        return pull_back(lambda O: self.samples(O, T), O, Sb)  # (5)-(8)

    def smoothed(self, T):
        s = self.label_smoothing
        return T * (1 - s) + s / T.shape[-1]  # (9)
