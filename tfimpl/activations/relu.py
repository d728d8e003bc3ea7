"""Rectified linear unit (seed 001, 416_5)."""

import tensorflow as tf

from tfimpl.activations.activation import Activation
from tfimpl.gradients import pull_back


class ReLU(Activation):
    """Keras: ``activation="relu"``; TensorFlow's derivative at the kink is 0."""

    name = "relu"

    def forward(self, x):
        return tf.nn.relu(x)  # (1)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (2)
