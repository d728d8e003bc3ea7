"""Threshold: the identity above a value, a constant below."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.activations.activation import Activation
from tfimpl.gradients import pull_back


@dataclass(frozen=True)
class Threshold(Activation):
    """Keras: ``keras.activations.threshold(x, threshold, default_value)``."""

    threshold: float = 0.0
    default_value: float = 0.0

    name: ClassVar = "threshold"

    def forward(self, x):
        return tf.where(x > self.threshold, x, self.default_value)  # (1)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (2)
