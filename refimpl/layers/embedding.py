"""Embedding (seed 003, next word): whole numbers look up rows of a table.

Keras's gradient of the table is a ``tf.IndexedSlices``: each place hands over the row that
it looked up with its own gradient; to sum them is left to the optimizer.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.layers.layer import Layer


@dataclass(frozen=True)
class Embedding(Layer):
    """x (..., batch, places), whole numbers -> y (..., batch, places, output_dim).

    embeddings (input_dim, output_dim).  mask_zero: a time step of the number 0 is masked.
    """

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
        return np.where(x.astype(int) != 0, 1, 0) if self.mask_zero else None  # (1)

    def forward(self, weights, x):
        (embeddings,) = weights
        numbers = x.astype(int).reshape(*self.leading(x), -1, 1)
        y = np.take_along_axis(embeddings, numbers, axis=-2)  # (2)
        return y.reshape(*x.shape, self.output_dim), (x, numbers)

    def backward(self, weights, kept, yb):
        x, numbers = kept
        given = yb.reshape(*self.leading(x), -1, self.output_dim)
        one = np.ones_like(given[..., :1])
        one_hot = np.where(numbers == np.arange(self.input_dim), one, np.zeros_like(one))
        return np.zeros_like(x), (self._gradient(one_hot, given),)  # (3)

    def _gradient(self, one_hot, given):
        """Return the gradient of the table: the sums of the given ones, row by row."""
        return one_hot.mT @ given
