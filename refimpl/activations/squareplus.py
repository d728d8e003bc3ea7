"""Squareplus (Barron 2021, equation 1)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.activations.activation import Activation


@dataclass(frozen=True)
class Squareplus(Activation):
    """y = (x + sqrt(x^2 + b)) / 2; dy/dx = (1 + x / sqrt(x^2 + b)) / 2."""

    b: float = 4

    name: ClassVar = "squareplus"

    def forward(self, x):
        root = np.sqrt(np.square(x) + self.b)  # (1)
        return (x + root) / 2  # (2)

    def backward(self, yb, x, y):
        root = np.sqrt(np.square(x) + self.b)  # (3)
        half = yb / 2  # (4)
        squareb = half * (0.5 / root)  # (5)
        return half + squareb * (x * 2)  # (6)
