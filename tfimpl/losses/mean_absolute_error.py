"""Mean absolute error."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.gradients import pull_back
from tfimpl.losses.loss import Loss


@dataclass(frozen=True)
class MeanAbsoluteError(Loss):
    """Keras: ``keras.losses.MeanAbsoluteError``."""

    name: ClassVar = "mean_absolute_error"

    def samples(self, O, T):
        return tf.reduce_mean(tf.abs(T - O), axis=-1)  # (1)

    def samples_backward(self, Sb, O, T):
        return pull_back(lambda O: self.samples(O, T), O, Sb)  # (2)
