"""A network of radial basis functions (text 003, A1; Broomhead and Lowe 1988)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import tensorflow as tf

from tfimpl.losses import MeanSquaredError
from tfimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class RadialBasis(Network):
    """X (..., batch, features) -> O (..., batch, units); the centres learn, too."""

    width: float = 1.0
    loss: Any = MeanSquaredError()

    weight_names: ClassVar = ("C", "W", "B")
    activation_names: ClassVar = ("distances", "H", "O")

    def apart(self, C, X):
        """Return x_b - c_j, (..., batch, centres, features)."""
        return X[..., :, None, :] - C[..., None, :, :]  # (1)

    def forward(self, weights, X):
        C, W, B = weights
        distances = tf.reduce_sum(tf.square(self.apart(C, X)), axis=-1)  # (2)
        H = tf.exp(-distances / (2 * self.width * self.width))  # (3)
        return distances, H, H @ W + B  # (4)

    def propagate(self, weights, X, T):
        """Return the activations, the error and the gradients."""
        with tf.GradientTape() as tape:
            tape.watch(weights)
            distances, H, O = self.forward(weights, X)
            E = self.loss.forward(O, T)  # (5)
        gradients = tuple(tape.gradient(E, weights))  # (6)-(9)
        return Propagation((distances, H, O), E, gradients)
