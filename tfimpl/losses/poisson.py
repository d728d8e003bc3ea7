"""Poisson loss: the negative log-likelihood of counts T at rates O."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.gradients import pull_back
from tfimpl.losses.loss import EPSILON, Loss


@dataclass(frozen=True)
class Poisson(Loss):
    """Keras: ``keras.losses.Poisson``."""

    name: ClassVar = "poisson"

    def samples(self, O, T):
        return tf.reduce_mean(O - T * tf.math.log(O + EPSILON), axis=-1)  # (1)

    def samples_backward(self, Sb, O, T):
        return pull_back(lambda O: self.samples(O, T), O, Sb)  # (2)-(3)
