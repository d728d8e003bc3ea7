"""L1 and L2 together, the elastic net's penalty (Zou and Hastie 2005, (3))."""

from dataclasses import dataclass

import tensorflow as tf

from tfimpl.regularizers.regularizer import Regularizer


@dataclass(frozen=True)
class L1L2(Regularizer):
    """Keras: ``L1L2``."""

    l1: float = 0.0
    l2: float = 0.0

    def forward(self, w):
        magnitudes = self.l1 * tf.reduce_sum(tf.abs(w), axis=(-2, -1))  # (1)
        return magnitudes + self.l2 * tf.reduce_sum(tf.square(w), axis=(-2, -1))  # (2)

    def backward(self, yb, w):
        return yb * self.l1 * tf.sign(w), yb * self.l2 * (2 * w)  # (3)
