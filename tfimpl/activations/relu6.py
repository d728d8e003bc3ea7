"""Rectified linear unit that stops at 6 (Krizhevsky 2010, section 2)."""

import tensorflow as tf

from tfimpl.activations.activation import Activation
from tfimpl.gradients import pull_back


class ReLU6(Activation):
    """Keras: ``activation="relu6"``; TensorFlow's derivative at both kinks is 0."""

    name = "relu6"

    def forward(self, x):
        return tf.nn.relu6(x)  # (1)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (2)-(3)
