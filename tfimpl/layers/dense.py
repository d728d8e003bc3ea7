"""Densely connected layer (seed 001, 411; seed 002, the hand-made Dense)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import keras
import tensorflow as tf

from tfimpl.activations import Linear
from tfimpl.layers.layer import Layer


@dataclass(frozen=True)
class Dense(Layer):
    """Keras: ``Dense(units, activation, use_bias)``."""

    units: int
    activation: Any = Linear()
    use_bias: bool = True

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
        return tf.reshape(y, (*x.shape[:-1], self.units)), x

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (4)-(7)

    def keras(self, dtype):
        activation = self.activation.keras()
        return keras.layers.Dense(
            self.units, activation, use_bias=self.use_bias, dtype=dtype
        )
