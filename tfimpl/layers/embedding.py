"""Embedding (seed 003, next word): whole numbers look up rows of a table."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.layers.layer import Layer


@dataclass(frozen=True)
class Embedding(Layer):
    """Keras: ``Embedding(input_dim, output_dim, mask_zero)``."""

    input_dim: int
    output_dim: int
    mask_zero: bool = False

    weight_names: ClassVar = ("embeddings",)
    sparse_names: ClassVar = ("embeddings",)

    @property
    def weight_shapes(self):
        return ((self.input_dim, self.output_dim),)

    @property
    def output_shape(self):
        return (*self.input_shape, self.output_dim)

    def next_mask(self, x, mask):
        return tf.where(tf.cast(x, tf.int32) != 0, 1, 0) if self.mask_zero else None  # (1)

    def forward(self, weights, x):
        (embeddings,) = weights
        nets = len(self.leading(x))
        y = tf.gather(embeddings, tf.cast(x, tf.int32), batch_dims=nets, axis=nets)  # (2)
        return y, x

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (3)
