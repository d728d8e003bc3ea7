"""Gated linear unit (Dauphin and others 2017, equation 1)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import tensorflow as tf

from tfimpl.activations.activation import Activation
from tfimpl.activations.sigmoid import Sigmoid
from tfimpl.counterpart import Counterpart
from tfimpl.gradients import pull_back


@dataclass(frozen=True)
class GLU(Activation):
    """Keras: ``activation="glu"``."""

    sigmoid: Any = Sigmoid()

    name: ClassVar = "glu"
    in_keras: ClassVar = Counterpart(without=("sigmoid",))

    def forward(self, x):
        a, b = tf.split(x, 2, axis=-1)  # (1)
        return a * self.sigmoid.forward(b)  # (2)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (3)-(7)
