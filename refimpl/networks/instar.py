"""The instar rule (seed 000, 4-12; Grossberg 1976): who is on turns to the input.

    w_j <- w_j + rate y_j (x - w_j)

It is descent of E = 1/2 sum_b sum_j y_bj |x_b - w_j|^2 with the activities y held.  Hebb's
y_j x is still in it; -y_j w_j keeps the weights from growing.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class Instar(Network):
    """The activities y of the units are given, (..., batch, units).

    X (..., batch, features), W (..., units, features): a row for each unit.
    """

    weight_names: ClassVar = ("W",)
    activation_names: ClassVar = ("distances",)

    def forward(self, weights, X):
        (W,) = weights
        apart = W[..., None, :, :] - X[..., :, None, :]  # (1)
        return (np.sum(np.square(apart), axis=-1),)  # (2)

    def propagate(self, weights, X, T):
        """Return the activations, the error and the gradients."""
        (W,) = weights
        (distances,) = self.forward(weights, X)
        E = 0.5 * np.sum(T * distances, axis=(-2, -1))  # (3)
        apart = W[..., None, :, :] - X[..., :, None, :]
        Wb = np.sum(T[..., None] * apart, axis=-3)  # (4)
        return Propagation((distances,), E, (Wb,))
