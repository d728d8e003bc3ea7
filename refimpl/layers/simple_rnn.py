"""Simple recurrent layer (seed 003, next word; Elman 1990)."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from refimpl.activations import Tanh
from refimpl.layers.back_through_time import masked, of_outputs, product, summed, total
from refimpl.layers.recurrent import Recurrent, chosen


@dataclass(frozen=True)
class SimpleRNN(Recurrent):
    """h(t) = activation(x(t) kernel + bias + h(t-1) recurrent_kernel), from h = 0.

    kernel (features, units), recurrent_kernel (units, units), bias (1, units).
    """

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
        hs, kept = [], []
        for xt, counts in time_steps:
            z = xt @ kernel  # (1)
            if self.use_bias:
                z = z + bias[0]  # (2)
            z = z + h @ recurrent_kernel  # (3)
            y = self.activation.forward(z)  # (4)
            kept.append((xt, counts, h, z, y))
            h = chosen(counts, y, h)  # (5)
            hs.append(h)
        return self.outputs(hs, [c for _, c in time_steps]), kept

    def backward(self, weights, kept, yb):
        kernel, recurrent_kernel, *_ = weights
        outputsb = of_outputs(self, yb, [counts for _, counts, *_ in kept])
        hb, zbs = None, []
        for (_, counts, _, z, y), outputb in zip(kept[::-1], outputsb[::-1]):
            hb = total(outputb, hb)  # (6)
            zb = self.activation.backward(masked(counts, hb), z, y)  # (7)
            hb = chosen(counts, zb @ recurrent_kernel.mT, hb)  # (8)
            zbs.append(zb)
        zbs = zbs[::-1]
        xs, _, hs, *_ = zip(*kept)
        xb = np.stack([zb @ kernel.mT for zb in zbs], axis=-2)  # (9)
        gradients = product(xs, zbs), product(hs, zbs)  # (10)
        biasb = (summed(zbs),) if self.use_bias else ()  # (11)
        return self.in_order(xb), (*gradients, *biasb)
