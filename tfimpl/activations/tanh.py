"""Hyperbolic tangent (seed 001, 416_3)."""

import tensorflow as tf

from tfimpl.activations.activation import Activation
from tfimpl.gradients import pull_back


class Tanh(Activation):
    """Keras: ``activation="tanh"``."""

    name = "tanh"

    def forward(self, x):
        return tf.tanh(x)  # (1)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (2)
