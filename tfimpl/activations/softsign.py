"""Softsign."""

import tensorflow as tf

from tfimpl.activations.activation import Activation
from tfimpl.gradients import pull_back


class Softsign(Activation):
    """Keras: ``activation="softsign"``."""

    name = "softsign"

    def forward(self, x):
        return tf.nn.softsign(x)  # (1)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (2)
