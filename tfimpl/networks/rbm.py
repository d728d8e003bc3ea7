"""Restricted Boltzmann machine by contrastive divergence (seed 000, 9; Hinton 2002)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import tensorflow as tf

from tfimpl.activations import Sigmoid, Softplus
from tfimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class RBM(Network):
    """inputs (..., batch, visible + draws): x, and hidden + visible draws for each turn."""

    k: int = 1
    sampled: bool = True
    sigmoid: Any = Sigmoid()
    softplus: Any = Softplus()

    weight_names: ClassVar = ("W", "A", "B")
    activation_names: ClassVar = ("ends",)

    def split(self, weights, inputs):
        """Return x, and the draws, a pair for each turn."""
        visible, hidden = weights[0].shape[-2:]
        x, rest = inputs[..., :visible], inputs[..., visible:]
        draws = []
        for turn in range(self.k):
            begin = turn * (hidden + visible)
            middle, end = begin + hidden, begin + hidden + visible
            draws.append((rest[..., begin:middle], rest[..., middle:end]))
        return x, draws

    def forward(self, weights, inputs):
        """Return where the chains end."""
        W, A, B = weights
        y, draws = self.split(weights, inputs)
        for for_hidden, for_visible in draws:
            h = self.unit(self.sigmoid.forward(y @ W + B), for_hidden)  # (1)
            back = h @ tf.linalg.matrix_transpose(W) + A
            y = self.unit(self.sigmoid.forward(back), for_visible)  # (2)
        return (y,)

    def unit(self, probability, draw):
        """Return the state of a unit: 1 where the draw is below its probability, else 0."""
        if not self.sampled:
            return probability
        return tf.cast(draw < probability, draw.dtype)  # (3)

    def held(self, weights, inputs):
        """Return what the rule takes for constant: the ends of the chains."""
        return tuple(map(tf.stop_gradient, self.forward(weights, inputs)))

    def error(self, weights, inputs, held):
        """Return the difference of the mean free energies of x and of y."""
        W, A, B = weights
        x, _ = self.split(weights, inputs)
        energies = ()
        for v in (x, *held):
            softplus = tf.reduce_sum(self.softplus.forward(v @ W + B), axis=-1)  # (4)
            energies += (-tf.reduce_sum(v * A, axis=-1) - softplus,)  # (5)
        return tf.reduce_sum(energies[0] - energies[1], axis=-1) / inputs.shape[-2]  # (6)

    def propagate(self, weights, inputs, targets):
        """Return the activations, the error and the gradients."""
        with tf.GradientTape() as tape:
            tape.watch(weights)
            held = self.held(weights, inputs)
            E = self.error(weights, inputs, held)
        gradients = tape.gradient(E, weights)  # (7)-(9)
        return Propagation(held, E, tuple(gradients))
