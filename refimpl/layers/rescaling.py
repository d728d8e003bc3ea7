"""Numbers in another unit, as a picture's bytes from 0 to 1."""

from dataclasses import dataclass
from typing import ClassVar

from refimpl.checks import one_number
from refimpl.layers.layer import Layer


@dataclass(frozen=True)
class Rescaling(Layer):
    """y = scale x + offset.

    Raises ValueError for a scale or offset of several numbers, as one for each channel.
    """

    scale: float
    offset: float = 0.0

    passes_mask: ClassVar = True

    def __post_init__(self):
        one_number("scale", self.scale)
        one_number("offset", self.offset)

    def forward(self, weights, x):
        return x * self.scale + self.offset, None  # (1)

    def backward(self, weights, kept, yb):
        return yb * self.scale, ()  # (2)
