"""Binary step (seed 003: if Z > b then 1 else 0)."""

from typing import ClassVar

import tensorflow as tf

from tfimpl.activations.activation import Activation
from tfimpl.gradients import pull_back


class BinaryStep(Activation):
    """Keras has none; ``tf.sign`` hands a gradient of 0 back, where a comparison hands back
    None.
    """

    name = "binary_step"
    in_keras: ClassVar = None

    def forward(self, x):
        return tf.nn.relu(tf.sign(x))  # (1)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (2)
