"""L2, ridge regression's penalty (Hoerl and Kennard 1970)."""

from dataclasses import dataclass

import keras
import tensorflow as tf


@dataclass(frozen=True)
class L2:
    """Keras: ``L2``."""

    l2: float = 0.01

    def forward(self, w):
        return self.l2 * tf.reduce_sum(tf.square(w), axis=(-2, -1))  # (1)

    def backward(self, yb, w):
        return (yb * self.l2 * (2 * w),)  # (2)

    def keras(self):
        return keras.regularizers.L2(self.l2)
