"""The norm 1 for a weight."""

from dataclasses import dataclass

import keras

from tfimpl.constraints.norms import EPSILON, norms
from tfimpl.keras_axes import keras_axis


@dataclass(frozen=True)
class UnitNorm:
    """Keras: ``UnitNorm``."""

    axis: int = -2

    def forward(self, w):
        return w / (EPSILON + norms(w, self.axis))  # (1)

    def keras(self, axes):
        return keras.constraints.UnitNorm(keras_axis(self.axis, axes))
