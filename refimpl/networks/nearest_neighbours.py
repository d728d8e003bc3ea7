"""Classification by the k nearest neighbours (seed 000, 3-1; Cover and Hart 1967).

    d_bj = |x_b - p_j|^2                  the squared distance from each stored point
    n_bj = 1 if p_j is one of the k nearest to x_b, else 0
    v_bc = sum_j n_bj l_jc                the votes for each class
    o_bc = 1 for the class with most votes, else 0

Of points as far away, and of classes with as many votes, the first comes first.  The
stored points and their labels are the weights: to learn is to store.  The error is the
share of wrong classes.  It is constant between one decision and the next, its derivative
is 0, and an optimizer leaves the memory as it is.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.functions import first_smallest
from refimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class NearestNeighbours(Network):
    """X (..., batch, features) -> O (..., batch, classes), one-hot.

    points (..., stored, features), labels (..., stored, classes), one-hot.
    """

    k: int = 3

    weight_names: ClassVar = ("points", "labels")
    activation_names: ClassVar = ("distances", "neighbours", "votes", "O")

    def forward(self, weights, X):
        points, labels = weights
        apart = X[..., :, None, :] - points[..., None, :, :]  # (1)
        distances = np.sum(apart * apart, axis=-1)  # (2)
        neighbours = self.nearest(distances)  # (3)
        votes = neighbours @ labels  # (4)
        return distances, neighbours, votes, first_smallest(-votes)  # (5)

    def nearest(self, distances):
        """Return 1 for the k smallest of the last axis, else 0."""
        own, rival = distances[..., :, None], distances[..., None, :]
        place = np.arange(distances.shape[-1])
        before, other = place[:, None] > place, place[:, None] != place
        ahead = ((rival < own) & other) | ((rival <= own) & before)
        one = np.ones_like(own)
        rank = np.sum(np.where(ahead, one, 0 * one), axis=-1)
        one = np.ones_like(distances)
        return np.where(rank < self.k, one, 0 * one)

    def propagate(self, weights, X, T):
        """Return the activations, the error and the gradients, which are 0."""
        activations = self.forward(weights, X)
        right = np.sum(activations[-1] * T, axis=(-2, -1))  # (6)
        E = 1 - right / X.shape[-2]  # (7)
        gradients = tuple(np.zeros_like(weight) for weight in weights)  # (8)
        return Propagation(activations, E, gradients)
