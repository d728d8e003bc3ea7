"""A sample's numbers in one row."""

from dataclasses import dataclass
from math import prod

import tensorflow as tf

from tfimpl.layers.layer import Layer


@dataclass(frozen=True)
class Flatten(Layer):
    """Keras: ``Flatten()``."""

    @property
    def output_shape(self):
        return (prod(self.input_shape),)

    def forward(self, weights, x):
        y = tf.reshape(x, (*self.leading(x), -1, *self.output_shape))  # (1)
        return y, x

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (2)
