"""Logistic sigmoid (seed 001, 416_1)."""

import tensorflow as tf

from tfimpl.activations.activation import Activation
from tfimpl.gradients import pull_back


class Sigmoid(Activation):
    """Keras: ``activation="sigmoid"``."""

    name = "sigmoid"

    def forward(self, x):
        return tf.sigmoid(x)  # (1)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (2)
