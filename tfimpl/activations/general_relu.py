"""Rectified linear unit with a threshold, a maximum and a slope below."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.activations.activation import Activation
from tfimpl.counterpart import Counterpart
from tfimpl.gradients import pull_back


@dataclass(frozen=True)
class GeneralReLU(Activation):
    """Keras: ``keras.activations.relu(x, negative_slope, max_value, threshold)``.

    Keras takes shorter ways where it can, with other derivatives at the kinks: leaky_relu
    for a slope alone (the slope at 0), relu6 for max_value=6 without a threshold (0 at 6).
    With a slope and a maximum or a threshold it gives 0 at the threshold: neither of its
    two rectifiers lets the gradient of a tie pass.
    """

    negative_slope: float = 0.0
    max_value: float | None = None
    threshold: float = 0.0

    name: ClassVar = "general_relu"
    in_keras: ClassVar = Counterpart("relu", also=("ReLU",))

    def forward(self, x):
        above = tf.where(x > self.threshold, x, tf.zeros_like(x))  # (1)
        if self.max_value is not None:
            above = tf.minimum(above, self.max_value)  # (2)
        if self.negative_slope == 0:  # times infinity it would be no number
            return above
        below = tf.where(x > self.threshold, tf.zeros_like(x), self.threshold - x)  # (3)
        return above - self.negative_slope * below  # (4)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (5)-(8)
