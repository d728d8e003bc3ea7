"""Root mean square layer normalization (Zhang and Sennrich 2019, (4))."""

from dataclasses import dataclass
from math import prod
from typing import ClassVar

import numpy as np

from refimpl.layers.layer import Layer


@dataclass(frozen=True)
class RMSNormalization(Layer):
    """y = x r scale with r = 1 / sqrt(E x^2 + epsilon), of every place by itself.

    axis: the mean's, counted with the batch as 0; a tuple of rising numbers if several,
        which must be the last ones: scale is of their size.
    """

    axis: int | tuple = -1
    epsilon: float = 1e-6

    weight_names: ClassVar = ("scale",)

    @property
    def over(self):
        axes = self.axis if isinstance(self.axis, tuple) else (self.axis,)
        rank = len(self.input_shape) + 1
        return tuple(axis % rank - rank for axis in axes)

    @property
    def sizes(self):
        return tuple(self.input_shape[axis] for axis in self.over)

    @property
    def weight_shapes(self):
        *rows, last = self.sizes
        return ((prod(rows), last),)

    def spread(self, scale):
        """Return the scale in the axes of a batch of samples."""
        ones = (1,) * (len(self.input_shape) + 1 - len(self.over))
        return scale.reshape(*scale.shape[:-2], *ones, *self.sizes)

    def forward(self, weights, x):
        (scale,) = weights
        total = np.sum(np.square(x), axis=self.over, keepdims=True)  # (1)
        r = np.reciprocal(np.sqrt(total / prod(self.sizes) + self.epsilon))  # (2)
        u = x * r  # (3)
        return u * self.spread(scale), (x, r, u)  # (4)

    def backward(self, weights, kept, yb):
        (scale,) = weights
        x, r, u = kept
        axes = range(-len(self.input_shape) - 1, 0)
        others = tuple(axis for axis in axes if axis not in self.over)
        scaleb = np.sum(yb * u, axis=others).reshape(*scale.shape)  # (5)
        ub = yb * self.spread(scale)  # (6)
        rb = np.sum(ub * x, axis=self.over, keepdims=True)  # (7)
        squareb = -0.5 * rb * (r * r * r) / prod(self.sizes)  # (8)
        return ub * r + 2 * squareb * x, (scaleb,)  # (9)
