"""Competitive learning and self-organizing map (seed 000, 4-13 to 4-15; Kohonen 1982)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import tensorflow as tf

from tfimpl.functions import first_smallest
from tfimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class SelfOrganizingMap(Network):
    """X (..., batch, 1 + features): s, x -> Y (..., batch, units)."""

    rows: int
    columns: int

    weight_names: ClassVar = ("W",)
    activation_names: ClassVar = ("distances", "winner", "Y")

    @property
    def grid(self):
        """The squared distance of each two units, (units, units)."""
        row, column = np.divmod(np.arange(self.rows * self.columns), self.columns)
        return (row[:, None] - row) ** 2 + (column[:, None] - column) ** 2  # (1)

    def forward(self, weights, X):
        width = X[..., :1]
        distances = tf.reduce_sum(tf.square(self.apart(weights, X)), axis=-1)  # (2)
        winner = first_smallest(distances)  # (3)
        spread = tf.where(width > 0, 2 * width * width, tf.ones_like(width))
        near = tf.exp(-(winner @ tf.constant(self.grid, X.dtype)) / spread)  # (4)
        return distances, winner, tf.where(width > 0, near, winner)  # (5)

    def apart(self, weights, X):
        """Return w_j - x_b, (..., batch, units, features)."""
        (W,) = weights
        return W[..., None, :, :] - X[..., :, None, 1:]  # (6)

    def propagate(self, weights, X, T):
        """Return the activations, the error and the gradients, with Y held."""
        with tf.GradientTape() as tape:
            tape.watch(weights)
            activations = distances, _, Y = self.forward(weights, X)
            E = 0.5 * tf.reduce_sum(Y * distances, axis=(-2, -1))  # (7)
        (Wb,) = tape.gradient(E, weights)  # (8)
        return Propagation(activations, E, (Wb,))
