"""Mean squared logarithmic error."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.gradients import pull_back
from tfimpl.losses.loss import EPSILON, Loss


@dataclass(frozen=True)
class MeanSquaredLogarithmicError(Loss):
    """Keras: ``keras.losses.MeanSquaredLogarithmicError``."""

    name: ClassVar = "mean_squared_logarithmic_error"
    epsilon: ClassVar = EPSILON

    def samples(self, O, T):
        first = tf.math.log(tf.maximum(O, self.epsilon) + 1)  # (1)
        second = tf.math.log(tf.maximum(T, self.epsilon) + 1)  # (2)
        return tf.reduce_mean(tf.square(first - second), axis=-1)  # (3)

    def samples_backward(self, Sb, O, T):
        return pull_back(lambda O: self.samples(O, T), O, Sb)  # (4)-(8)
