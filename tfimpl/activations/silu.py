"""Sigmoid-weighted linear unit, also called swish (Elfwing, Uchibe, Doya 2017)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import tensorflow as tf

from tfimpl.activations.activation import Activation
from tfimpl.activations.sigmoid import Sigmoid
from tfimpl.counterpart import Counterpart
from tfimpl.gradients import pull_back


@dataclass(frozen=True)
class SiLU(Activation):
    """Keras: ``activation="silu"``, the same as ``"swish"``; tf.nn.silu has a gradient of
    its own.
    """

    sigmoid: Any = Sigmoid()

    name: ClassVar = "silu"
    in_keras: ClassVar = Counterpart(without=("sigmoid",))

    def forward(self, x):
        return tf.nn.silu(x)  # (1)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (2)-(3)
