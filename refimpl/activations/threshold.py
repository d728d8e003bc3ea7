"""Threshold: the identity above a value, a constant below."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.activations.activation import Activation


@dataclass(frozen=True)
class Threshold(Activation):
    """y = x for x > threshold, default_value elsewhere; dy/dx = 1, 0, and 0 at the
    threshold.
    """

    threshold: float = 0.0
    default_value: float = 0.0

    name: ClassVar = "threshold"

    def forward(self, x):
        return np.where(x > self.threshold, x, self.default_value)  # (1)

    def backward(self, yb, x, y):
        return np.where(x > self.threshold, yb, 0)  # (2)
