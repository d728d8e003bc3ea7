"""L1, the lasso's penalty (Tibshirani 1996)."""

from dataclasses import dataclass

import tensorflow as tf

from tfimpl.regularizers.regularizer import Regularizer


@dataclass(frozen=True)
class L1(Regularizer):
    """Keras: ``L1``."""

    l1: float = 0.01

    def forward(self, w):
        return self.l1 * tf.reduce_sum(tf.abs(w), axis=(-2, -1))  # (1)

    def backward(self, yb, w):
        return (yb * self.l1 * tf.sign(w),)  # (2)
