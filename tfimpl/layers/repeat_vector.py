"""The same vector at every time step (seed 000, 7-4)."""

from dataclasses import dataclass

import tensorflow as tf

from tfimpl.layers.layer import Layer


@dataclass(frozen=True)
class RepeatVector(Layer):
    """Keras: ``RepeatVector(n)``."""

    n: int

    @property
    def output_shape(self):
        return (self.n, *self.input_shape)

    def forward(self, weights, x):
        return tf.repeat(x[..., None, :], self.n, axis=-2), x  # (1)

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (2)
