"""Soft shrinkage: x is moved towards 0 by the threshold."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.activations.activation import Activation


@dataclass(frozen=True)
class SoftShrink(Activation):
    """y = x - threshold above, x + threshold below, 0 between; dy/dx = 1, 1, 0, at both
    kinks 0.
    """

    threshold: float = 0.5

    name: ClassVar = "soft_shrink"

    def forward(self, x):
        below = np.where(x < -self.threshold, x + self.threshold, 0)  # (1)
        return np.where(x > self.threshold, x - self.threshold, below)  # (2)

    def backward(self, yb, x, y):
        below = np.where(x < -self.threshold, yb, 0)  # (3)
        return np.where(x > self.threshold, yb, below)  # (4)
