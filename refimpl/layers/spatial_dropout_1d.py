"""Dropout of whole channels (Tompson, Goroshin, Jain, LeCun and Bregler 2015, 3.2)."""

from dataclasses import dataclass

from refimpl.layers.dropout import Dropout


@dataclass(frozen=True)
class SpatialDropout1D(Dropout):
    """Dropout of x (..., batch, places, channels), the same at all places of a sample."""

    noise_shape: tuple = (None, 1, None)

    def forward(self, weights, x):
        return super().forward(weights, x)  # (1)
