"""A line by total least squares (seed 000, 2-1; Pearson 1901).

    d_i = (y_i - a x_i - b) / sqrt(1 + a^2)   the distance of a point from the line
    E = sum_i d_i^2
    dE/da = -2 sum_i r_i x_i / (1 + a^2) - 2 a sum_i r_i^2 / (1 + a^2)^2
    dE/db = -2 sum_i r_i / (1 + a^2)          with r_i = y_i - a x_i - b

Ordinary least squares takes the distance along y alone, r_i: it is a Dense layer of one
unit under mean squared error.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class TotalLeastSquares(Network):
    """x -> y, with x and y of the shape (..., batch, 1), a and b (..., 1, 1)."""

    weight_names: ClassVar = ("a", "b")
    activation_names: ClassVar = ("Y",)

    def forward(self, weights, X):
        a, b = weights
        return (a * X + b,)  # (1)

    def propagate(self, weights, X, T):
        """Return the activations, the error and the gradients."""
        a, _ = weights
        (Y,) = self.forward(weights, X)
        R = T - Y  # (2)
        length = 1 + a * a  # (3)
        squares = np.sum(R * R, axis=(-2, -1), keepdims=True)  # (4)
        E = squares / length  # (5)
        lengthb = -squares / (length * length)  # (6)
        Yb = -2 * R / length  # (7)
        ab = np.sum(Yb * X, axis=(-2, -1), keepdims=True) + lengthb * 2 * a  # (8)
        bb = np.sum(Yb, axis=(-2, -1), keepdims=True)  # (9)
        return Propagation((Y,), E[..., 0, 0], (ab, bb))
