"""Numbers in another unit, as a picture's bytes from 0 to 1."""

from dataclasses import dataclass
from typing import ClassVar

from tfimpl.layers.layer import Layer


@dataclass(frozen=True)
class Rescaling(Layer):
    """Keras: ``Rescaling(scale, offset)``."""

    scale: float
    offset: float = 0.0

    passes_mask: ClassVar = True

    def forward(self, weights, x):
        return x * self.scale + self.offset, x  # (1)

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (2)
