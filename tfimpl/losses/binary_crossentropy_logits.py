"""Binary cross-entropy of a sigmoid, from its logits."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.counterpart import Counterpart
from tfimpl.gradients import pull_back
from tfimpl.losses.loss import Loss


@dataclass(frozen=True)
class BinaryCrossentropyFromLogits(Loss):
    """Keras: ``keras.losses.BinaryCrossentropy``."""

    label_smoothing: float = 0.0

    name: ClassVar = "binary_crossentropy_logits"
    in_keras: ClassVar = Counterpart(
        "BinaryCrossentropy", from_logits=True, behind="sigmoid"
    )

    def samples(self, O, T):
        t = self.smoothed(T)  # (1)
        each = tf.nn.sigmoid_cross_entropy_with_logits(t, O)  # (2)
        return tf.reduce_mean(each, axis=-1)  # (3)

    def samples_backward(self, Sb, O, T):
        return pull_back(lambda O: self.samples(O, T), O, Sb)  # (4)-(8)

    def smoothed(self, T):
        s = self.label_smoothing
        return T * (1 - s) + 0.5 * s  # (9)
