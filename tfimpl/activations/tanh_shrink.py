"""Tanh shrinkage."""

import tensorflow as tf

from tfimpl.activations.activation import Activation
from tfimpl.gradients import pull_back


class TanhShrink(Activation):
    """Keras: ``activation="tanh_shrink"``."""

    name = "tanh_shrink"

    def forward(self, x):
        return x - tf.tanh(x)  # (1)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (2)-(3)
