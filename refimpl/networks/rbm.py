"""Restricted Boltzmann machine by contrastive divergence (seed 000, 9; Hinton 2002).

    p(h = 1 | x) = s(B + x W),   p(x = 1 | h) = s(A + h W')        s is the sigmoid
    F(x) = -x A' - sum_j log(1 + exp(B_j + x W_j))                 the free energy
    E = 1/batch sum_b F(x_b) - F(y_b)

y is where a chain of k turns from x to h and back ends; a unit is 1 where its probability
exceeds a number drawn from 0 to 1.  With y held the gradients are those of CD-k:

    dE/dW = -1/batch (x' p(h|x) - y' p(h|y))

With ``sampled`` False the probabilities themselves go round, as in 9-8.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from refimpl.activations import Sigmoid, Softplus
from refimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class RBM(Network):
    """inputs (..., batch, visible + draws): x, and hidden + visible draws for each turn.

    k: turns of the chain.  W (..., visible, hidden), A (..., 1, visible), B likewise.
    """

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
            y = self.unit(self.sigmoid.forward(h @ W.mT + A), for_visible)  # (2)
        return (y,)

    def unit(self, probability, draw):
        """Return the state of a unit: 1 where the draw is below its probability, else 0."""
        if not self.sampled:
            return probability
        return np.where(draw < probability, np.ones_like(draw), np.zeros_like(draw))  # (3)

    def held(self, weights, inputs):
        """Return what the rule takes for constant: the ends of the chains."""
        return self.forward(weights, inputs)

    def error(self, weights, inputs, held):
        """Return the difference of the mean free energies of x and of y."""
        W, A, B = weights
        x, _ = self.split(weights, inputs)
        energies = ()
        for v in (x, *held):
            softplus = np.sum(self.softplus.forward(v @ W + B), axis=-1)  # (4)
            energies += (-np.sum(v * A, axis=-1) - softplus,)  # (5)
        return np.sum(energies[0] - energies[1], axis=-1) / inputs.shape[-2]  # (6)

    def propagate(self, weights, inputs, targets):
        """Return the activations, the error and the gradients."""
        W, _, B = weights
        x, _ = self.split(weights, inputs)
        held = (y,) = self.held(weights, inputs)
        E = self.error(weights, inputs, held)
        share, parts = np.ones_like(x[..., :1]) / inputs.shape[-2], []
        for v in (x, y):
            P = share * self.sigmoid.forward(v @ W + B)  # (7)
            sums = (np.sum(part, axis=-2, keepdims=True) for part in (share * v, P))
            parts.append((v.mT @ P, *sums))  # (8)
        gradients = tuple(of_y - of_x for of_x, of_y in zip(*parts))  # (9)
        return Propagation((y,), E, gradients)
