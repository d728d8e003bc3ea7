"""Rows of a table are looked up; the gradients of what was found are given.

E = sum of R * g over all looked-up rows R, so dE/dR is g, whatever the table holds,
and a row of the table gets the sum of the gradients of all places where it was found.
A step's inputs are these places: in column 0 the row's number, then its gradient.
This is what an embedding does to its optimizer (Keras: ``Embedding``).
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class LookUp(Network):
    """X of the shape (..., places, 1 + columns) -> R, Y (..., places, 1)."""

    weight_names: ClassVar = ("W",)
    activation_names: ClassVar = ("Y",)
    sparse_names: ClassVar = ("W",)

    def one_hot(self, W, X):
        """Return (..., places, rows): 1 where a place looks up a row, else 0."""
        number = X[..., :1]
        found = np.abs(number - np.arange(W.shape[-2])) < 0.5
        return np.where(found, number * 0 + 1, number * 0)

    def forward(self, weights, X):
        (W,) = weights
        R = self.one_hot(W, X) @ W  # (1)
        Y = np.sum(R * X[..., 1:], axis=-1, keepdims=True)  # (2)
        return (Y,)

    def propagate(self, weights, X, T):
        """Return the activations, the error and the gradients."""
        (W,) = weights
        (Y,) = self.forward(weights, X)
        E = np.sum(Y, axis=(-2, -1))  # (3)
        Wb = self._gradient(self.one_hot(W, X), X[..., 1:])  # (4)
        return Propagation((Y,), E, (Wb,))

    def _gradient(self, one_hot, given):
        """Return the gradient of the table: the sums of the given ones, row by row."""
        return one_hot.mT @ given
