"""Clustering by k means (seed 000, 3-3; Lloyd 1982, MacQueen 1967)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.functions import first_smallest
from tfimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class KMeans(Network):
    """X (..., batch, features) -> H (..., batch, clusters); M (..., clusters, features)."""

    weight_names: ClassVar = ("M",)
    activation_names: ClassVar = ("distances", "H")

    def forward(self, weights, X):
        (M,) = weights
        distances = tf.reduce_sum(tf.square(self.apart(M, X)), axis=-1)  # (1)
        return distances, first_smallest(distances)  # (2)

    def apart(self, M, X):
        """Return m_j - x_b, (..., batch, clusters, features)."""
        return M[..., None, :, :] - X[..., :, None, :]  # (3)

    def share(self, H):
        """Return h_bj / n_j, and 0 for a mean without points."""
        return H / tf.maximum(tf.reduce_sum(H, axis=-2, keepdims=True), 1)  # (4)

    def propagate(self, weights, X, T):
        """Return the activations, the error and the gradients, with H held."""
        with tf.GradientTape() as tape:
            tape.watch(weights)
            distances, H = self.forward(weights, X)
            share = self.share(H)
            E = 0.5 * tf.reduce_sum(share * distances, axis=(-2, -1))  # (5)
        (Mb,) = tape.gradient(E, weights)  # (6)
        return Propagation((distances, H), E, (Mb,))
