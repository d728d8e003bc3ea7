"""Softmax over the last axis (seed 001, 417_1)."""

import tensorflow as tf

from tfimpl.activations.activation import Activation
from tfimpl.gradients import pull_back


class Softmax(Activation):
    """Keras: ``activation="softmax"``."""

    name = "softmax"

    def forward(self, x):
        return tf.nn.softmax(x)  # (1)-(3)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (4)
