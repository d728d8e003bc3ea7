"""Several inputs one behind the other."""

from dataclasses import dataclass

import tensorflow as tf

from tfimpl.layers.layer import Layer


@dataclass(frozen=True)
class Concatenate(Layer):
    """Keras: ``Concatenate``."""

    axis: int = -1

    @property
    def place(self):
        """The axis, counted from the last."""
        rank = len(self.input_shape[0]) + 1
        return self.axis % rank - rank

    @property
    def output_shape(self):
        shape = list(self.input_shape[0])
        shape[self.place] = sum(each[self.place] for each in self.input_shape)
        return tuple(shape)

    def forward(self, weights, x):
        return tf.concat(x, axis=self.place), x  # (1)

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (2)
