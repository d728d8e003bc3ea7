"""The mean of each channel (Lin, Chen and Yan 2014, "Network in network", 3.2)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.layers.layer import Layer
from refimpl.layers.windows import in_one_axis


@dataclass(frozen=True)
class GlobalAveragePooling(Layer):
    """y[c] = 1/n sum over p of x[p, c], p running over the n places.

    x (..., batch, *places, channels) -> y (..., batch, channels), or (..., batch, 1, ...,
    channels) with keepdims.

    mask: in 1D (..., batch, steps), 1 for those that the mean is of; it must be of some.
    """

    keepdims: bool = False

    @property
    def output_shape(self):
        *places, channels = self.input_shape
        return (*(1 for _ in places if self.keepdims), channels)

    def forward(self, weights, x, mask=None):
        x, counts = in_one_axis(x, len(self.input_shape) - 1), None
        if mask is None:
            y = np.sum(x, axis=-2) / x.shape[-2]  # (1)
        else:
            counts = mask[..., None] > 0
            n = np.sum(np.where(counts, np.ones_like(x), 0), axis=-2)  # (2)
            y = np.sum(np.where(counts, x, 0), axis=-2) / n  # (3)
        return y.reshape(*x.shape[:-2], *self.output_shape), (x, counts)

    def backward(self, weights, kept, yb):
        x, counts = kept
        yb = yb.reshape(*x.shape[:-2], 1, x.shape[-1])
        if counts is None:
            xb = np.broadcast_to(yb / x.shape[-2], x.shape)  # (4)
        else:
            n = np.sum(np.where(counts, np.ones_like(x), 0), axis=-2, keepdims=True)
            xb = np.where(counts, yb / n, np.zeros_like(x))  # (5)
        return xb.reshape(*x.shape[:-2], *self.input_shape), ()


class GlobalAveragePooling1D(GlobalAveragePooling):
    """One axis of places: input_shape (steps, channels)."""

    takes_mask: ClassVar = True


class GlobalAveragePooling2D(GlobalAveragePooling):
    """Two axes of places: input_shape (height, width, channels)."""


class GlobalAveragePooling3D(GlobalAveragePooling):
    """Three axes of places: input_shape (depth, height, width, channels)."""
