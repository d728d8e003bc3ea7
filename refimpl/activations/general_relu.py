"""Rectified linear unit with a threshold, a maximum and a slope below."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.activations.activation import Activation


@dataclass(frozen=True)
class GeneralReLU(Activation):
    """y = min(x, max_value) for x > threshold, negative_slope (x - threshold) below.

    dy/dx = 1 between threshold and max_value, at max_value too, and negative_slope
    up to threshold.  At a threshold other than 0 the function jumps; below an infinite one
    without a slope it is 0.
    """

    negative_slope: float = 0.0
    max_value: float | None = None
    threshold: float = 0.0

    name: ClassVar = "general_relu"

    def forward(self, x):
        above = np.where(x > self.threshold, x, 0)  # (1)
        if self.max_value is not None:
            above = np.minimum(above, self.max_value)  # (2)
        if self.negative_slope == 0:  # times infinity it would be no number
            return above
        below = np.where(x > self.threshold, 0, self.threshold - x)  # (3)
        return above - self.negative_slope * below  # (4)

    def backward(self, yb, x, y):
        above = np.where(x > self.threshold, yb, 0)  # (5)
        if self.max_value is not None:
            above = np.where(x > self.max_value, 0, above)  # (6)
        below = np.where(x > self.threshold, 0, self.negative_slope * yb)  # (7)
        return above + below  # (8)
