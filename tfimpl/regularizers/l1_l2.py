"""L1 and L2 together, the elastic net's penalty (Zou and Hastie 2005, (3))."""

from dataclasses import dataclass

import keras
import tensorflow as tf


@dataclass(frozen=True)
class L1L2:
    """Keras: ``L1L2``."""

    l1: float = 0.0
    l2: float = 0.0

    def forward(self, w):
        magnitudes = self.l1 * tf.reduce_sum(tf.abs(w), axis=(-2, -1))  # (1)
        return magnitudes + self.l2 * tf.reduce_sum(tf.square(w), axis=(-2, -1))  # (2)

    def backward(self, yb, w):
        return yb * self.l1 * tf.sign(w), yb * self.l2 * (2 * w)  # (3)

    def keras(self):
        return keras.regularizers.L1L2(self.l1, self.l2)
