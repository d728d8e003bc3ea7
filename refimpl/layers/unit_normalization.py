"""Vectors of length 1."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.layers.layer import Layer


@dataclass(frozen=True)
class UnitNormalization(Layer):
    """y = x r with r = min(1 / |x|, longest), the length over ``axis``; 0 stays 0.

    axis: a number or a tuple of them, counted with the batch as 0.
    longest: the largest factor; Keras's layer has no option for it.
    """

    axis: int | tuple = -1
    longest: float = 1e12

    passes_mask: ClassVar = True

    @property
    def over(self):
        axes = self.axis if isinstance(self.axis, tuple) else (self.axis,)
        rank = len(self.input_shape) + 1
        return tuple(axis % rank - rank for axis in axes)

    def forward(self, weights, x):
        square = np.sum(np.square(x), axis=self.over, keepdims=True)  # (1)
        short = square < self.longest**-2  # (2)
        root = np.sqrt(np.where(short, 1, square))
        r = np.where(short, self.longest, np.reciprocal(root))  # (3)
        return x * r, (x, short, r)  # (4)

    def backward(self, weights, kept, yb):
        x, short, r = kept
        rb = np.sum(yb * x, axis=self.over, keepdims=True)  # (5)
        squareb = np.where(short, 0, -0.5 * rb * (r * r * r))  # (6)
        return yb * r + 2 * squareb * x, ()  # (7)
