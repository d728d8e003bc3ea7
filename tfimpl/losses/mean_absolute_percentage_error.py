"""Mean absolute percentage error."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.gradients import pull_back
from tfimpl.losses.loss import EPSILON, Loss


@dataclass(frozen=True)
class MeanAbsolutePercentageError(Loss):
    """Keras: ``keras.losses.MeanAbsolutePercentageError``."""

    name: ClassVar = "mean_absolute_percentage_error"

    def samples(self, O, T):
        share = (T - O) / tf.maximum(tf.abs(T), EPSILON)  # (1)
        return 100 * tf.reduce_mean(tf.abs(share), axis=-1)  # (2)

    def samples_backward(self, Sb, O, T):
        return pull_back(lambda O: self.samples(O, T), O, Sb)  # (3)-(4)
