"""Hard tanh: the identity, clipped to -1 ... 1."""

import tensorflow as tf

from tfimpl.activations.activation import Activation
from tfimpl.gradients import pull_back


class HardTanh(Activation):
    """Keras: ``activation="hard_tanh"``."""

    name = "hard_tanh"

    def forward(self, x):
        return tf.clip_by_value(x, -1, 1)  # (1)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (2)-(3)
