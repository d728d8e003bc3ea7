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
from refimpl.networks.network import Propagation, behind
from refimpl.networks.parts import Parts


@dataclass(frozen=True)
class RBM(Parts):
    """inputs (..., batch, visible + draws): x, and hidden + visible draws for each turn.

    k: turns of the chain.  W (..., visible, hidden), A (..., 1, visible), B likewise.
    """

    k: int = 1
    sampled: bool = True
    sigmoid: Any = Sigmoid()
    softplus: Any = Softplus()

    weight_names: ClassVar = ("W", "A", "B")
    flows_to: ClassVar = (
        *("sum_y", "y.W", "y.A", "y.B"),
        *("sum_x", "x.W", "x.A", "x.B"),
    )

    @property
    def activation_names(self):
        each = [names for turn in range(self.k) for names in self.of_turn(turn)]
        return (*(name for names in each for name in names), "sum_x", "sum_y")

    @property
    def shares(self):
        return {v: behind(v, self.weight_names) for v in "xy"}

    def of_turn(self, turn):
        """Return the names of chance and state of a turn's hidden units, and visible."""
        count = turn + 1
        y = "ends" if count == self.k else f"y{count}"
        if self.sampled:
            return (f"hidden{count}", f"h{count}"), (f"visible{count}", y)
        return (f"hidden{count}",), (y,)

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
        """Return what the chains go through, and at last where they end."""
        seen = {}
        self.chained(weights, inputs, seen)
        return tuple(seen.values())

    def chained(self, weights, inputs, seen):
        """Return where the chains end."""
        W, A, B = weights
        y, draws = self.split(weights, inputs)
        for turn, (for_hidden, for_visible) in enumerate(draws):
            of_hidden, of_visible = self.of_turn(turn)
            hidden = self.sigmoid.forward(y @ W + B)  # (1)
            h = self.unit(seen, of_hidden, hidden, for_hidden)
            visible = self.sigmoid.forward(h @ W.mT + A)  # (2)
            y = self.unit(seen, of_visible, visible, for_visible)
        return y

    def unit(self, seen, names, chance, draw):
        """Return the state of a unit: 1 where the draw is below its chance, else 0."""
        chance = self.note(seen, names[0], chance)
        if not self.sampled:
            return chance
        state = np.where(draw < chance, np.ones_like(draw), np.zeros_like(draw))  # (3)
        return self.note(seen, names[-1], state)

    def held(self, weights, inputs):
        """Return what the rule takes for constant: the ends of the chains."""
        return (self.chained(weights, inputs, {}),)

    def error(self, weights, inputs, held):
        """Return the difference of the mean free energies of x and of y."""
        return self.apart(weights, inputs, *held, {})

    def apart(self, weights, inputs, y, seen):
        """Return the difference of the mean free energies of x and of y."""
        W, A, B = weights
        x, _ = self.split(weights, inputs)
        energies = ()
        for name, v in (("x", x), ("y", y)):
            Z = self.note(seen, f"sum_{name}", v @ W + B)
            softplus = np.sum(self.softplus.forward(Z), axis=-1)  # (4)
            energies += (-np.sum(v * A, axis=-1) - softplus,)  # (5)
        return np.sum(energies[0] - energies[1], axis=-1) / inputs.shape[-2]  # (6)

    def propagate(self, weights, inputs, targets):
        """Return the activations, the error and the gradients."""
        (x, _), seen, parts = self.split(weights, inputs), {}, []
        y = self.chained(weights, inputs, seen)
        E = self.apart(weights, inputs, y, seen)
        share = np.ones_like(x[..., :1]) / inputs.shape[-2]
        for name, v, each in (("x", x, -share), ("y", y, share)):
            Zb = each * self.sigmoid.forward(seen[f"sum_{name}"])  # (7)
            Zb = self.note(seen, f"sum_{name}b", Zb)
            sums = (np.sum(part, axis=-2, keepdims=True) for part in (each * v, Zb))
            parts.append(self.shared(seen, name, (v.mT @ Zb, *sums)))  # (8)
        gradients = tuple(of_x + of_y for of_x, of_y in zip(*parts))  # (9)
        return Propagation(self.activations(seen), E, gradients, self.flows(seen))
