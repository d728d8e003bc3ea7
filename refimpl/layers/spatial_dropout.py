"""Dropout of whole channels (Tompson, Goroshin, Jain, LeCun and Bregler 2015, 3.2)."""

from dataclasses import dataclass
from typing import Any

from refimpl.layers.dropout import Dropout


@dataclass(frozen=True)
class SpatialDropout(Dropout):
    """Dropout of x (..., batch, *places, channels), the same at all places of a sample."""

    def forward(self, weights, x):
        return super().forward(weights, x)  # (1)


@dataclass(frozen=True)
class SpatialDropout1D(SpatialDropout):
    """One axis of places: input_shape (steps, channels)."""

    noise_shape: Any = (None, 1, None)


@dataclass(frozen=True)
class SpatialDropout2D(SpatialDropout):
    """Two axes of places: input_shape (height, width, channels)."""

    noise_shape: Any = (None, 1, 1, None)


@dataclass(frozen=True)
class SpatialDropout3D(SpatialDropout):
    """Three axes of places: input_shape (depth, height, width, channels)."""

    noise_shape: Any = (None, 1, 1, 1, None)
