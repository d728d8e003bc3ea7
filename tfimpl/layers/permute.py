"""A sample's axes in another order."""

from dataclasses import dataclass

import tensorflow as tf

from tfimpl.layers.layer import Layer


@dataclass(frozen=True)
class Permute(Layer):
    """Keras: ``Permute(dims)``."""

    dims: tuple

    @property
    def output_shape(self):
        return tuple(self.input_shape[axis - 1] for axis in self.dims)

    def forward(self, weights, x):
        return self.turned(x, self.dims), x  # (1)

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (2)

    def turned(self, x, dims):
        """Return x with a sample's axes in the order of dims."""
        first = len(x.shape) - len(dims)
        return tf.transpose(x, (*range(first), *(first - 1 + axis for axis in dims)))
