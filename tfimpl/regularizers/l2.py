"""L2, ridge regression's penalty (Hoerl and Kennard 1970)."""

from dataclasses import dataclass

import tensorflow as tf

from tfimpl.regularizers.regularizer import Regularizer


@dataclass(frozen=True)
class L2(Regularizer):
    """Keras: ``L2``."""

    l2: float = 0.01

    def forward(self, w):
        return self.l2 * tf.reduce_sum(tf.square(w), axis=(-2, -1))  # (1)

    def backward(self, yb, w):
        return (yb * self.l2 * (2 * w),)  # (2)
