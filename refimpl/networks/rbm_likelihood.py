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
from refimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class RBMLikelihood(Network):
    """x (..., batch, visible) -> F (..., batch, 1); W, A and B as in ``RBM``."""

    sigmoid: Any = Sigmoid()
    softplus: Any = Softplus()
    log_sum_exp: Any = LogSumExp()

    weight_names: ClassVar = ("W", "A", "B")
    activation_names: ClassVar = ("F", "logZ")

    def every(self, B):
        """Return all states of the hidden units, (..., 2^hidden, hidden)."""
        on = np.array([*product((False, True), repeat=B.shape[-1])])
        return np.where(on, np.ones_like(B), np.zeros_like(B))  # (1)

    def exponents(self, weights):
        """Return log of each state's part of Z, (..., 2^hidden)."""
        W, A, B = weights
        h = self.every(B)
        softplus = np.sum(self.softplus.forward(h @ W.mT + A), axis=-1)  # (2)
        return np.sum(h * B, axis=-1) + softplus  # (3)

    def forward(self, weights, x):
        """Return the free energies, and log Z."""
        W, A, B = weights
        softplus = np.sum(self.softplus.forward(x @ W + B), axis=-1, keepdims=True)  # (4)
        F = -np.sum(x * A, axis=-1, keepdims=True) - softplus  # (5)
        return F, self.log_sum_exp.forward(self.exponents(weights))[..., None, None]  # (6)

    def propagate(self, weights, x, targets):
        """Return the activations, the error and the gradients."""
        W, A, B = weights
        F, logZ = self.forward(weights, x)
        E = np.sum(F, axis=(-2, -1)) / x.shape[-2] + logZ[..., 0, 0]  # (7)
        share = np.ones_like(F) / x.shape[-2]
        P = share * self.sigmoid.forward(x @ W + B)  # (8)
        h, exponents = self.every(B), self.exponents(weights)
        one = np.ones_like(exponents[..., 0])
        chance = self.log_sum_exp.backward(one, exponents, None)[..., None]  # (9)
        Q = chance * self.sigmoid.forward(h @ W.mT + A)  # (10)
        total = lambda part: np.sum(part, axis=-2, keepdims=True)
        Wb = Q.mT @ h - x.mT @ P  # (11)
        Ab, Bb = total(Q) - total(share * x), total(chance * h) - total(P)  # (12)
        return Propagation((F, logZ), E, (Wb, Ab, Bb))
