"""Gated recurrent unit (seed 000, 5-4; Cho et al. 2014, arXiv:1406.1078)."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from refimpl.activations import Sigmoid, Tanh
from refimpl.layers.back_through_time import masked, of_outputs, product, summed, total
from refimpl.layers.recurrent import Recurrent, chosen, gates


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

    @property
    def weight_shapes(self):
        kernels = (self.input_shape[-1], 3 * self.units), (self.units, 3 * self.units)
        bias = (2 if self.reset_after else 1, 3 * self.units)
        return (*kernels, bias) if self.use_bias else kernels

    def inner(self, h, recurrent_kernel, bias):
        """Return what h adds to the gates, and to the candidate before its reset."""
        if not self.reset_after:
            return h @ recurrent_kernel[..., : 2 * self.units], None  # (1)
        m = h @ recurrent_kernel  # (2)
        if self.use_bias:
            m = m + bias[0][..., 1:, :]  # (3)
        return m[..., : 2 * self.units], m[..., 2 * self.units :]

    def forward(self, weights, x, mask=None):
        kernel, recurrent_kernel, *bias = weights
        time_steps = self.time_steps(x, mask)
        h = self.start_state(x)
        hs, kept = [], []
        for xt, counts in time_steps:
            m = xt @ kernel  # (4)
            if self.use_bias:
                m = m + bias[0][..., :1, :]  # (5)
            m_z, m_r, m_g = gates(m, 3)
            of_gates, n_g = self.inner(h, recurrent_kernel, bias)  # (6)
            n_z, n_r = gates(of_gates, 2)
            s_z, s_r = m_z + n_z, m_r + n_r
            z = self.recurrent_activation.forward(s_z)  # (7)
            r = self.recurrent_activation.forward(s_r)  # (8)
            if self.reset_after:
                reset = r * n_g  # (9)
            else:
                reset = (r * h) @ recurrent_kernel[..., 2 * self.units :]  # (10)
            s_g = m_g + reset
            g = self.activation.forward(s_g)  # (11)
            y = z * h + (1 - z) * g  # (12)
            kept.append((xt, counts, h, n_g, (s_z, s_r, s_g), (z, r, g)))
            h = chosen(counts, y, h)  # (13)
            hs.append(h)
        return self.outputs(hs, [c for _, c in time_steps]), kept

    def backward(self, weights, kept, yb):
        kernel, recurrent_kernel, *_ = weights
        of_gates = recurrent_kernel[..., : 2 * self.units]
        of_g = recurrent_kernel[..., 2 * self.units :]
        outputsb = of_outputs(self, yb, [counts for _, counts, *_ in kept])
        terms, mbs, nbs = (), [], []
        for step, outputb in zip(kept[::-1], outputsb[::-1]):
            _, counts, h, n_g, (s_z, s_r, s_g), (z, r, g) = step
            hb = total(outputb, *terms)  # (14)
            yb = masked(counts, hb)
            g_b = self.activation.backward(yb * (1 - z), s_g, g)  # (15)
            z_b = self.recurrent_activation.backward(yb * h - yb * g, s_z, z)  # (16)
            if self.reset_after:
                resetb = g_b * n_g  # (17)
            else:
                rhb = g_b @ of_g.mT  # (18)
                resetb = rhb * h  # (19)
            r_b = self.recurrent_activation.backward(resetb, s_r, r)  # (20)
            mbs.append(np.concatenate([z_b, r_b, g_b], axis=-1))  # (21)
            if self.reset_after:
                nbs.append(np.concatenate([z_b, r_b, g_b * r], axis=-1))  # (22)
                terms = yb * z, nbs[-1] @ recurrent_kernel.mT  # (23)
            else:
                nbs.append(np.concatenate([z_b, r_b], axis=-1))  # (24)
                terms = yb * z, rhb * r, nbs[-1] @ of_gates.mT  # (25)
            first, *others = terms
            others = [masked(counts, term) for term in others]
            terms = chosen(counts, first, hb), *others  # (26)
        mbs, nbs = mbs[::-1], nbs[::-1]
        xs, _, hs, _, _, values = zip(*kept)
        xb = np.stack([mb @ kernel.mT for mb in mbs], axis=-2)  # (27)
        recurrentb = product(hs, nbs)  # (28)
        if not self.reset_after:
            resets = [r * h for (_, r, _), h in zip(values, hs)]
            g_bs = [mb[..., 2 * self.units :] for mb in mbs]
            of_gb = product(resets, g_bs)  # (29)
            recurrentb = np.concatenate([recurrentb, of_gb], axis=-1)
        biasb = [summed(mbs), summed(nbs)] if self.reset_after else [summed(mbs)]  # (30)
        biasb = (np.concatenate(biasb, axis=-2),) if self.use_bias else ()
        return self.in_order(xb), (product(xs, mbs), recurrentb, *biasb)  # (31)
