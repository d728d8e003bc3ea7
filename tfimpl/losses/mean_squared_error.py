"""Mean squared error (seed 001, 411, remarks 5 and 6)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.gradients import pull_back
from tfimpl.losses.loss import Loss


@dataclass(frozen=True)
class MeanSquaredError(Loss):
    """The mean over the units, then the mean over the batch."""

    name: ClassVar = "mean_squared_error"

    def samples(self, O, T):
        return tf.reduce_mean(tf.square(O - T), axis=-1)  # (1)

    def samples_backward(self, Sb, O, T):
        return pull_back(lambda O: self.samples(O, T), O, Sb)  # (2)-(3)
