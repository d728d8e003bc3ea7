"""Masking: time steps that hold nothing but the mask's value do not count."""

from dataclasses import dataclass

import numpy as np

from refimpl.layers.layer import Layer


@dataclass(frozen=True)
class Masking(Layer):
    """x (..., batch, steps, features) -> y of the same shape, 0 at masked time steps."""

    mask_value: float = 0.0

    def furthest(self, x):
        """Return how far from the value each time step gets: (..., batch, steps, 1)."""
        return np.max(np.abs(x - self.mask_value), axis=-1, keepdims=True)  # (1)

    def next_mask(self, x, mask):
        one = np.ones_like(x[..., 0])
        return np.where(self.furthest(x)[..., 0] > 0, one, np.zeros_like(one))  # (2)

    def forward(self, weights, x):
        furthest = self.furthest(x)
        return np.where(furthest > 0, x, np.zeros_like(x)), furthest  # (3)

    def backward(self, weights, kept, yb):
        return np.where(kept > 0, yb, np.zeros_like(yb)), ()  # (4)
