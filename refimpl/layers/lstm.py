"""Long short-term memory (seed 000, 5-3; Hochreiter, Schmidhuber 1997; Gers 2000)."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from refimpl.activations import Sigmoid, Tanh
from refimpl.layers.back_through_time import masked, of_outputs, product, summed, total
from refimpl.layers.recurrent import Recurrent, chosen, gates


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

    @property
    def weight_shapes(self):
        kernels = (self.input_shape[-1], 4 * self.units), (self.units, 4 * self.units)
        return (*kernels, (1, 4 * self.units)) if self.use_bias else kernels

    def forward(self, weights, x, mask=None):
        kernel, recurrent_kernel, *bias = weights
        time_steps = self.time_steps(x, mask)
        h, c = self.start_state(x), self.start_state(x)
        hs, kept = [], []
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
            kept.append((xt, counts, h, c, z, (i, f, g, o), carry, a))
            h, c = chosen(counts, y, h), chosen(counts, carry, c)  # (10)
            hs.append(h)
        return self.outputs(hs, [c for _, c in time_steps]), kept

    def backward(self, weights, kept, yb):
        kernel, recurrent_kernel, *_ = weights
        outputsb = of_outputs(self, yb, [counts for _, counts, *_ in kept])
        hb, cb, zbs = None, None, []
        for step, outputb in zip(kept[::-1], outputsb[::-1]):
            _, counts, _, c, z, (i, f, g, o), carry, a = step
            z_i, z_f, z_g, z_o = gates(z, 4)
            hb = total(outputb, hb)  # (11)
            yb = masked(counts, hb)
            ab = self.activation.backward(yb * o, carry, a)  # (12)
            carryb = total(masked(counts, cb), ab)  # (13)
            z_ib = self.recurrent_activation.backward(carryb * g, z_i, i)  # (14)
            z_fb = self.recurrent_activation.backward(carryb * c, z_f, f)  # (15)
            z_gb = self.activation.backward(carryb * i, z_g, g)  # (16)
            z_ob = self.recurrent_activation.backward(yb * a, z_o, o)  # (17)
            zb = np.concatenate([z_ib, z_fb, z_gb, z_ob], axis=-1)
            cb = carryb * f if cb is None else chosen(counts, carryb * f, cb)  # (18)
            hb = chosen(counts, zb @ recurrent_kernel.mT, hb)  # (19)
            zbs.append(zb)
        zbs = zbs[::-1]
        xs, _, hs, *_ = zip(*kept)
        xb = np.stack([zb @ kernel.mT for zb in zbs], axis=-2)  # (20)
        gradients = product(xs, zbs), product(hs, zbs)  # (21)
        biasb = (summed(zbs),) if self.use_bias else ()  # (22)
        return self.in_order(xb), (*gradients, *biasb)
