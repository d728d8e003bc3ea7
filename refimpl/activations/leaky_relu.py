"""Leaky rectified linear unit (Maas, Hannun, Ng 2013, equation 2)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.activations.activation import Activation


@dataclass(frozen=True)
class LeakyReLU(Activation):
    """y = x for x > 0, negative_slope x below; at the kink, 0, the derivative is
    negative_slope.
    """

    negative_slope: float = 0.2

    name: ClassVar = "leaky_relu"

    def forward(self, x):
        return np.where(x > 0, x, x * self.negative_slope)  # (1)

    def backward(self, yb, x, y):
        return np.where(x > 0, yb, yb * self.negative_slope)  # (2)
