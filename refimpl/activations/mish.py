"""Mish (Misra 2019, section 1)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from refimpl.activations.activation import Activation
from refimpl.activations.softplus import Softplus


@dataclass(frozen=True)
class Mish(Activation):
    """y = x t with t = tanh(softplus(x)); dy/dx = t + x (1 - t^2) sigmoid(x)."""

    softplus: Any = Softplus()

    name: ClassVar = "mish"

    def forward(self, x):
        t = np.tanh(self.softplus.forward(x))  # (1)
        return x * t  # (2)

    def backward(self, yb, x, y):
        s = self.softplus.forward(x)  # (3)
        t = np.tanh(s)  # (4)
        sb = yb * x * (1 - np.square(t))  # (5)
        return yb * t + self.softplus.backward(sb, x, s)  # (6)
