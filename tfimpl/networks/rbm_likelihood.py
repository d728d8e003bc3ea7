"""Restricted Boltzmann machine by its likelihood (text 000, 9-4; Fischer and Igel 2012)."""

from dataclasses import dataclass
from itertools import product
from typing import Any, ClassVar

import numpy as np
import tensorflow as tf

from tfimpl.activations import Sigmoid, Softplus
from tfimpl.losses import LogSumExp
from tfimpl.networks.network import Network, Propagation


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
        return tf.where(on, tf.ones_like(B), tf.zeros_like(B))  # (1)

    def exponents(self, weights):
        """Return log of each state's part of Z, (..., 2^hidden)."""
        W, A, B = weights
        h = self.every(B)
        sums = h @ tf.linalg.matrix_transpose(W) + A
        softplus = tf.reduce_sum(self.softplus.forward(sums), axis=-1)  # (2)
        return tf.reduce_sum(h * B, axis=-1) + softplus  # (3)

    def forward(self, weights, x):
        """Return the free energies, and log Z."""
        W, A, B = weights
        softplus = tf.reduce_sum(
            self.softplus.forward(x @ W + B), axis=-1, keepdims=True
        )  # (4)
        F = -tf.reduce_sum(x * A, axis=-1, keepdims=True) - softplus  # (5)
        return F, self.log_sum_exp.forward(self.exponents(weights))[..., None, None]  # (6)

    def propagate(self, weights, x, targets):
        """Return the activations, the error and the gradients."""
        with tf.GradientTape() as tape:
            tape.watch(weights)
            F, logZ = self.forward(weights, x)
            E = tf.reduce_sum(F, axis=(-2, -1)) / x.shape[-2] + logZ[..., 0, 0]  # (7)
        return Propagation((F, logZ), E, tuple(tape.gradient(E, weights)))  # (8)-(12)
