"""Mish (Misra 2019, section 1)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import tensorflow as tf

from tfimpl.activations.activation import Activation
from tfimpl.activations.softplus import Softplus
from tfimpl.counterpart import Counterpart
from tfimpl.gradients import pull_back


@dataclass(frozen=True)
class Mish(Activation):
    """Keras: ``activation="mish"``."""

    softplus: Any = Softplus()

    name: ClassVar = "mish"
    in_keras: ClassVar = Counterpart(without=("softplus",))

    def forward(self, x):
        t = tf.tanh(self.softplus.forward(x))  # (1)
        return x * t  # (2)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (3)-(6)
