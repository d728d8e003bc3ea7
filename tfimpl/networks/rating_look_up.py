"""Ratings as products of rows that are looked up (seed 000, 11-9)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import keras
import tensorflow as tf

from tfimpl.losses import MeanSquaredError
from tfimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class RatingLookUp(Network):
    """X (..., batch, 2): the numbers of user and item -> Y (..., batch, 1)."""

    loss: Any = MeanSquaredError()

    weight_names: ClassVar = ("P", "Q")
    activation_names: ClassVar = ("users", "items", "Y")

    def one_hot(self, weights, X):
        """Return (..., batch, rows) for each table: 1 where a sample looks up a row."""
        numbers = tf.cast(X, tf.int32)
        rows = (W.shape[-2] for W in weights)
        return [
            tf.one_hot(numbers[..., k], n, dtype=X.dtype) for k, n in enumerate(rows)
        ]  # (1)

    def forward(self, weights, X):
        users, items = (hot @ W for hot, W in zip(self.one_hot(weights, X), weights))  # (2)
        return users, items, tf.reduce_sum(users * items, axis=-1, keepdims=True)  # (3)

    def propagate(self, weights, X, T):
        """Return the activations, the error and the gradients."""
        with tf.GradientTape() as tape:
            tape.watch(weights)
            users, items, Y = self.forward(weights, X)
            E = self.loss.forward(Y, T)  # (4)
        Pb, Qb = tape.gradient(E, weights)  # (5)-(7)
        return Propagation((users, items, Y), E, (Pb, Qb))

    def model(self, weights, dtype):
        """Return the Keras model, and the names of the outputs of its layers."""
        X = keras.Input((2,), dtype=dtype)
        return keras.Sequential([X, RatingLayer(weights, dtype=dtype)]), ("Y",)


class RatingLayer(keras.layers.Layer):
    """Keras's Embedding of the user and of the item, and its Dot."""

    def __init__(self, weights, **kwargs):
        super().__init__(**kwargs)
        self.tables = [
            keras.layers.Embedding(*W.shape, dtype=self.dtype_policy) for W in weights
        ]
        self.dot = keras.layers.Dot(axes=-1, dtype=self.dtype_policy)

    def build(self, input_shape):
        for table in self.tables:
            table.build(input_shape[:1])

    def call(self, inputs):
        numbers = tf.cast(inputs, tf.int32)
        rows = [table(numbers[:, k]) for k, table in enumerate(self.tables)]
        return self.dot(rows)
