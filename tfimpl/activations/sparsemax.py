"""Sparsemax over the last axis (Martins and Astudillo 2016, algorithm 1)."""

import tensorflow as tf

from tfimpl.activations.activation import Activation
from tfimpl.gradients import pull_back


class Sparsemax(Activation):
    """Keras: ``activation="sparsemax"``, which has another tau wherever the support has
    more than one element.
    """

    name = "sparsemax"

    def forward(self, x):
        support = self.support(x)  # (1)
        tau = (tf.reduce_sum(support * x, axis=-1, keepdims=True) - 1) / tf.reduce_sum(
            support, axis=-1, keepdims=True
        )  # (2)
        return support * (x - tau)  # (3)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (4)-(7)

    def support(self, x):
        """Return 1 where x is in the support and 0 elsewhere."""
        above = tf.nn.relu(x[..., None, :] - x[..., :, None])  # (8)
        inside = tf.reduce_sum(above, axis=-1) < 1
        return tf.stop_gradient(tf.where(inside, tf.ones_like(x), tf.zeros_like(x)))  # (9)
