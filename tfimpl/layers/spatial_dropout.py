"""Dropout of whole channels (Tompson, Goroshin, Jain, LeCun and Bregler 2015, 3.2)."""

from dataclasses import dataclass
from typing import Any, ClassVar

from tfimpl.counterpart import Counterpart
from tfimpl.layers.dropout import Dropout


@dataclass(frozen=True)
class SpatialDropout(Dropout):
    """Keras: ``SpatialDropout1D``, ``2D`` and ``3D``."""

    in_keras: ClassVar = Counterpart(without=("noise_shape",))

    def forward(self, weights, x):
        return super().forward(weights, x)  # (1)


@dataclass(frozen=True)
class SpatialDropout1D(SpatialDropout):
    """Keras: ``SpatialDropout1D``."""

    noise_shape: Any = (None, 1, None)


@dataclass(frozen=True)
class SpatialDropout2D(SpatialDropout):
    """Keras: ``SpatialDropout2D``."""

    noise_shape: Any = (None, 1, 1, None)


@dataclass(frozen=True)
class SpatialDropout3D(SpatialDropout):
    """Keras: ``SpatialDropout3D``."""

    noise_shape: Any = (None, 1, 1, 1, None)
