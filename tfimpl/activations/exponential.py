"""Exponential."""

import tensorflow as tf

from tfimpl.activations.activation import Activation
from tfimpl.gradients import pull_back


class Exponential(Activation):
    """Keras: ``activation="exponential"``."""

    name = "exponential"

    def forward(self, x):
        return tf.exp(x)  # (1)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (2)
