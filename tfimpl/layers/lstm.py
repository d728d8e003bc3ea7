"""Long short-term memory (seed 000, 5-3; Hochreiter, Schmidhuber 1997; Gers 2000)."""

from dataclasses import dataclass
from typing import Any

import keras

from tfimpl.activations import Sigmoid, Tanh
from tfimpl.layers.recurrent import Recurrent, chosen, gates


@dataclass(frozen=True)
class LSTM(Recurrent):
    """Keras: ``LSTM(units, activation, recurrent_activation, use_bias)``."""

    units: int
    activation: Any = Tanh()
    recurrent_activation: Any = Sigmoid()
    use_bias: bool = True

    @property
    def weight_shapes(self):
        kernels = (self.input_shape[-1], 4 * self.units), (self.units, 4 * self.units)
        return (*kernels, (1, 4 * self.units)) if self.use_bias else kernels

    def forward(self, weights, x, mask=None):
        kernel, recurrent_kernel, *bias = weights
        time_steps = self.time_steps(x, mask)
        h, c = self.start_state(x), self.start_state(x)
        hs = []
        for xt, counts in time_steps:
            z = xt @ kernel + h @ recurrent_kernel  # (1)
            if self.use_bias:
                z = z + bias[0]  # (2)
            z_i, z_f, z_g, z_o = gates(z, 4)
            i = self.recurrent_activation.forward(z_i)  # (3)
            f = self.recurrent_activation.forward(z_f)  # (4)
            g = self.activation.forward(z_g)  # (5)
            o = self.recurrent_activation.forward(z_o)  # (6)
            carry = f * c + i * g  # (7)
            a = self.activation.forward(carry)  # (8)
            y = o * a  # (9)
            h, c = chosen(counts, y, h), chosen(counts, carry, c)  # (10)
            hs.append(h)
        return self.outputs(hs, [c for _, c in time_steps]), (x, mask)

    def backward(self, weights, kept, yb):
        x, mask = kept
        return self.pull_back(weights, x, yb, mask)  # (11)-(22)

    def keras(self, dtype):
        gate = self.recurrent_activation.keras()
        options = self.keras_options(dtype)
        return keras.layers.LSTM(self.units, recurrent_activation=gate, **options)
