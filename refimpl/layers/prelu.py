"""Rectified linear units that learn their slopes below 0 (He et al. 2015, equation 1)."""

from dataclasses import dataclass
from math import prod
from typing import ClassVar

import numpy as np

from refimpl.layers.layer import Layer


@dataclass(frozen=True)
class PReLU(Layer):
    """y = x for x > 0, alpha x below; at the kink, 0, no gradient flows back.

    Every place of a sample has an alpha of its own.
    shared_axes: those over which one alpha is for all places, counted with the batch as 0.
    """

    shared_axes: tuple | None = None

    passes_mask: ClassVar = True
    weight_names: ClassVar = ("alpha",)

    @property
    def alpha_shape(self):
        """The shape that alpha has beside a sample."""
        shared = self.shared_axes or ()
        return tuple(1 if k in shared else n for k, n in enumerate(self.input_shape, 1))

    @property
    def weight_shapes(self):
        *places, channels = self.alpha_shape
        return ((prod(places), channels),)

    def forward(self, weights, x):
        alpha = weights[0].reshape(*weights[0].shape[:-2], 1, *self.alpha_shape)
        return np.where(x > 0, x, alpha * x), (alpha, x)  # (1)

    def backward(self, weights, kept, yb):
        alpha, x = kept
        xb = np.where(x > 0, yb, np.where(x < 0, yb * alpha, np.zeros_like(yb)))  # (2)
        each = np.where(x > 0, np.zeros_like(yb), yb * x)
        shape, first = (1, *self.alpha_shape), x.ndim - len(self.alpha_shape) - 1
        over = tuple(first + k for k, n in enumerate(shape) if n == 1)
        alphab = np.sum(each, axis=over, keepdims=True)  # (3)
        return xb, (alphab.reshape(*alphab.shape[:first], *self.weight_shapes[0]),)
