"""The perceptron (text 003, A1; Rosenblatt 1958)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import tensorflow as tf

from tfimpl.activations import BinaryStep
from tfimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class Perceptron(Network):
    """X (..., batch, inputs) -> Y (..., batch, units), 0 or 1; W, B as in ``OneLayer``."""

    step: Any = BinaryStep()

    weight_names: ClassVar = ("W", "B")
    activation_names: ClassVar = ("Z", "Y")

    def forward(self, weights, X):
        W, B = weights
        Z = X @ W + B  # (1)
        return Z, self.step.forward(Z)  # (2)

    def propagate(self, weights, X, T):
        """Return the activations, the error and the gradients."""
        with tf.GradientTape() as tape:
            tape.watch(weights)
            Z, Y = self.forward(weights, X)
            E = tf.reduce_sum((Y - T) * Z, axis=(-2, -1))  # (3)
        return Propagation((Z, Y), E, tuple(tape.gradient(E, weights)))  # (4)-(5)
