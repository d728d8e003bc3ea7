"""Rows of a table are looked up; the gradients of what was found are given."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import ClassVar

import keras
import tensorflow as tf

from tfimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class LookUp(Network):
    """X of the shape (..., places, 1 + columns) -> R, Y (..., places, 1)."""

    weight_names: ClassVar = ("W",)
    activation_names: ClassVar = ("Y",)
    sparse_names: ClassVar = ("W",)

    def one_hot(self, W, X):
        """Return (..., places, rows): 1 where a place looks up a row, else 0."""
        return tf.one_hot(tf.cast(X[..., 0], tf.int32), tf.shape(W)[-2], dtype=X.dtype)

    def forward(self, weights, X):
        (W,) = weights
        R = self.one_hot(W, X) @ W  # (1)
        Y = tf.reduce_sum(R * X[..., 1:], axis=-1, keepdims=True)  # (2)
        return (Y,)

    def propagate(self, weights, X, T):
        """Return the activations, the error and the gradients."""
        with tf.GradientTape() as tape:
            tape.watch(weights)
            (Y,) = self.forward(weights, X)
            E = tf.reduce_sum(Y, axis=(-2, -1))  # (3)
        return Propagation((Y,), E, tuple(tape.gradient(E, weights)))  # (4)

    @property
    def output(self):
        """What a runner asks for Keras's loss."""
        return SimpleNamespace(
            loss=SimpleNamespace(keras=lambda: lambda T, O: tf.reduce_sum(O))
        )

    def model(self, weights, dtype):
        """Return the Keras model, and the names of the outputs of its layers."""
        rows, columns = weights[0].shape
        X = keras.Input((1 + columns,), dtype=dtype)
        return keras.Sequential([X, LookUpLayer(rows, columns, dtype=dtype)]), ("Y",)


class LookUpLayer(keras.layers.Layer):
    """Keras's Embedding, whose gradient is a ``tf.IndexedSlices``."""

    def __init__(self, rows, columns, **kwargs):
        super().__init__(**kwargs)
        self.embedding = keras.layers.Embedding(rows, columns, dtype=self.dtype_policy)

    def build(self, input_shape):
        self.embedding.build(input_shape[:1])

    def call(self, inputs):
        rows = self.embedding(tf.cast(inputs[:, 0], tf.int32))
        return tf.reduce_sum(rows * inputs[:, 1:], axis=-1, keepdims=True)
