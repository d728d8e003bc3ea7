"""Densely connected layer (seed 001, 411; seed 002, the hand-made Dense)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from refimpl.activations import Linear
from refimpl.layers.layer import Layer


@dataclass(frozen=True)
class Dense(Layer):
    """y = activation(x kernel + bias), for every place of a sample by itself.

    x (..., batch, *places, features) -> y (..., batch, *places, units); kernel
    (features, units), bias (1, units).
    """

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
        return y.reshape(*x.shape[:-1], self.units), (x, z, y)

    def backward(self, weights, kept, yb):
        kernel, *_ = weights
        x, z, y = kept
        zb = self.activation.backward(self.rows(yb), z, y)  # (4)
        kernelb = self.rows(x).mT @ zb  # (5)
        biasb = (np.sum(zb, axis=-2, keepdims=True),) if self.use_bias else ()  # (6)
        xb = zb @ kernel.mT  # (7)
        return xb.reshape(*x.shape), (kernelb, *biasb)
