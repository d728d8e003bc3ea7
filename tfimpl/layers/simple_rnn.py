"""Simple recurrent layer (seed 003, next word; Elman 1990)."""

from dataclasses import dataclass
from typing import Any

import keras

from tfimpl.activations import Tanh
from tfimpl.layers.recurrent import Recurrent, chosen


@dataclass(frozen=True)
class SimpleRNN(Recurrent):
    """Keras: ``SimpleRNN(units, activation, use_bias)``."""

    units: int
    activation: Any = Tanh()
    use_bias: bool = True

    @property
    def weight_shapes(self):
        kernels = (self.input_shape[-1], self.units), (self.units, self.units)
        return (*kernels, (1, self.units)) if self.use_bias else kernels

    def forward(self, weights, x, mask=None):
        kernel, recurrent_kernel, *bias = weights
        time_steps = self.time_steps(x, mask)
        h = self.start_state(x)
        hs = []
        for xt, counts in time_steps:
            z = xt @ kernel  # (1)
            if self.use_bias:
                z = z + bias[0]  # (2)
            z = z + h @ recurrent_kernel  # (3)
            y = self.activation.forward(z)  # (4)
            h = chosen(counts, y, h)  # (5)
            hs.append(h)
        return self.outputs(hs, [c for _, c in time_steps]), (x, mask)

    def backward(self, weights, kept, yb):
        x, mask = kept
        return self.pull_back(weights, x, yb, mask)  # (6)-(11)

    def keras(self, dtype):
        return keras.layers.SimpleRNN(self.units, **self.keras_options(dtype))
