"""Exponential linear unit (Clevert, Unterthiner, Hochreiter 2016, section 3)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.activations.activation import Activation


@dataclass(frozen=True)
class ELU(Activation):
    """y = x for x > 0, alpha (exp(x) - 1) below; dy/dx = 1 or y + alpha.

    With alpha = 1 the derivative is 1 from both sides of 0; with another alpha there is
    a kink, where Keras takes the derivative from the left, alpha, and so does this line.
    """

    alpha: float = 1.0

    name: ClassVar = "elu"

    def forward(self, x):
        below = self.alpha * np.expm1(np.minimum(x, 0))  # (1)
        return np.where(x > 0, x, below)  # (2)

    def backward(self, yb, x, y):
        return np.where(x > 0, yb, yb * (y + self.alpha))  # (3)
