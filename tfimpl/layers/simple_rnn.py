"""Simple recurrent layer (seed 003, next word; Elman 1990)."""

from dataclasses import dataclass
from typing import Any

from tfimpl.activations import Tanh
from tfimpl.layers.recurrent import Recurrent, chosen, through


@dataclass(frozen=True)
class SimpleRNN(Recurrent):
    """Keras: ``SimpleRNN(units, activation, use_bias)``."""

    units: int
    activation: Any = Tanh()
    use_bias: bool = True

    @property
    def weight_shapes(self):
        kernels = (self.sequence_shape[-1], self.units), (self.units, self.units)
        return (*kernels, (1, self.units)) if self.use_bias else kernels

    def forward(self, weights, x, mask=None):
        inputs = x, mask
        own, x, state, (h,) = self.parted(weights, x)
        time_steps = self.time_steps(x, mask)
        of_x, of_h = self.masks(state, x, h)
        hs, seen = [], {}
        for xt, counts in time_steps:
            kernel, recurrent_kernel, *bias = self._shared(seen, own)
            z = through(xt, of_x, kernel)  # (1)
            if self.use_bias:
                z = z + bias[0]  # (2)
            z = z + through(h, of_h, recurrent_kernel)  # (3)
            y = self.activation.forward(z)  # (4)
            h = chosen(counts, y, h)  # (5)
            h = self.note(seen, "h", h)
            hs.append(h)
        y = self.outputs(hs, [c for _, c in time_steps], (h,))
        return y, (*inputs, seen, state, (h,))

    def backward(self, weights, kept, yb):
        x, mask, *_ = kept
        return self.pull_back(weights, x, yb, mask)  # (6)-(11)
