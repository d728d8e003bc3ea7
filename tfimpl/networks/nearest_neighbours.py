"""Classification by the k nearest neighbours (seed 000, 3-1; Cover and Hart 1967)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.functions import first_smallest
from tfimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class NearestNeighbours(Network):
    """X (..., batch, features) -> O (..., batch, classes), one-hot."""

    k: int = 3

    weight_names: ClassVar = ("points", "labels")
    activation_names: ClassVar = ("distances", "neighbours", "votes", "O")

    def forward(self, weights, X):
        points, labels = weights
        apart = X[..., :, None, :] - points[..., None, :, :]  # (1)
        distances = tf.reduce_sum(apart * apart, axis=-1)  # (2)
        neighbours = self.nearest(distances)  # (3)
        votes = neighbours @ labels  # (4)
        return distances, neighbours, votes, first_smallest(-votes)  # (5)

    def nearest(self, distances):
        """Return 1 for the k smallest of the last axis, else 0."""
        _, places = tf.math.top_k(-distances, k=self.k)
        one_hot = tf.one_hot(places, distances.shape[-1], dtype=distances.dtype)
        return tf.reduce_sum(one_hot, axis=-2)

    def propagate(self, weights, X, T):
        """Return the activations, the error and the gradients, which are 0."""
        with tf.GradientTape() as tape:
            tape.watch(weights)
            activations = self.forward(weights, X)
            right = tf.reduce_sum(activations[-1] * T, axis=(-2, -1))  # (6)
            E = 1 - right / X.shape[-2]  # (7)
        none = tf.UnconnectedGradients.ZERO
        gradients = tape.gradient(E, weights, unconnected_gradients=none)  # (8)
        return Propagation(activations, E, tuple(gradients))
