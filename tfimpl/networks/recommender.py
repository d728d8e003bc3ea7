"""Recommending by likeness (text 000, 11-2 to 11-4; Sarwar and others 2001)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.functions import first_smallest
from tfimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class Recommender(Network):
    """X (..., batch, items) -> O (..., batch, items), one-hot."""

    by: str = "users"

    weight_names: ClassVar = ("memory",)
    activation_names: ClassVar = ("likeness", "scores", "O")

    def likeness(self, a, b):
        """Return the cosine of every row of a with every row of b."""
        of_a, of_b = (tf.sqrt(tf.reduce_sum(x * x, axis=-1, keepdims=True)) for x in (a, b))
        turned = tf.linalg.matrix_transpose
        return a @ turned(b) / (of_a * turned(of_b))  # (1)

    def forward(self, weights, X):
        (memory,) = weights
        if self.by == "contents":
            likeness = scores = self.likeness(X @ memory, memory)  # (2)
        elif self.by == "users":
            likeness = self.likeness(X, memory)
            scores = likeness @ memory / (likeness @ self.known(memory))  # (3)
        else:
            items = tf.linalg.matrix_transpose(memory)
            likeness = self.likeness(items, items)
            scores = X @ likeness / (self.known(X) @ likeness)  # (4)
        new = tf.where(X > 0.5, -tf.ones_like(X), scores)  # (5)
        return likeness, scores, first_smallest(-new)  # (6)

    def known(self, ratings):
        """Return 1 where there is a rating, else 0."""
        return tf.where(ratings > 0.5, tf.ones_like(ratings), tf.zeros_like(ratings))  # (7)

    def propagate(self, weights, X, T):
        """Return the activations, the error and the gradient, which is 0."""
        with tf.GradientTape() as tape:
            tape.watch(weights)
            activations = self.forward(weights, X)
            right = tf.reduce_sum(activations[-1] * T, axis=(-2, -1))  # (8)
            E = 1 - right / X.shape[-2]  # (9)
        none = tf.UnconnectedGradients.ZERO
        gradients = tape.gradient(E, weights, unconnected_gradients=none)  # (10)
        return Propagation(activations, E, tuple(gradients))
