"""Densely connected layer (seed 001, 411; seed 002, the hand-made Dense)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from refimpl.activations import Linear
from refimpl.functions import total
from refimpl.layers.layer import Layer


@dataclass(frozen=True)
class Dense(Layer):
    """y = activation(x kernel + bias), for every place of a sample by itself.

    x (..., batch, *places, features) -> y (..., batch, *places, units); kernel
    (features, units), bias (1, units).

    The penalty of y is divided by the batch, so that it is one of a sample.
    """

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
        return y.reshape(*x.shape[:-1], self.units), (x, z, y)

    def penalties(self, weights, kept):
        x, _, y = kept
        on_weights = zip((self.kernel_regularizer, self.bias_regularizer), weights)
        found = tuple(penalty.forward(w) for penalty, w in on_weights if penalty)  # (4)
        if self.activity_regularizer:
            found += (self.activity_regularizer.forward(y) / self.batch(x),)  # (5)
        return found

    def penalties_back(self, kept):
        x, *_, y = kept
        if not self.activity_regularizer:
            return ()
        share = np.ones_like(y[..., :1, :1]) / self.batch(x)
        parts = self.activity_regularizer.backward(share, y)
        return tuple(part.reshape(*x.shape[:-1], self.units) for part in parts)

    def backward(self, weights, kept, yb):
        kernel, *_ = weights
        x, *_ = kept
        zb, gradients = self.back_to_z(weights, kept, yb)  # (6)-(9)
        xb = zb @ kernel.mT  # (10)
        return xb.reshape(*x.shape), gradients

    def weights_back(self, weights, kept, yb):
        return self.back_to_z(weights, kept, yb)[1]

    def back_to_z(self, weights, kept, yb):
        """Return the gradient of z, in rows, and a tuple of those of the weights."""
        x, z, y = kept
        zb = self.activation.backward(self.rows(yb), z, y)
        kernelb = self.rows(x).mT @ zb
        biasb = (np.sum(zb, axis=-2, keepdims=True),) if self.use_bias else ()
        penalties = (self.kernel_regularizer, self.bias_regularizer)
        each = zip((kernelb, *biasb), penalties, weights)
        gradients = (total(g, p.backward(1, w)) if p else g for g, p, w in each)
        return zb, tuple(gradients)
