"""Hebb's rule (seed 000, 4-12; Hebb 1949): what fires together is wired together.

    Y = X W
    W <- W + rate X' Y

This is ascent of 1/2 sum Y^2, or descent of E = -1/2 sum Y^2, whose gradient is -X' Y.
Nothing bounds it: the weights grow in the direction of the inputs' largest variance.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class Hebb(Network):
    """X (..., batch, inputs) -> Y (..., batch, units); W (..., inputs, units)."""

    weight_names: ClassVar = ("W",)
    activation_names: ClassVar = ("Y",)

    def forward(self, weights, X):
        (W,) = weights
        return (X @ W,)  # (1)

    def propagate(self, weights, X, T):
        """Return the activations, the error and the gradients."""
        (Y,) = self.forward(weights, X)
        E = -0.5 * np.sum(np.square(Y), axis=(-2, -1))  # (2)
        Yb = -Y  # (3)
        return Propagation((Y,), E, (X.mT @ Yb,))  # (4)
