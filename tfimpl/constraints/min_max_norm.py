"""The smallest and the largest norm that a weight may have."""

from dataclasses import dataclass

import keras
import tensorflow as tf

from tfimpl.constraints.norms import EPSILON, norms
from tfimpl.keras_axes import keras_axis


@dataclass(frozen=True)
class MinMaxNorm:
    """Keras: ``MinMaxNorm``."""

    min_value: float = 0.0
    max_value: float = 1.0
    rate: float = 1.0
    axis: int = -2

    def forward(self, w):
        norm = norms(w, self.axis)  # (1)
        nearest = tf.minimum(tf.maximum(norm, self.min_value), self.max_value)  # (2)
        desired = self.rate * nearest + (1 - self.rate) * norm  # (3)
        return w * (desired / (EPSILON + norm))  # (4)

    def keras(self, axes):
        axis = keras_axis(self.axis, axes)
        return keras.constraints.MinMaxNorm(self.min_value, self.max_value, self.rate, axis)
