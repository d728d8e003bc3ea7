"""Layer normalization (Ba, Kiros and Hinton 2016, (4))."""

from dataclasses import dataclass
from typing import ClassVar

from refimpl.layers.normalization import Normalization


@dataclass(frozen=True)
class LayerNormalization(Normalization):
    """Every sample is normalized by itself, over ``axis``; gamma and beta are of its size.

    axis: a number or a tuple of them in rising order, counted with the batch as 0.
    """

    axis: int | tuple = -1
    epsilon: float = 1e-3
    center: bool = True
    scale: bool = True

    passes_mask: ClassVar = True

    @property
    def over(self):
        axes = self.axis if isinstance(self.axis, tuple) else (self.axis,)
        rank = len(self.input_shape) + 1
        return tuple(axis % rank - rank for axis in axes)

    @property
    def sizes(self):
        return tuple(self.input_shape[axis] for axis in self.over)

    @property
    def spread(self):
        axes = range(-len(self.input_shape), 0)
        return (1, *(self.input_shape[k] if k in self.over else 1 for k in axes))

    def forward(self, weights, x):
        mean, variance = self.moments(x)  # (1)
        return self.normalize(weights, x, mean, variance)  # (2)

    def backward(self, weights, kept, yb):
        return self.normalize_back(weights, kept, yb)  # (3)

    def weights_back(self, weights, kept, yb):
        return self.normalize_back(weights, kept, yb, of_x=False)[1]
