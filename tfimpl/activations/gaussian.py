"""Gaussian (seed 003, the activation functions)."""

from typing import ClassVar

import tensorflow as tf

from tfimpl.activations.activation import Activation
from tfimpl.gradients import pull_back


class Gaussian(Activation):
    """Keras has none."""

    name = "gaussian"
    in_keras: ClassVar = None

    def forward(self, x):
        return tf.exp(-tf.square(x))  # (1)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (2)
