"""Simple recurrent layer (seed 003, next word; Elman 1990)."""

from dataclasses import dataclass
from typing import Any

from refimpl.activations import Tanh
from refimpl.layers.back_through_time import (
    carried,
    input_gradients,
    masked,
    of_inputs,
    of_outputs,
    of_states,
    product,
    summed,
    through_back,
    total,
)
from refimpl.layers.recurrent import Recurrent, chosen, through


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
        kernels = (self.sequence_shape[-1], self.units), (self.units, self.units)
        return (*kernels, (1, self.units)) if self.use_bias else kernels

    def forward(self, weights, x, mask=None):
        (kernel, recurrent_kernel, *bias), x, state, (h,) = self.parted(weights, x)
        time_steps = self.time_steps(x, mask)
        of_x, of_h = masks = self.masks(state, x, h)
        hs, kept, seen = [], [], {}
        for xt, counts in time_steps:
            z = through(xt, of_x, kernel)  # (1)
            if self.use_bias:
                z = z + bias[0]  # (2)
            z = z + through(h, of_h, recurrent_kernel)  # (3)
            y = self.activation.forward(z)  # (4)
            kept.append((xt, counts, h, z, y))
            h = chosen(counts, y, h)  # (5)
            h = self.note(seen, "h", h)
            hs.append(h)
        y = self.outputs(hs, [c for _, c in time_steps], (h,))
        return y, (kept, masks, seen, state, (h,))

    def backward(self, weights, kept, yb):
        kernel, recurrent_kernel, *_ = weights
        kept, (of_x, of_h), seen, *_ = kept
        yb, terms = of_states(self, yb)
        outputsb = of_outputs(self, yb, [counts for _, counts, *_ in kept])
        zbs = []
        for (_, counts, _, z, y), outputb in zip(kept[::-1], outputsb[::-1]):
            hb = total(outputb, *terms)  # (6)
            hb = self.note(seen, "hb", hb)
            zb = self.activation.backward(masked(counts, hb), z, y)  # (7)
            terms = carried(counts, through_back(zb, of_h, recurrent_kernel), hb)  # (8)
            zbs.append(zb)
        zbs = zbs[::-1]
        xs, _, hs, *_ = zip(*kept)
        xb = input_gradients(zbs, of_x, kernel)  # (9)

        def gradients(xs, hs, zbs):
            kernels = product(xs, zbs, of_x), product(hs, zbs, of_h)  # (10)
            return (*kernels, summed(zbs)) if self.use_bias else kernels  # (11)

        xb = of_inputs(self, self.in_order(xb), total(*terms))
        return xb, self._gathered(seen, gradients, xs, hs, zbs)
