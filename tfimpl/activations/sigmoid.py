"""Logistic sigmoid (seed 001, 416_1)."""

import tensorflow as tf

from tfimpl.gradients import pull_back


class Sigmoid:
    """Keras: ``activation="sigmoid"``."""

    name = "sigmoid"

    def forward(self, x):
        return tf.sigmoid(x)  # (1)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (2)

    def keras(self):
        return self.name
