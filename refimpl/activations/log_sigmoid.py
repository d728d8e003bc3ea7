"""Logarithm of the sigmoid."""

from dataclasses import dataclass
from typing import Any, ClassVar

from refimpl.activations.activation import Activation
from refimpl.activations.softplus import Softplus


@dataclass(frozen=True)
class LogSigmoid(Activation):
    """y = log(1 / (1 + exp(-x))) = -softplus(-x); dy/dx = sigmoid(-x)."""

    softplus: Any = Softplus()

    name: ClassVar = "log_sigmoid"

    def forward(self, x):
        return -self.softplus.forward(-x)  # (1)

    def backward(self, yb, x, y):
        return -self.softplus.backward(-yb, -x, -y)  # (2)
