"""The parabola y = w1 x^2 + w2 x + b, fitted by its three numbers (seed 000, 1-7).

The seed calls the coefficients a, b, c in its text and w1, w2, b in its
programs; these are the programs' names.  Each has the shape (..., 1, 1).
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from refimpl.losses import RootMeanSquaredError
from refimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class Quadratic(Network):
    """x -> y, with x and y of the shape (..., batch, 1)."""

    loss: Any = RootMeanSquaredError()

    weight_names: ClassVar = ("w1", "w2", "b")
    activation_names: ClassVar = ("Y",)

    def forward(self, weights, X):
        w1, w2, b = weights
        Y = w1 * X * X + w2 * X + b  # (1)
        return (Y,)

    def propagate(self, weights, X, T):
        """Return the activations, the error and the gradients."""
        (Y,) = self.forward(weights, X)
        E = self.loss.forward(Y, T)  # (2)
        Yb = self.loss.backward(Y, T)  # (3)
        w1b = np.sum(Yb * X * X, axis=(-2, -1), keepdims=True)  # (4)
        w2b = np.sum(Yb * X, axis=(-2, -1), keepdims=True)  # (5)
        bb = np.sum(Yb, axis=(-2, -1), keepdims=True)  # (6)
        return Propagation((Y,), E, (w1b, w2b, bb))
