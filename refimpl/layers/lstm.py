"""Long short-term memory (seed 000, 5-3; Hochreiter, Schmidhuber 1997; Gers 2000)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from refimpl.activations import Sigmoid, Tanh
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
from refimpl.layers.recurrent import Recurrent, chosen, gates, through


@dataclass(frozen=True)
class LSTM(Recurrent):
    """Input, forget and output gate, and a carry c that goes through time unsquashed.

    z = x(t) kernel + h(t-1) recurrent_kernel + bias has the parts z_i, z_f, z_g, z_o;
    s is recurrent_activation:

        i = s(z_i);  f = s(z_f);  g = activation(z_g);  o = s(z_o)
        c(t) = f c(t-1) + i g
        h(t) = o activation(c(t))

    kernel (features, 4 units), recurrent_kernel (units, 4 units), bias (1, 4 units).  Keras
    calls g c, and starts f's bias from 1 (unit_forget_bias).
    """

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
        (kernel, recurrent_kernel, *bias), x, state, (h, c) = self.parted(weights, x)
        time_steps = self.time_steps(x, mask)
        of_x, of_h = masks = self.masks(state, x, h)
        hs, kept, seen = [], [], {}
        for xt, counts in time_steps:
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
            kept.append((xt, counts, h, c, z, (i, f, g, o), carry, a))
            h, c = chosen(counts, y, h), chosen(counts, carry, c)  # (11)
            c, h = self.note(seen, "c", c), self.note(seen, "h", h)
            hs.append(h)
        y = self.outputs(hs, [counts for _, counts in time_steps], (h, c))
        return y, (kept, masks, seen, state, (h, c))

    def backward(self, weights, kept, yb):
        kernel, recurrent_kernel, *_ = weights
        kept, (of_x, of_h), seen, *_ = kept
        yb, states = of_states(self, yb)
        outputsb = of_outputs(self, yb, [counts for _, counts, *_ in kept])
        terms, cb = states[:1], states[1] if states else None
        zbs = []
        for step, outputb in zip(kept[::-1], outputsb[::-1]):
            _, counts, _, c, z, (i, f, g, o), carry, a = step
            z_i, z_f, z_g, z_o = gates(z, 4)
            hb = total(outputb, *terms, in_order=not of_h)  # (12)
            hb = self.note(seen, "hb", hb)
            cb = self.note(seen, "cb", np.zeros_like(hb) if cb is None else cb)
            yb = masked(counts, hb)
            ab = self.activation.backward(yb * o, carry, a)  # (13)
            carryb = total(masked(counts, cb), ab)  # (14)
            z_ib = self.recurrent_activation.backward(carryb * g, z_i, i)  # (15)
            z_fb = self.recurrent_activation.backward(carryb * c, z_f, f)  # (16)
            z_gb = self.activation.backward(carryb * i, z_g, g)  # (17)
            z_ob = self.recurrent_activation.backward(yb * a, z_o, o)  # (18)
            zb = np.concatenate([z_ib, z_fb, z_gb, z_ob], axis=-1)
            cb = chosen(counts, carryb * f, cb)  # (19)
            terms = carried(counts, through_back(zb, of_h, recurrent_kernel), hb)  # (20)
            zbs.append(zb)
        zbs = zbs[::-1]
        xs, _, hs, *_ = zip(*kept)
        xb = input_gradients(zbs, of_x, kernel)  # (21)

        def gradients(xs, hs, zbs):
            kernels = product(xs, zbs, of_x), product(hs, zbs, of_h)  # (22)
            return (*kernels, summed(zbs)) if self.use_bias else kernels  # (23)

        hb = total(*terms, in_order=not of_h)
        xb = of_inputs(self, self.in_order(xb), hb, cb)
        return xb, self._gathered(seen, gradients, xs, hs, zbs)
