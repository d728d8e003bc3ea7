"""The dot products of two inputs, sample by sample."""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from refimpl.layers.layer import Layer
from refimpl.layers.unit_normalization import UnitNormalization


@dataclass(frozen=True)
class Dot(Layer):
    """y[i, j] = sum over k of x1[i, k] x2[k, j], k running along the given axes of both.

    y (..., batch, *other axes of x1, *other axes of x2), (..., batch, 1) if there are none.

    axes: of the first input and of the second, or one number for both, with the batch as 0.
    normalize: divide all vectors along these axes by their lengths before: y is a cosine.
    """

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
        moved = np.moveaxis(x, self.places[which], -1)
        batch = x.shape[: len(x.shape) - len(self.input_shape[which])]
        return moved.reshape(*batch, prod(self.others[which]), moved.shape[-1])

    def back_of(self, rows, which):
        """Return rows in the shape of input ``which``."""
        unmoved = rows.reshape(*rows.shape[:-2], *self.others[which], rows.shape[-1])
        return np.moveaxis(unmoved, -1, self.places[which])

    def forward(self, weights, x):
        kept = ()
        if self.normalize:
            both = (unit.forward((), each) for unit, each in zip(self.units, x))  # (1)
            x, kept = zip(*both)
        left, right = self.rows_of(x[0], 0), self.rows_of(x[1], 1)  # (2)
        y = left @ right.mT  # (3)
        return y.reshape(*y.shape[:-2], *self.output_shape), (left, right, kept)

    def backward(self, weights, kept, yb):
        left, right, kept = kept
        yb = yb.reshape(*left.shape[:-1], right.shape[-2])  # (4)
        gradients = self.back_of(yb @ right, 0), self.back_of(yb.mT @ left, 1)  # (5)
        if self.normalize:
            each = zip(self.units, kept, gradients)
            gradients = (unit.backward((), own, g)[0] for unit, own, g in each)  # (6)
        return tuple(gradients), ()
