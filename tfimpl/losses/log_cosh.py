"""Logarithm of the hyperbolic cosine of the error."""

from dataclasses import dataclass
from typing import Any, ClassVar

import tensorflow as tf

from tfimpl.activations import Softplus
from tfimpl.counterpart import Counterpart
from tfimpl.gradients import pull_back
from tfimpl.losses.loss import Loss


@dataclass(frozen=True)
class LogCosh(Loss):
    """Keras: ``keras.losses.LogCosh``."""

    softplus: Any = Softplus()

    name: ClassVar = "log_cosh"

    log_2 = 0.6931471805599453
    in_keras: ClassVar = Counterpart(without=("softplus",))

    def samples(self, O, T):
        error = O - T  # (1)
        each = error + self.softplus.forward(error * -2) - self.log_2  # (2)
        return tf.reduce_mean(each, axis=-1)  # (3)

    def samples_backward(self, Sb, O, T):
        return pull_back(lambda O: self.samples(O, T), O, Sb)  # (4)-(5)
