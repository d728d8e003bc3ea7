"""A sample's numbers in another shape."""

from dataclasses import dataclass
from math import prod

import tensorflow as tf

from tfimpl.layers.layer import Layer


@dataclass(frozen=True)
class Reshape(Layer):
    """Keras: ``Reshape(target_shape)``."""

    target_shape: tuple

    @property
    def output_shape(self):
        known = prod(size for size in self.target_shape if size != -1)
        rest = prod(self.input_shape) // known
        return tuple(rest if size == -1 else size for size in self.target_shape)

    def forward(self, weights, x):
        y = tf.reshape(x, (*self.leading(x), -1, *self.output_shape))  # (1)
        return y, x

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (2)
