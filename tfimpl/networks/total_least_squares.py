"""A line by total least squares (seed 000, 2-1; Pearson 1901)."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class TotalLeastSquares(Network):
    """x -> y, with x and y of the shape (..., batch, 1), a and b (..., 1, 1)."""

    weight_names: ClassVar = ("a", "b")
    activation_names: ClassVar = ("Y",)

    def forward(self, weights, X):
        a, b = weights
        return (a * X + b,)  # (1)

    def propagate(self, weights, X, T):
        """Return the activations, the error and the gradients."""
        with tf.GradientTape() as tape:
            tape.watch(weights)
            a, _ = weights
            (Y,) = self.forward(weights, X)
            R = T - Y  # (2)
            length = 1 + a * a  # (3)
            squares = tf.reduce_sum(R * R, axis=(-2, -1), keepdims=True)  # (4)
            E = squares / length  # (5)
        ab, bb = tape.gradient(E, weights)  # (6)-(9)
        return Propagation((Y,), E[..., 0, 0], (ab, bb))
