"""Sparse plus: a softplus that is 0 up to -1 and x from 1 on."""

import tensorflow as tf

from tfimpl.activations.activation import Activation
from tfimpl.gradients import pull_back


class SparsePlus(Activation):
    """Keras: ``activation="sparse_plus"``."""

    name = "sparse_plus"

    def forward(self, x):
        between = 0.25 * tf.pow(x + 1, 2)  # (1)
        above = tf.where(x < 1, between, x)  # (2)
        return tf.where(x > -1, above, tf.zeros_like(x))  # (3)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (4)-(6)
