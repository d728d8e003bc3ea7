"""GELU by the hyperbolic tangent (Hendrycks and Gimpel 2016, section 2)."""

from typing import ClassVar

import tensorflow as tf

from tfimpl.activations.activation import Activation
from tfimpl.counterpart import Counterpart
from tfimpl.gradients import pull_back


class GELUTanh(Activation):
    """Keras: ``keras.activations.gelu(x, approximate=True)``; its float64 cubic term has
    a float32 coefficient.
    """

    name = "gelu_tanh"

    coefficient = 0.044715
    root_two_over_pi = 0.7978845608028654
    in_keras: ClassVar = Counterpart("gelu", approximate=True)

    def forward(self, x):
        inner = x + self.coefficient * tf.pow(x, 3)  # (1)
        t = tf.tanh(self.root_two_over_pi * inner)  # (2)
        return 0.5 * x * (1 + t)  # (3)

    def backward(self, yb, x, y):
        return pull_back(self.forward, x, yb)  # (4)-(9)
