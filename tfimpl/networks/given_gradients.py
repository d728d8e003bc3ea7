"""A loss whose gradients are given: optimizers are compared on the same gradients."""

from dataclasses import dataclass
from math import prod
from types import SimpleNamespace
from typing import ClassVar

import keras
import tensorflow as tf

from tfimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class GivenGradients(Network):
    """X of the shape (..., 1, numbers) -> Y, the sum of w * g, (..., 1, 1)."""

    shapes: tuple

    activation_names: ClassVar = ("Y",)

    @property
    def weight_names(self):
        return tuple(f"w{k}" for k in range(1, len(self.shapes) + 1))

    @property
    def matrices(self):
        """The shapes of the weights as matrices, (rows, columns)."""
        return tuple(
            (prod(shape[:-1]), shape[-1]) if shape else (1, 1) for shape in self.shapes
        )

    def gradients(self, X):
        """Return the gradients that X holds, in the shapes of the weights."""
        gradients, begin = (), 0
        for rows, columns in self.matrices:
            end = begin + rows * columns
            flat = X[..., 0, begin:end]
            gradients += (tf.reshape(flat, (*X.shape[:-2], rows, columns)),)
            begin = end
        return gradients

    def forward(self, weights, X):
        Y = 0
        for weight, gradient in zip(weights, self.gradients(X)):
            Y = Y + tf.reduce_sum(weight * gradient, axis=(-2, -1), keepdims=True)  # (1)
        return (Y,)

    def propagate(self, weights, X, T):
        """Return the activations, the error and the gradients."""
        with tf.GradientTape() as tape:
            tape.watch(weights)
            (Y,) = self.forward(weights, X)
            E = tf.reduce_sum(Y, axis=(-2, -1))  # (2)
        gradients = tape.gradient(E, weights)  # (3)
        return Propagation((Y,), E, tuple(gradients))

    @property
    def output(self):
        """What a runner asks for Keras's loss."""
        return SimpleNamespace(
            loss=SimpleNamespace(keras=lambda: lambda T, O: tf.reduce_sum(O))
        )

    def model(self, weights, dtype):
        """Return the Keras model, and the names of the outputs of its layers."""
        X = keras.Input((sum(prod(shape) for shape in self.shapes),), dtype=dtype)
        return keras.Sequential([X, GivenGradientsLayer(self, dtype=dtype)]), ("Y",)


class GivenGradientsLayer(keras.layers.Layer):
    """A layer with a weight of each shape."""

    def __init__(self, network, **kwargs):
        super().__init__(**kwargs)
        self.network = network

    def build(self, input_shape):
        shapes = zip(self.network.weight_names, self.network.shapes)
        self.ws = [self.add_weight(name=name, shape=shape) for name, shape in shapes]

    def call(self, inputs):
        gradients = self.network.gradients(inputs[:1])
        parts = [
            tf.reduce_sum(w * tf.reshape(g, w.shape)) for w, g in zip(self.ws, gradients)
        ]
        return tf.reshape(sum(parts[1:], parts[0]), (1, 1))
