"""The largest number under a window (seed 000, 6-4, 6-6)."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from refimpl.layers.layer import Layer
from refimpl.layers.windows import in_one_axis, look_up, windows


@dataclass(frozen=True)
class MaxPooling(Layer):
    """y[r, c] = max over k of x[place(r, k), c]; padding is never the largest.

    x (..., batch, *places, channels) -> y (..., batch, *windows, channels).

    The gradient goes back to the place of the largest, and where several are equal, to the
    first of them, as in Keras (on a CPU; but see tests/test_places.py for 3D).

    strides: None takes pool_size.
    """

    pool_size: Any = 2
    strides: Any = None
    padding: str = "valid"

    @property
    def windows(self):
        strides = self.pool_size if self.strides is None else self.strides
        return windows(self.input_shape[:-1], self.pool_size, strides, 1, self.padding)

    @property
    def output_shape(self):
        return (*self.windows.counts, self.input_shape[-1])

    def wins(self, seen):
        """Say which places of (..., windows, places of a window, channels) are chosen."""
        nothing = self.windows.is_nothing[..., None]
        places = np.arange(nothing.shape[1])[:, None]
        wins = ~nothing
        for k in range(len(places)):
            other = seen[..., k : k + 1, :]
            before = (seen >= other) & (places < k)
            here = (places == k) | nothing[:, k : k + 1]
            wins = ((seen > other) | before | here) & wins
        return wins

    def forward(self, weights, x):
        places = in_one_axis(x, len(self.input_shape) - 1)
        seen = look_up(places, self.windows.inside)  # (1)
        y = np.max(seen, axis=-2)  # (2)
        return y.reshape(*self.leading(x), -1, *self.output_shape), seen

    def backward(self, weights, kept, yb):
        given = in_one_axis(yb, len(self.input_shape) - 1)[..., None, :]
        taken = np.where(self.wins(kept), given, np.zeros_like(given))  # (3)
        taken = taken.reshape(*taken.shape[:-3], -1, taken.shape[-1])
        xb = np.sum(look_up(taken, self.windows.takers), axis=-2)  # (4)
        return xb.reshape(*self.leading(yb), -1, *self.input_shape), ()


class MaxPooling1D(MaxPooling):
    """One axis of places: input_shape (steps, channels)."""


class MaxPooling2D(MaxPooling):
    """Two axes of places: input_shape (height, width, channels)."""


class MaxPooling3D(MaxPooling):
    """Three axes of places: input_shape (depth, height, width, channels)."""
