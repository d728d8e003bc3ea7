"""No number of a weight below 0."""

from dataclasses import dataclass

import keras
import tensorflow as tf


@dataclass(frozen=True)
class NonNeg:
    """Keras: ``NonNeg``."""

    def forward(self, w):
        return tf.maximum(w, 0)  # (1)

    def keras(self, axes):
        return keras.constraints.NonNeg()
