"""The mean of each channel (Lin, Chen and Yan 2014, "Network in network", 3.2)."""

from dataclasses import dataclass

import numpy as np

from refimpl.layers.layer import Layer
from refimpl.layers.windows import in_one_axis


@dataclass(frozen=True)
class GlobalAveragePooling(Layer):
    """y[c] = 1/n sum over p of x[p, c], p running over the n places.

    x (..., batch, *places, channels) -> y (..., batch, channels), or (..., batch, 1, ...,
    channels) with keepdims.
    """

    keepdims: bool = False

    @property
    def output_shape(self):
        *places, channels = self.input_shape
        return (*(1 for _ in places if self.keepdims), channels)

    def forward(self, weights, x):
        x = in_one_axis(x, len(self.input_shape) - 1)
        y = np.sum(x, axis=-2) / x.shape[-2]  # (1)
        return y.reshape(*x.shape[:-2], *self.output_shape), x

    def backward(self, weights, kept, yb):
        yb = yb.reshape(*kept.shape[:-2], 1, kept.shape[-1])
        xb = np.broadcast_to(yb / kept.shape[-2], kept.shape)  # (2)
        return xb.reshape(*kept.shape[:-2], *self.input_shape), ()


class GlobalAveragePooling1D(GlobalAveragePooling):
    """One axis of places: input_shape (steps, channels)."""


class GlobalAveragePooling2D(GlobalAveragePooling):
    """Two axes of places: input_shape (height, width, channels)."""


class GlobalAveragePooling3D(GlobalAveragePooling):
    """Three axes of places: input_shape (depth, height, width, channels)."""
