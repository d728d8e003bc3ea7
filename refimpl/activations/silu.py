"""Sigmoid-weighted linear unit, also called swish (Elfwing, Uchibe, Doya 2017)."""

from dataclasses import dataclass
from typing import Any, ClassVar

from refimpl.activations.activation import Activation
from refimpl.activations.sigmoid import Sigmoid


@dataclass(frozen=True)
class SiLU(Activation):
    """y = x s with s = sigmoid(x); dy/dx = s (1 + x (1 - s))."""

    sigmoid: Any = Sigmoid()

    name: ClassVar = "silu"

    def forward(self, x):
        return x * self.sigmoid.forward(x)  # (1)

    def backward(self, yb, x, y):
        s = self.sigmoid.forward(x)  # (2)
        return yb * (s * (1 + x * (1 - s)))  # (3)
