"""Gated recurrent unit (seed 000, 5-4; Cho et al. 2014, arXiv:1406.1078)."""

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
class GRU(Recurrent):
    """Update gate z, reset gate r and candidate g: so the parts of the kernels follow.

    m = x(t) kernel + b, n = h recurrent_kernel + c with h = h(t-1), s for
    recurrent_activation:

        z = s(m_z + n_z);  r = s(m_r + n_r)
        g = activation(m_g + r n_g)              reset_after (version 1 of the paper)
        g = activation(m_g + (r h) kernel_g)     otherwise (version 3), and c = 0
        h(t) = z h + (1 - z) g

    kernel (features, 3 units), recurrent_kernel (units, 3 units), of which kernel_g is the
    last part; bias (2, 3 units), b above c, with reset_after, else b alone, (1, 3 units).
    """

    units: int
    activation: Any = Tanh()
    recurrent_activation: Any = Sigmoid()
    use_bias: bool = True
    reset_after: bool = True

    gate_count: ClassVar = 3

    @property
    def weight_shapes(self):
        kernels = (self.sequence_shape[-1], 3 * self.units), (self.units, 3 * self.units)
        bias = (2 if self.reset_after else 1, 3 * self.units)
        return (*kernels, bias) if self.use_bias else kernels

    def inner(self, h, of_h, recurrent_kernel, bias):
        """Return what h adds to the gates, and to the candidate before its reset."""
        if not self.reset_after:
            of_gates = recurrent_kernel[..., : 2 * self.units]
            return through(h, of_h[:2], of_gates), None  # (1)
        m = through(h, of_h, recurrent_kernel)  # (2)
        if self.use_bias:
            m = m + bias[0][..., 1:, :]  # (3)
        return m[..., : 2 * self.units], m[..., 2 * self.units :]

    def forward(self, weights, x, mask=None):
        (kernel, recurrent_kernel, *bias), x, state, (h,) = self.parted(weights, x)
        time_steps = self.time_steps(x, mask)
        of_x, of_h = masks = self.masks(state, x, h)
        hs, kept, seen = [], [], {}
        for xt, counts in time_steps:
            m = through(xt, of_x, kernel)  # (4)
            if self.use_bias:
                m = m + bias[0][..., :1, :]  # (5)
            m_z, m_r, m_g = gates(m, 3)
            of_gates, n_g = self.inner(h, of_h, recurrent_kernel, bias)  # (6)
            n_z, n_r = gates(of_gates, 2)
            s_z, s_r = m_z + n_z, m_r + n_r
            z = self.recurrent_activation.forward(s_z)  # (7)
            r = self.recurrent_activation.forward(s_r)  # (8)
            if self.reset_after:
                reset = r * n_g  # (9)
            else:
                dropped = h * of_h[2] if of_h else h
                reset = (r * dropped) @ recurrent_kernel[..., 2 * self.units :]  # (10)
            s_g = m_g + reset
            g = self.activation.forward(s_g)  # (11)
            y = z * h + (1 - z) * g  # (12)
            kept.append((xt, counts, h, n_g, (s_z, s_r, s_g), (z, r, g)))
            h = chosen(counts, y, h)  # (13)
            h = self.note(seen, "h", h)
            hs.append(h)
        y = self.outputs(hs, [c for _, c in time_steps], (h,))
        return y, (kept, masks, seen, state, (h,))

    def backward(self, weights, kept, yb):
        kernel, recurrent_kernel, *_ = weights
        of_gates = recurrent_kernel[..., : 2 * self.units]
        of_g = recurrent_kernel[..., 2 * self.units :]
        kept, (of_x, of_h), seen, *_ = kept
        yb, terms = of_states(self, yb)
        outputsb = of_outputs(self, yb, [counts for _, counts, *_ in kept])
        mbs, nbs = [], []
        for step, outputb in zip(kept[::-1], outputsb[::-1]):
            _, counts, h, n_g, (s_z, s_r, s_g), (z, r, g) = step
            hb = total(outputb, *terms, in_order=not of_h)  # (14)
            hb = self.note(seen, "hb", hb)
            yb = masked(counts, hb)
            g_b = self.activation.backward(yb * (1 - z), s_g, g)  # (15)
            z_b = self.recurrent_activation.backward(yb * h - yb * g, s_z, z)  # (16)
            if self.reset_after:
                resetb = g_b * n_g  # (17)
            else:
                rhb = g_b @ of_g.mT  # (18)
                resetb = rhb * (h * of_h[2] if of_h else h)  # (19)
            r_b = self.recurrent_activation.backward(resetb, s_r, r)  # (20)
            mbs.append(np.concatenate([z_b, r_b, g_b], axis=-1))  # (21)
            if self.reset_after:
                nbs.append(np.concatenate([z_b, r_b, g_b * r], axis=-1))  # (22)
                terms = yb * z, *through_back(nbs[-1], of_h, recurrent_kernel)  # (23)
            else:
                nbs.append(np.concatenate([z_b, r_b], axis=-1))  # (24)
                of_reset = rhb * r * of_h[2] if of_h else rhb * r
                back = through_back(nbs[-1], of_h[:2], of_gates)
                terms = yb * z, of_reset, *back  # (25)
            terms = carried(counts, terms, hb)  # (26)
        mbs, nbs = mbs[::-1], nbs[::-1]
        xs, _, hs, _, _, values = zip(*kept)
        xb = input_gradients(mbs, of_x, kernel)  # (27)

        def gradients(xs, hs, mbs, nbs, values):
            recurrentb = product(hs, nbs, of_h if self.reset_after else of_h[:2])  # (28)
            if not self.reset_after:
                dropped = [h * of_h[2] for h in hs] if of_h else hs
                resets = [r * h for (_, r, _), h in zip(values, dropped)]
                g_bs = [mb[..., 2 * self.units :] for mb in mbs]
                of_gb = product(resets, g_bs)  # (29)
                recurrentb = np.concatenate([recurrentb, of_gb], axis=-1)
            biasb = (
                [summed(mbs), summed(nbs)] if self.reset_after else [summed(mbs)]
            )  # (30)
            biasb = (np.concatenate(biasb, axis=-2),) if self.use_bias else ()
            return product(xs, mbs, of_x), recurrentb, *biasb  # (31)

        hb = total(*terms, in_order=not of_h)
        xb = of_inputs(self, self.in_order(xb), hb)
        return xb, self._gathered(seen, gradients, xs, hs, mbs, nbs, values)
