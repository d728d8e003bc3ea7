"""Softsign."""

import tensorflow as tf

from tfimpl.gradients import pull_back


class Softsign:
    """Keras: ``activation="softsign"``."""

    name = "softsign"

    def forward(self, x):
        return tf.nn.softsign(x)  # (1)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (2)

    def keras(self):
        return self.name
