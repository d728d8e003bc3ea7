"""The largest number of each channel."""

from dataclasses import dataclass

import numpy as np

from refimpl.layers.layer import Layer
from refimpl.layers.windows import in_one_axis


@dataclass(frozen=True)
class GlobalMaxPooling(Layer):
    """y[c] = max over p of x[p, c].

    x (..., batch, *places, channels) -> y (..., batch, channels), or (..., batch, 1, ...,
    channels) with keepdims.

    Unlike MaxPooling's, the gradient is shared by all places that hold the largest: Keras
    takes a reduce_max, whose gradient in TensorFlow is so.
    """

    keepdims: bool = False

    @property
    def output_shape(self):
        *places, channels = self.input_shape
        return (*(1 for _ in places if self.keepdims), channels)

    def largest(self, x):
        """Say which of (..., places, channels) are the largest."""
        places = np.arange(x.shape[-2])[:, None]
        largest = places >= 0
        for p in range(len(places)):
            largest = ((x >= x[..., p : p + 1, :]) | (places == p)) & largest
        return largest

    def forward(self, weights, x):
        x = in_one_axis(x, len(self.input_shape) - 1)
        y = np.max(x, axis=-2)  # (1)
        return y.reshape(*x.shape[:-2], *self.output_shape), x

    def backward(self, weights, kept, yb):
        yb = yb.reshape(*kept.shape[:-2], 1, kept.shape[-1])
        one, nothing = np.ones_like(kept), np.zeros_like(kept)
        largest = np.where(self.largest(kept), one, nothing)  # (2)
        share = largest / np.sum(largest, axis=-2, keepdims=True)  # (3)
        xb = share * yb  # (4)
        return xb.reshape(*kept.shape[:-2], *self.input_shape), ()


class GlobalMaxPooling1D(GlobalMaxPooling):
    """One axis of places: input_shape (steps, channels)."""


class GlobalMaxPooling2D(GlobalMaxPooling):
    """Two axes of places: input_shape (height, width, channels)."""


class GlobalMaxPooling3D(GlobalMaxPooling):
    """Three axes of places: input_shape (depth, height, width, channels)."""
