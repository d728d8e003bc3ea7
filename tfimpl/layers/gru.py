"""Gated recurrent unit (seed 000, 5-4; Cho et al. 2014, arXiv:1406.1078)."""

from dataclasses import dataclass
from typing import Any, ClassVar

from tfimpl.activations import Sigmoid, Tanh
from tfimpl.layers.recurrent import Recurrent, chosen, gates, through


@dataclass(frozen=True)
class GRU(Recurrent):
    """Keras: ``GRU(units, activation, recurrent_activation, use_bias, reset_after)``."""

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
        inputs = x, mask
        own, x, state, (h,) = self.parted(weights, x)
        time_steps = self.time_steps(x, mask)
        of_x, of_h = self.masks(state, x, h)
        hs, seen = [], {}
        for xt, counts in time_steps:
            kernel, recurrent_kernel, *bias = self._shared(seen, own)
            m = through(xt, of_x, kernel)  # (4)
            if self.use_bias:
                m = m + bias[0][..., :1, :]  # (5)
            m_z, m_r, m_g = gates(m, 3)
            of_gates, n_g = self.inner(h, of_h, recurrent_kernel, bias)  # (6)
            n_z, n_r = gates(of_gates, 2)
            z = self.recurrent_activation.forward(m_z + n_z)  # (7)
            r = self.recurrent_activation.forward(m_r + n_r)  # (8)
            if self.reset_after:
                reset = r * n_g  # (9)
            else:
                dropped = h * of_h[2] if of_h else h
                reset = (r * dropped) @ recurrent_kernel[..., 2 * self.units :]  # (10)
            g = self.activation.forward(m_g + reset)  # (11)
            y = z * h + (1 - z) * g  # (12)
            h = chosen(counts, y, h)  # (13)
            h = self.note(seen, "h", h)
            hs.append(h)
        y = self.outputs(hs, [c for _, c in time_steps], (h,))
        return y, (*inputs, seen, state, (h,))

    def backward(self, weights, kept, yb):
        x, mask, *_ = kept
        return self.pull_back(weights, x, yb, mask)  # (14)-(31)
