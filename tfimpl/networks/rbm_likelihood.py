"""Restricted Boltzmann machine by its likelihood (text 000, 9-4; Fischer and Igel 2012)."""

from dataclasses import dataclass
from itertools import product
from typing import Any, ClassVar

import numpy as np
import tensorflow as tf

from tfimpl.activations import Sigmoid, Softplus
from tfimpl.gradients import back
from tfimpl.losses import LogSumExp
from tfimpl.networks.network import Propagation, behind
from tfimpl.networks.parts import Parts


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
        return tf.where(on, tf.ones_like(B), tf.zeros_like(B))  # (1)

    def exponents(self, weights, seen):
        """Return log of each state's part of Z, (..., 2^hidden)."""
        W, A, B = self.shared(seen, "h", weights)
        h = self.every(B)
        sums = self.note(seen, "sum_h", h @ tf.linalg.matrix_transpose(W) + A)
        softplus = tf.reduce_sum(self.softplus.forward(sums), axis=-1)  # (2)
        exponents = tf.reduce_sum(h * B, axis=-1) + softplus  # (3)
        return self.note(seen, "exponents", exponents)

    def forward(self, weights, x):
        """Return the free energies and log Z, and what they are made of."""
        seen = {}
        self.energies(weights, x, seen)
        return self.activations(seen)

    def energies(self, weights, x, seen):
        """Return the free energies, and log Z."""
        W, A, B = self.shared(seen, "x", weights)
        sums = self.note(seen, "sum_x", x @ W + B)
        softplus = tf.reduce_sum(self.softplus.forward(sums), axis=-1, keepdims=True)  # (4)
        F = -tf.reduce_sum(x * A, axis=-1, keepdims=True) - softplus  # (5)
        F = self.note(seen, "F", F)
        logZ = self.log_sum_exp.forward(self.exponents(weights, seen))  # (6)
        return F, self.note(seen, "logZ", logZ[..., None, None])

    def propagate(self, weights, x, targets):
        """Return the activations, the error and the gradients."""
        with tf.GradientTape() as tape:
            tape.watch(weights)
            seen = {}
            F, logZ = self.energies(weights, x, seen)
            E = tf.reduce_sum(F, axis=(-2, -1)) / x.shape[-2] + logZ[..., 0, 0]  # (7)
        gradients, flows = back(tape, E, weights, self.flows(seen))  # (8)-(12)
        return Propagation(self.activations(seen), E, gradients, flows)
