"""Recommending by likeness (text 000, 11-2 to 11-4; Sarwar and others 2001).

    l(a, b) = a b' / (|a| |b|)               likeness: the cosine of two rows
    by contents:  score_bi = l(x_b F, F_i)   F_i: the features of item i
    by users:     score_bi = sum_u l(x_b, R_u) R_ui / sum_u l(x_b, R_u) k_ui
    by items:     score_bi = sum_j l(R_j, R_i) x_bj / sum_j l(R_j, R_i) k_bj

x_b are the ratings that somebody gave, R_u those of the users of the memory, R_i the column
of an item; ratings are 1 or more, an unknown one is 0, and k is 1 where there is one.  What
is recommended is the item of the highest score among those that x_b has not rated.

The memory is the weight: to learn is to store.  The error is the share of recommendations
that are not the best; it is constant between one decision and the next.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.functions import first_smallest
from refimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class Recommender(Network):
    """X (..., batch, items) -> O (..., batch, items), one-hot.

    by: "contents", "users" or "items".  memory (..., items, features) by contents, else
    (..., users, items).  Raises ValueError for another ``by``.
    """

    by: str = "users"

    weight_names: ClassVar = ("memory",)
    activation_names: ClassVar = ("likeness", "scores", "O")

    def __post_init__(self):
        if self.by not in ("contents", "users", "items"):
            raise ValueError(f"{self.by!r} is none of contents, users, items")

    def likeness(self, a, b):
        """Return the cosine of every row of a with every row of b."""
        of_a, of_b = (np.sqrt(np.sum(x * x, axis=-1, keepdims=True)) for x in (a, b))
        return a @ b.mT / (of_a * of_b.mT)  # (1)

    def forward(self, weights, X):
        (memory,) = weights
        if self.by == "contents":
            likeness = scores = self.likeness(X @ memory, memory)  # (2)
        elif self.by == "users":
            likeness = self.likeness(X, memory)
            scores = likeness @ memory / (likeness @ self.known(memory))  # (3)
        else:
            likeness = self.likeness(memory.mT, memory.mT)
            scores = X @ likeness / (self.known(X) @ likeness)  # (4)
        new = np.where(X > 0.5, -np.ones_like(X), scores)  # (5)
        return likeness, scores, first_smallest(-new)  # (6)

    def known(self, ratings):
        """Return 1 where there is a rating, else 0."""
        return np.where(ratings > 0.5, np.ones_like(ratings), np.zeros_like(ratings))  # (7)

    def propagate(self, weights, X, T):
        """Return the activations, the error and the gradient, which is 0."""
        activations = self.forward(weights, X)
        right = np.sum(activations[-1] * T, axis=(-2, -1))  # (8)
        E = 1 - right / X.shape[-2]  # (9)
        return Propagation(activations, E, (np.zeros_like(weights[0]),))  # (10)
