"""Logarithm of the softmax over the last axis."""

import tensorflow as tf

from tfimpl.activations.activation import Activation
from tfimpl.gradients import pull_back


class LogSoftmax(Activation):
    """Keras: ``activation="log_softmax"``."""

    name = "log_softmax"

    def forward(self, x):
        return tf.nn.log_softmax(x)  # (1)-(3)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (4)
