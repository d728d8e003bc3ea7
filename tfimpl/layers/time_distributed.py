"""A layer at every time step, with the same weights (seed 000, 7-4)."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import keras
import tensorflow as tf

from tfimpl.layers.layer import Layer


@dataclass(frozen=True)
class TimeDistributed(Layer):
    """Keras: ``TimeDistributed(layer)``."""

    layer: Any

    passes_mask: ClassVar = True

    def __post_init__(self):
        if self.layer.state_names:
            raise ValueError("a layer with states cannot be taken at every time step")
        if getattr(self.layer, "activity_regularizer", None):
            raise ValueError("Keras forgets the activity_regularizer of a layer in here")

    @cached_property
    def inner(self):
        return self.layer.build(self.input_shape[1:])

    @property
    def weight_names(self):
        return self.inner.weight_names

    @property
    def weight_shapes(self):
        return self.inner.weight_shapes

    @property
    def sparse_names(self):
        return self.inner.sparse_names

    @property
    def output_shape(self):
        return (self.input_shape[0], *self.inner.output_shape)

    def penalties(self, weights, kept):
        return self.inner.penalties(weights, kept[1])

    def forward(self, weights, x):
        leading = self.leading(x)
        samples = tf.reshape(x, (*leading, -1, *self.input_shape[1:]))  # (1)
        y, kept = self.inner.forward(weights, samples)  # (2)
        return tf.reshape(y, (*leading, -1, *self.output_shape)), (x, kept)  # (3)

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept[0], yb)  # (4)-(5)

    def keras(self, dtype):
        return keras.layers.TimeDistributed(self.layer.keras(dtype), dtype=dtype)
