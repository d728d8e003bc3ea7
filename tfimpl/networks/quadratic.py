"""The parabola y = w1 x^2 + w2 x + b, fitted by its three numbers (seed 000, 1-7)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import keras
import tensorflow as tf

from tfimpl.losses import RootMeanSquaredError
from tfimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class Quadratic(Network):
    """x -> y, with x and y of the shape (..., batch, 1)."""

    loss: Any = RootMeanSquaredError()

    weight_names: ClassVar = ("w1", "w2", "b")
    activation_names: ClassVar = ("Y",)

    def forward(self, weights, X):
        w1, w2, b = weights
        Y = w1 * X * X + w2 * X + b  # (1)
        return (Y,)

    def propagate(self, weights, X, T):
        """Return the activations, the error and the gradients."""
        with tf.GradientTape() as tape:
            tape.watch(weights)
            (Y,) = self.forward(weights, X)
            E = self.loss.forward(Y, T)  # (2)
        w1b, w2b, bb = tape.gradient(E, weights)  # (3)-(6)
        return Propagation((Y,), E, (w1b, w2b, bb))

    def model(self, weights, dtype):
        """Return the Keras model, and the names of the outputs of its layers."""
        X = keras.Input((1,), dtype=dtype)
        return keras.Sequential([X, QuadraticLayer(dtype=dtype)]), ("Y",)


class QuadraticLayer(keras.layers.Layer):
    """A layer with the three weights w1, w2 and b."""

    def build(self, input_shape):
        self.w1 = self.add_weight(name="w1", shape=(1, 1))
        self.w2 = self.add_weight(name="w2", shape=(1, 1))
        self.b = self.add_weight(name="b", shape=(1, 1))

    def call(self, inputs):
        return self.w1 * inputs * inputs + self.w2 * inputs + self.b
