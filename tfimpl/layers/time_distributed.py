"""A layer at every time step, with the same weights (seed 000, 7-4)."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import keras
import tensorflow as tf

from tfimpl.layers.wrapper import Wrapper


@dataclass(frozen=True)
class TimeDistributed(Wrapper):
    """Keras: ``TimeDistributed(layer)``."""

    takes_mask: ClassVar = False
    letter_names: ClassVar = ()
    share_names: ClassVar = ()

    def build(self, input_shape):
        built = super().build(input_shape)
        if built.state_names:
            raise ValueError("a layer with states cannot be taken at every time step")
        inside = built.inner
        if getattr(inside, "activity_regularizer", None) or getattr(
            inside, "activity", None
        ):
            raise ValueError("Keras forgets the activity_regularizer of a layer in here")
        return built

    @cached_property
    def inner(self):
        return self.layer.build(self.input_shape[1:])

    @property
    def output_shape(self):
        return (self.input_shape[0], *self.inner.output_shape)

    def next_mask(self, x, mask):
        return mask

    def forward(self, weights, x):
        leading = self.leading(x)
        samples = tf.reshape(x, (*leading, -1, *self.input_shape[1:]))  # (1)
        y, kept = self.inner.forward(weights, samples)  # (2)
        return tf.reshape(y, (*leading, -1, *self.output_shape)), (kept, x)  # (3)

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept[1], yb)  # (4)-(5)

    def keras(self, dtype):
        return keras.layers.TimeDistributed(self.inner.keras(dtype), dtype=dtype)
