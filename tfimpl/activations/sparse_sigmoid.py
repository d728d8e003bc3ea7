"""Sparse sigmoid (Blondel, Martins, Niculae 2019, section 6)."""

import tensorflow as tf

from tfimpl.activations.activation import Activation
from tfimpl.gradients import pull_back


class SparseSigmoid(Activation):
    """Keras: ``activation="sparse_sigmoid"``."""

    name = "sparse_sigmoid"

    def forward(self, x):
        between = 0.5 * (x + 1)  # (1)
        below = tf.where(x < 1, between, tf.ones_like(x))  # (2)
        return tf.where(x > -1, below, tf.zeros_like(x))  # (3)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (4)-(5)
