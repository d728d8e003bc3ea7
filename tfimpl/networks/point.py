"""A single number p that descends its error parabola (seed 001, 421-434)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import keras
import tensorflow as tf

from tfimpl.losses import HalfSquaredError
from tfimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class Point(Network):
    """E(p) = 1/2 (p - t)^2 with the target t = -2: E = 1/2 (p + 2)^2."""

    loss: Any = HalfSquaredError()

    weight_names: ClassVar = ("p",)
    activation_names: ClassVar = ("Y",)

    def forward(self, weights, X):
        (p,) = weights
        Y = p  # (1)
        return (Y,)

    def propagate(self, weights, X, T):
        """Return the activations, the error and the gradient dE/dp."""
        with tf.GradientTape() as tape:
            tape.watch(weights)
            (Y,) = self.forward(weights, X)
            E = self.loss.forward(Y, T)  # (2)
        (pb,) = tape.gradient(E, weights)  # (3)
        return Propagation((Y,), E, (pb,))

    def model(self, weights, dtype):
        """Return the Keras model, and the names of the outputs of its layers."""
        X = keras.Input((1,), dtype=dtype)
        return keras.Sequential([X, PointLayer(dtype=dtype)]), ("Y",)


class PointLayer(keras.layers.Layer):
    """A layer with the one weight p that answers p whatever it is asked."""

    def build(self, input_shape):
        self.p = self.add_weight(name="p", shape=(1, 1))

    def call(self, inputs):
        return tf.broadcast_to(self.p, tf.shape(inputs))
