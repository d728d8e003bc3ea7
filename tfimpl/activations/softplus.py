"""Softplus (Dugas and others 2001)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import tensorflow as tf

from tfimpl.activations.activation import Activation
from tfimpl.activations.sigmoid import Sigmoid
from tfimpl.counterpart import Counterpart
from tfimpl.gradients import pull_back


@dataclass(frozen=True)
class Softplus(Activation):
    """Keras: ``activation="softplus"``; a kernel of its own."""

    sigmoid: Any = Sigmoid()

    name: ClassVar = "softplus"
    in_keras: ClassVar = Counterpart(without=("sigmoid",))

    def forward(self, x):
        return tf.math.softplus(x)  # (1)-(2)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (3)
