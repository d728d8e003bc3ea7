"""Ratings as a product of two matrices (seed 000, 11-8; Koren, Bell, Volinsky 2009)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class MatrixFactorization(Network):
    """inputs: m (..., users, items); targets: r; P (..., users, k), Q (..., items, k)."""

    regularization: float = 0.1

    weight_names: ClassVar = ("P", "Q")
    activation_names: ClassVar = ("ratings",)

    def forward(self, weights, inputs):
        P, Q = weights
        return (P @ tf.linalg.matrix_transpose(Q),)  # (1)

    def propagate(self, weights, inputs, targets):
        """Return the activations, the error and the gradients."""
        with tf.GradientTape() as tape:
            tape.watch(weights)
            P, Q = weights
            (ratings,) = self.forward(weights, inputs)
            apart = inputs * (targets - ratings)  # (2)
            squares = sum(tf.reduce_sum(tf.square(W), axis=(-2, -1)) for W in (P, Q))
            errors = tf.reduce_sum(tf.square(apart), axis=(-2, -1))
            E = errors + self.regularization * squares  # (3)
        Pb, Qb = tape.gradient(E, weights)  # (4)-(6)
        return Propagation((ratings,), E, (Pb, Qb))
