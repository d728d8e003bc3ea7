"""The dot products of two inputs, sample by sample."""

from dataclasses import dataclass
from math import prod
from typing import Any

import tensorflow as tf

from tfimpl.layers.layer import Layer
from tfimpl.layers.unit_normalization import UnitNormalization


@dataclass(frozen=True)
class Dot(Layer):
    """Keras: ``Dot``."""

    axes: Any
    normalize: bool = False

    @property
    def places(self):
        """The axis of either input, counted from the last."""
        axes = self.axes if isinstance(self.axes, tuple) else (self.axes,) * 2
        ranks = (len(shape) + 1 for shape in self.input_shape)
        return tuple(axis % rank - rank for axis, rank in zip(axes, ranks))

    @property
    def others(self):
        """The sizes of the other axes of either input."""
        each = zip(self.input_shape, self.places)
        return tuple((*s[: len(s) + k], *s[len(s) + k + 1 :]) for s, k in each)

    @property
    def output_shape(self):
        left, right = self.others
        return (*left, *right) or (1,)

    @property
    def units(self):
        """What divides either input by its lengths."""
        each = zip(self.places, self.input_shape)
        return tuple(UnitNormalization(place, 1e7).build(shape) for place, shape in each)

    def rows_of(self, x, which):
        """Return input ``which`` as (..., batch, others, k)."""
        moved = tf.experimental.numpy.moveaxis(x, self.places[which], -1)
        batch = x.shape[: len(x.shape) - len(self.input_shape[which])]
        return tf.reshape(moved, (*batch, prod(self.others[which]), moved.shape[-1]))

    def back_of(self, rows, which):
        """Return rows in the shape of input ``which``."""
        unmoved = tf.reshape(rows, (*rows.shape[:-2], *self.others[which], rows.shape[-1]))
        return tf.experimental.numpy.moveaxis(unmoved, -1, self.places[which])

    def forward(self, weights, x):
        kept = x
        if self.normalize:
            both = (unit.forward((), each) for unit, each in zip(self.units, x))  # (1)
            x, _ = zip(*both)
        left, right = self.rows_of(x[0], 0), self.rows_of(x[1], 1)  # (2)
        y = tf.matmul(left, right, transpose_b=True)  # (3)
        return tf.reshape(y, (*y.shape[:-2], *self.output_shape)), kept

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (4)-(6)
