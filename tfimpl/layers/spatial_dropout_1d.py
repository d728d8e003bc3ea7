"""Dropout of whole channels (Tompson, Goroshin, Jain, LeCun and Bregler 2015, 3.2)."""

from dataclasses import dataclass

import keras

from tfimpl.layers.dropout import Dropout


@dataclass(frozen=True)
class SpatialDropout1D(Dropout):
    """Keras: ``SpatialDropout1D``."""

    noise_shape: tuple = (None, 1, None)

    def forward(self, weights, x):
        return super().forward(weights, x)  # (1)

    def keras(self, dtype):
        return keras.layers.SpatialDropout1D(self.rate, self.seed, dtype=dtype)
