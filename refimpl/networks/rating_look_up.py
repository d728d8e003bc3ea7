"""Ratings as products of rows that are looked up (seed 000, 11-9).

    y = p_u . q_i          for the user u and the item i of a sample
    E = 1/batch sum_b (y_b - r_b)^2

P and Q are the tables of two Embedding layers; a row that no sample looks up has the
gradient 0.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from refimpl.losses import MeanSquaredError
from refimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class RatingLookUp(Network):
    """X (..., batch, 2): the numbers of user and item -> Y (..., batch, 1).

    P (..., users, k), Q (..., items, k).
    """

    loss: Any = MeanSquaredError()

    weight_names: ClassVar = ("P", "Q")
    activation_names: ClassVar = ("users", "items", "Y")

    def one_hot(self, weights, X):
        """Return (..., batch, rows) for each table: 1 where a sample looks up a row."""
        one = np.ones_like(X[..., :1])
        places = (np.arange(W.shape[-2]) for W in weights)
        numbers = X[..., :1], X[..., 1:]
        return [np.where(n == p, one, 0 * one) for n, p in zip(numbers, places)]  # (1)

    def forward(self, weights, X):
        users, items = (hot @ W for hot, W in zip(self.one_hot(weights, X), weights))  # (2)
        return users, items, np.sum(users * items, axis=-1, keepdims=True)  # (3)

    def propagate(self, weights, X, T):
        """Return the activations, the error and the gradients."""
        users, items, Y = self.forward(weights, X)
        E = self.loss.forward(Y, T)  # (4)
        Yb = self.loss.backward(Y, T)  # (5)
        of_users, of_items = self.one_hot(weights, X)
        Pb = of_users.mT @ (Yb * items)  # (6)
        Qb = of_items.mT @ (Yb * users)  # (7)
        return Propagation((users, items, Y), E, (Pb, Qb))
