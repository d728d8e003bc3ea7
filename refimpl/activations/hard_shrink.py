"""Hard shrinkage: the identity outside -threshold ... threshold, 0 inside."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.activations.activation import Activation


@dataclass(frozen=True)
class HardShrink(Activation):
    """dy/dx = 1 where |x| > threshold, and 0 elsewhere, also where y jumps."""

    threshold: float = 0.5

    name: ClassVar = "hard_shrink"

    def forward(self, x):
        return np.where(np.abs(x) > self.threshold, x, 0)  # (1)

    def backward(self, yb, x, y):
        return np.where(np.abs(x) > self.threshold, yb, 0)  # (2)
