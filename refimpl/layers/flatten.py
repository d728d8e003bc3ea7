"""A sample's numbers in one row."""

from dataclasses import dataclass
from math import prod

from refimpl.layers.layer import Layer


@dataclass(frozen=True)
class Flatten(Layer):
    """x (..., batch, *shape) -> y (..., batch, numbers), the last axis running fastest."""

    @property
    def output_shape(self):
        return (prod(self.input_shape),)

    def forward(self, weights, x):
        y = x.reshape(*self.leading(x), -1, *self.output_shape)  # (1)
        return y, x

    def backward(self, weights, kept, yb):
        return yb.reshape(*kept.shape), ()  # (2)
