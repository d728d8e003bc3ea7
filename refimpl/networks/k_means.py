"""Clustering by k means (seed 000, 3-3; Lloyd 1982, MacQueen 1967).

    h_bj = 1 if m_j is the mean nearest to x_b, else 0
    E = 1/2 sum_j 1/n_j sum_b h_bj |x_b - m_j|^2,   n_j = sum_b h_bj
    dE/dm_j = m_j - 1/n_j sum_b h_bj x_b

A step of descent at the rate 1 puts every mean where the mean of its points is: Lloyd's
algorithm.  The assignment h is held while the means move, and the other way round.  A
mean without points stays where it is.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.functions import first_smallest
from refimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class KMeans(Network):
    """X (..., batch, features) -> H (..., batch, clusters); M (..., clusters, features)."""

    weight_names: ClassVar = ("M",)
    activation_names: ClassVar = ("distances", "H")

    def forward(self, weights, X):
        (M,) = weights
        distances = np.sum(np.square(self.apart(M, X)), axis=-1)  # (1)
        return distances, first_smallest(distances)  # (2)

    def apart(self, M, X):
        """Return m_j - x_b, (..., batch, clusters, features)."""
        return M[..., None, :, :] - X[..., :, None, :]  # (3)

    def share(self, H):
        """Return h_bj / n_j, and 0 for a mean without points."""
        return H / np.maximum(np.sum(H, axis=-2, keepdims=True), 1)  # (4)

    def propagate(self, weights, X, T):
        """Return the activations, the error and the gradients, with H held."""
        (M,) = weights
        distances, H = self.forward(weights, X)
        share = self.share(H)
        E = 0.5 * np.sum(share * distances, axis=(-2, -1))  # (5)
        Mb = np.sum(share[..., None] * self.apart(M, X), axis=-3)  # (6)
        return Propagation((distances, H), E, (Mb,))
