"""A sample's numbers in another shape."""

from dataclasses import dataclass
from math import prod

from refimpl.layers.layer import Layer


@dataclass(frozen=True)
class Reshape(Layer):
    """x (..., batch, *shape) -> y (..., batch, *target_shape), both read row by row.

    One number of ``target_shape`` may be -1: what the others leave.
    """

    target_shape: tuple

    @property
    def output_shape(self):
        known = prod(size for size in self.target_shape if size != -1)
        rest = prod(self.input_shape) // known
        return tuple(rest if size == -1 else size for size in self.target_shape)

    def forward(self, weights, x):
        y = x.reshape(*self.leading(x), -1, *self.output_shape)  # (1)
        return y, x

    def backward(self, weights, kept, yb):
        return yb.reshape(*kept.shape), ()  # (2)
