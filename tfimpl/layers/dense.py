"""Densely connected layer (seed 001, 411; seed 002, the hand-made Dense)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import tensorflow as tf

from tfimpl.activations import Linear
from tfimpl.layers.layer import Layer


@dataclass(frozen=True)
class Dense(Layer):
    """Keras: ``Dense(units, activation, use_bias)``."""

    units: int
    activation: Any = Linear()
    use_bias: bool = True
    kernel_regularizer: Any = None
    bias_regularizer: Any = None
    activity_regularizer: Any = None

    passes_mask: ClassVar = True

    @property
    def weight_names(self):
        return ("kernel", "bias") if self.use_bias else ("kernel",)

    @property
    def weight_shapes(self):
        kernel, bias = (self.input_shape[-1], self.units), (1, self.units)
        return (kernel, bias) if self.use_bias else (kernel,)

    @property
    def output_shape(self):
        return (*self.input_shape[:-1], self.units)

    def forward(self, weights, x):
        kernel, *bias = weights
        z = self.rows(x) @ kernel  # (1)
        if self.use_bias:
            z = z + bias[0]  # (2)
        y = self.activation.forward(z)  # (3)
        y = tf.reshape(y, (*x.shape[:-1], self.units))
        return y, (x, y)

    def penalties(self, weights, kept):
        x, y = kept
        on_weights = zip((self.kernel_regularizer, self.bias_regularizer), weights)
        found = tuple(penalty.forward(w) for penalty, w in on_weights if penalty)  # (4)
        if self.activity_regularizer:
            y = self.rows(y)
            found += (self.activity_regularizer.forward(y) / self.batch(x),)  # (5)
        return found

    def backward(self, weights, kept, yb):
        x, _ = kept
        return self.pull_back(weights, x, yb)  # (6)-(10)


def _keras(regularizer):
    return regularizer and regularizer.keras()
