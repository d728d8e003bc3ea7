"""Softplus (Dugas and others 2001)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from refimpl.activations.activation import Activation
from refimpl.activations.sigmoid import Sigmoid


@dataclass(frozen=True)
class Softplus(Activation):
    """y = log(1 + exp(x)); dy/dx = sigmoid(x).

    Written so that no exponential overflows: max(x, 0) + log(1 + exp(-|x|)).
    """

    sigmoid: Any = Sigmoid()

    name: ClassVar = "softplus"

    def forward(self, x):
        tail = np.log1p(np.exp(-np.abs(x)))  # (1)
        return np.maximum(x, 0) + tail  # (2)

    def backward(self, yb, x, y):
        return yb * self.sigmoid.forward(x)  # (3)
