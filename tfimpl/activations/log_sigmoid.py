"""Logarithm of the sigmoid."""

from dataclasses import dataclass
from typing import Any, ClassVar

from tfimpl.activations.activation import Activation
from tfimpl.activations.softplus import Softplus
from tfimpl.counterpart import Counterpart
from tfimpl.gradients import pull_back


@dataclass(frozen=True)
class LogSigmoid(Activation):
    """Keras: ``activation="log_sigmoid"``."""

    softplus: Any = Softplus()

    name: ClassVar = "log_sigmoid"
    in_keras: ClassVar = Counterpart(without=("softplus",))

    def forward(self, x):
        return -self.softplus.forward(-x)  # (1)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (2)
