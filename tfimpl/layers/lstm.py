"""Long short-term memory (seed 000, 5-3; Hochreiter, Schmidhuber 1997; Gers 2000)."""

from dataclasses import dataclass
from typing import Any, ClassVar

from tfimpl.activations import Sigmoid, Tanh
from tfimpl.layers.recurrent import Recurrent, chosen, gates, through


@dataclass(frozen=True)
class LSTM(Recurrent):
    """Keras: ``LSTM(units, activation, recurrent_activation, use_bias)``."""

    units: int
    activation: Any = Tanh()
    recurrent_activation: Any = Sigmoid()
    use_bias: bool = True

    gate_count: ClassVar = 4
    own_states: ClassVar = ("h", "c")

    @property
    def weight_shapes(self):
        kernels = (self.sequence_shape[-1], 4 * self.units), (self.units, 4 * self.units)
        return (*kernels, (1, 4 * self.units)) if self.use_bias else kernels

    def sum(self, of_x, of_h, bias):
        """Return the sum of both products and the bias, in the order of Keras's cell."""
        if self.use_bias and self.recurrent_dropout > 0:
            return of_x + bias[0] + of_h  # (1)
        return of_x + of_h + bias[0] if self.use_bias else of_x + of_h  # (2)

    def forward(self, weights, x, mask=None):
        inputs = x, mask
        own, x, state, (h, c) = self.parted(weights, x)
        time_steps = self.time_steps(x, mask)
        of_x, of_h = self.masks(state, x, h)
        hs, seen = [], {}
        for xt, counts in time_steps:
            kernel, recurrent_kernel, *bias = self._shared(seen, own)
            from_x, from_h = through(xt, of_x, kernel), through(h, of_h, recurrent_kernel)
            z = self.sum(from_x, from_h, bias)  # (3)
            z_i, z_f, z_g, z_o = gates(z, 4)
            i = self.recurrent_activation.forward(z_i)  # (4)
            f = self.recurrent_activation.forward(z_f)  # (5)
            g = self.activation.forward(z_g)  # (6)
            o = self.recurrent_activation.forward(z_o)  # (7)
            carry = f * c + i * g  # (8)
            a = self.activation.forward(carry)  # (9)
            y = o * a  # (10)
            h, c = chosen(counts, y, h), chosen(counts, carry, c)  # (11)
            c, h = self.note(seen, "c", c), self.note(seen, "h", h)
            hs.append(h)
        y = self.outputs(hs, [counts for _, counts in time_steps], (h, c))
        return y, (*inputs, seen, state, (h, c))

    def backward(self, weights, kept, yb):
        x, mask, *_ = kept
        return self.pull_back(weights, x, yb, mask)  # (12)-(23)
