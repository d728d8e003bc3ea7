"""Scaled exponential linear unit (Klambauer and others 2017, equation 2)."""

import tensorflow as tf

from tfimpl.activations.activation import Activation
from tfimpl.gradients import pull_back


class SELU(Activation):
    """Keras: ``activation="selu"``."""

    name = "selu"

    scale = 1.0507009873554805
    scale_alpha = 1.7580993408473769

    def forward(self, x):
        return tf.nn.selu(x)  # (1)-(2)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (3)-(4)
