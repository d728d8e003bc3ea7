"""Hard shrinkage: the identity outside -threshold ... threshold, 0 inside."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.activations.activation import Activation
from tfimpl.gradients import pull_back


@dataclass(frozen=True)
class HardShrink(Activation):
    """Keras: ``activation="hard_shrink"``, and ``keras.activations.hard_shrink(x,
    threshold)``.
    """

    threshold: float = 0.5

    name: ClassVar = "hard_shrink"

    def forward(self, x):
        return tf.where(tf.abs(x) > self.threshold, x, tf.zeros_like(x))  # (1)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (2)
