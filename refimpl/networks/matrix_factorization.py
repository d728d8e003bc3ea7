"""Ratings as a product of two matrices (seed 000, 11-8; Koren, Bell, Volinsky 2009).

    E = sum over the known (u, i) of (r_ui - p_u . q_i)^2 + regularization (|P|^2 + |Q|^2)
    dE/dp_u = -2 sum_i m_ui (r_ui - p_u . q_i) q_i + 2 regularization p_u
    dE/dq_i = -2 sum_u m_ui (r_ui - p_u . q_i) p_u + 2 regularization q_i

m_ui is 1 where the rating is known, else 0.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class MatrixFactorization(Network):
    """inputs: m (..., users, items); targets: r; P (..., users, k), Q (..., items, k)."""

    regularization: float = 0.1

    weight_names: ClassVar = ("P", "Q")
    activation_names: ClassVar = ("ratings",)

    def forward(self, weights, inputs):
        P, Q = weights
        return (P @ Q.mT,)  # (1)

    def propagate(self, weights, inputs, targets):
        """Return the activations, the error and the gradients."""
        P, Q = weights
        (ratings,) = self.forward(weights, inputs)
        apart = inputs * (targets - ratings)  # (2)
        squares = np.sum(np.square(P), axis=(-2, -1)) + np.sum(np.square(Q), axis=(-2, -1))
        E = np.sum(np.square(apart), axis=(-2, -1)) + self.regularization * squares  # (3)
        ratingsb = -2 * (inputs * apart)  # (4)
        Pb = ratingsb @ Q + 2 * self.regularization * P  # (5)
        Qb = ratingsb.mT @ P + 2 * self.regularization * Q  # (6)
        return Propagation((ratings,), E, (Pb, Qb))
