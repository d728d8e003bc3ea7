"""The same vector at every time step (seed 000, 7-4)."""

from dataclasses import dataclass

import numpy as np

from refimpl.layers.layer import Layer


@dataclass(frozen=True)
class RepeatVector(Layer):
    """x (..., batch, features) -> y (..., batch, n, features)."""

    n: int

    @property
    def output_shape(self):
        return (self.n, *self.input_shape)

    def forward(self, weights, x):
        return np.repeat(x[..., None, :], self.n, axis=-2), None  # (1)

    def backward(self, weights, kept, yb):
        return np.sum(yb, axis=-2), ()  # (2)
