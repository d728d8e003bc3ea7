"""Continuously differentiable exponential linear unit (Barron 2017, equation 2)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.activations.activation import Activation


@dataclass(frozen=True)
class CELU(Activation):
    """y = max(x, 0) + alpha (exp(min(x, 0) / alpha) - 1); dy/dx = 1 or exp(x / alpha).

    It is differentiable everywhere: at 0 the derivative is 1.  Keras gives 2 there,
    since both its maximum and its minimum let the gradient of a tie pass.
    """

    alpha: float = 1.0

    name: ClassVar = "celu"

    def forward(self, x):
        below = self.alpha * np.expm1(np.minimum(x, 0) / self.alpha)  # (1)
        return np.maximum(x, 0) + below  # (2)

    def backward(self, yb, x, y):
        below = yb * self.alpha * np.exp(np.minimum(x, 0) / self.alpha) / self.alpha  # (3)
        return np.where(x < 0, below, yb)  # (4)
