"""Restricted Boltzmann machine by its likelihood (text 000, 9-4; Fischer and Igel 2012).

    p(x) = exp(-F(x)) / Z,   F as in ``rbm``
    Z = sum_h exp(h B' + sum_i log(1 + exp(A_i + h W_i')))     over all states h
    E = -1/batch sum_b log p(x_b) = 1/batch sum_b F(x_b) + log Z

There are 2^hidden states h, so this is for machines with few hidden units: what contrastive
divergence approximates is here the gradient itself.
"""

from dataclasses import dataclass
from itertools import product
from typing import Any, ClassVar

import numpy as np

from refimpl.activations import Sigmoid, Softplus
from refimpl.losses import LogSumExp
from refimpl.networks.network import Propagation, behind
from refimpl.networks.parts import Parts


@dataclass(frozen=True)
class RBMLikelihood(Parts):
    """x (..., batch, visible) -> F (..., batch, 1); W, A and B as in ``RBM``."""

    sigmoid: Any = Sigmoid()
    softplus: Any = Softplus()
    log_sum_exp: Any = LogSumExp()

    weight_names: ClassVar = ("W", "A", "B")
    activation_names: ClassVar = ("sum_x", "F", "sum_h", "exponents", "logZ")
    flows_to: ClassVar = (
        *("sum_x", "x.W", "x.A", "x.B"),
        *("exponents", "sum_h", "h.W", "h.A", "h.B"),
    )

    @property
    def shares(self):
        return {part: behind(part, self.weight_names) for part in "xh"}

    def every(self, B):
        """Return all states of the hidden units, (..., 2^hidden, hidden)."""
        on = np.array([*product((False, True), repeat=B.shape[-1])])
        return np.where(on, np.ones_like(B), np.zeros_like(B))  # (1)

    def exponents(self, weights, seen):
        """Return log of each state's part of Z, (..., 2^hidden)."""
        W, A, B = weights
        h = self.every(B)
        sums = self.note(seen, "sum_h", h @ W.mT + A)
        softplus = np.sum(self.softplus.forward(sums), axis=-1)  # (2)
        return self.note(seen, "exponents", np.sum(h * B, axis=-1) + softplus)  # (3)

    def forward(self, weights, x):
        """Return the free energies and log Z, and what they are made of."""
        seen = {}
        self.energies(weights, x, seen)
        return self.activations(seen)

    def energies(self, weights, x, seen):
        """Return the free energies, and log Z."""
        W, A, B = weights
        sums = self.note(seen, "sum_x", x @ W + B)
        softplus = np.sum(self.softplus.forward(sums), axis=-1, keepdims=True)  # (4)
        F = self.note(seen, "F", -np.sum(x * A, axis=-1, keepdims=True) - softplus)  # (5)
        logZ = self.log_sum_exp.forward(self.exponents(weights, seen))  # (6)
        return F, self.note(seen, "logZ", logZ[..., None, None])

    def propagate(self, weights, x, targets):
        """Return the activations, the error and the gradients."""
        (_, _, B), seen = weights, {}
        F, logZ = self.energies(weights, x, seen)
        E = np.sum(F, axis=(-2, -1)) / x.shape[-2] + logZ[..., 0, 0]  # (7)
        share = np.ones_like(F) / x.shape[-2]
        P = -share * self.sigmoid.forward(seen["sum_x"])  # (8)
        P = self.note(seen, "sum_xb", P)
        h, exponents = self.every(B), seen["exponents"]
        one = np.ones_like(exponents[..., 0])
        chance = self.log_sum_exp.backward(one, exponents, None)  # (9)
        chance = self.note(seen, "exponentsb", chance)[..., None]
        Q = chance * self.sigmoid.forward(seen["sum_h"])  # (10)
        Q = self.note(seen, "sum_hb", Q)
        total = lambda part: np.sum(part, axis=-2, keepdims=True)
        of_x = self.shared(seen, "x", (x.mT @ P, total(-share * x), total(P)))  # (11)
        of_h = self.shared(seen, "h", (Q.mT @ h, total(Q), total(chance * h)))
        gradients = tuple(a + b for a, b in zip(of_h, of_x))  # (12)
        return Propagation(self.activations(seen), E, gradients, self.flows(seen))
