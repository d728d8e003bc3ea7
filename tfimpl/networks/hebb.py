"""Hebb's rule (seed 000, 4-12; Hebb 1949): what fires together is wired together."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class Hebb(Network):
    """X (..., batch, inputs) -> Y (..., batch, units); W (..., inputs, units)."""

    weight_names: ClassVar = ("W",)
    activation_names: ClassVar = ("Y",)

    def forward(self, weights, X):
        (W,) = weights
        return (X @ W,)  # (1)

    def propagate(self, weights, X, T):
        """Return the activations, the error and the gradients."""
        with tf.GradientTape() as tape:
            tape.watch(weights)
            (Y,) = self.forward(weights, X)
            E = -0.5 * tf.reduce_sum(tf.square(Y), axis=(-2, -1))  # (2)
        return Propagation((Y,), E, tuple(tape.gradient(E, weights)))  # (3)-(4)
