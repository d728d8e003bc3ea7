"""The instar rule (seed 000, 4-12; Grossberg 1976): who is on turns to the input."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class Instar(Network):
    """The activities y of the units are given, (..., batch, units)."""

    weight_names: ClassVar = ("W",)
    activation_names: ClassVar = ("distances",)

    def forward(self, weights, X):
        (W,) = weights
        apart = W[..., None, :, :] - X[..., :, None, :]  # (1)
        return (tf.reduce_sum(tf.square(apart), axis=-1),)  # (2)

    def propagate(self, weights, X, T):
        """Return the activations, the error and the gradients."""
        with tf.GradientTape() as tape:
            tape.watch(weights)
            (distances,) = self.forward(weights, X)
            E = 0.5 * tf.reduce_sum(T * distances, axis=(-2, -1))  # (3)
        (Wb,) = tape.gradient(E, weights)  # (4)
        return Propagation((distances,), E, (Wb,))
