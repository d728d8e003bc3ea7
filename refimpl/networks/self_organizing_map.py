"""Competitive learning and self-organizing map (seed 000, 4-13 to 4-15; Kohonen 1982).

    c = the unit whose w_c is nearest to x                     the winner takes all
    y_j = exp(-g_jc / (2 s^2))                                 the map: its neighbours share
    w_j <- w_j + rate y_j (x - w_j)                            the instar rule

g_jc is the squared distance of two units on the grid, and s the width of the neighbourhood,
which shrinks from step to step; the samples bring it along in the column before their
features.  For s = 0 the winner learns alone: y_c = 1, the others 0, which is competitive
learning.  A step is descent of E = 1/2 sum_b sum_j y_bj |x_b - w_j|^2 with y held.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.functions import first_smallest
from refimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class SelfOrganizingMap(Network):
    """X (..., batch, 1 + features): s, x -> Y (..., batch, units).

    rows, columns: of the grid; W (..., rows * columns, features).
    """

    rows: int
    columns: int

    weight_names: ClassVar = ("W",)
    activation_names: ClassVar = ("distances", "winner", "Y")

    @property
    def grid(self):
        """The squared distance of each two units; as 16 bits float32 stays float32."""
        row, column = np.divmod(np.arange(self.rows * self.columns), self.columns)
        squares = (row[:, None] - row) ** 2 + (column[:, None] - column) ** 2  # (1)
        return squares.astype(np.int16)

    def forward(self, weights, X):
        width = X[..., :1]
        distances = np.sum(np.square(self.apart(weights, X)), axis=-1)  # (2)
        winner = first_smallest(distances)  # (3)
        spread = np.where(width > 0, 2 * width * width, np.ones_like(width))
        near = np.exp(-(winner @ self.grid) / spread)  # (4)
        return distances, winner, np.where(width > 0, near, winner)  # (5)

    def apart(self, weights, X):
        """Return w_j - x_b, (..., batch, units, features)."""
        (W,) = weights
        return W[..., None, :, :] - X[..., :, None, 1:]  # (6)

    def propagate(self, weights, X, T):
        """Return the activations, the error and the gradients, with Y held."""
        activations = distances, _, Y = self.forward(weights, X)
        E = 0.5 * np.sum(Y * distances, axis=(-2, -1))  # (7)
        Wb = np.sum(Y[..., None] * self.apart(weights, X), axis=-3)  # (8)
        return Propagation(activations, E, (Wb,))
