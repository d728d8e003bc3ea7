"""Restricted Boltzmann machine by contrastive divergence (seed 000, 9; Hinton 2002)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import tensorflow as tf

from tfimpl.activations import Sigmoid, Softplus
from tfimpl.gradients import back
from tfimpl.networks.network import Propagation, behind
from tfimpl.networks.parts import Parts


@dataclass(frozen=True)
class RBM(Parts):
    """inputs (..., batch, visible + draws): x, and hidden + visible draws for each turn."""

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
            visible = self.sigmoid.forward(h @ tf.linalg.matrix_transpose(W) + A)  # (2)
            y = self.unit(seen, of_visible, visible, for_visible)
        return y

    def unit(self, seen, names, chance, draw):
        """Return the state of a unit: 1 where the draw is below its chance, else 0."""
        chance = self.note(seen, names[0], chance)
        if not self.sampled:
            return chance
        state = tf.cast(draw < chance, draw.dtype)  # (3)
        return self.note(seen, names[-1], state)

    def held(self, weights, inputs):
        """Return what the rule takes for constant: the ends of the chains."""
        return (tf.stop_gradient(self.chained(weights, inputs, {})),)

    def error(self, weights, inputs, held):
        """Return the difference of the mean free energies of x and of y."""
        return self.apart(weights, inputs, *held, {})

    def apart(self, weights, inputs, y, seen):
        """Return the difference of the mean free energies of x and of y."""
        x, _ = self.split(weights, inputs)
        energies = ()
        for name, v in (("x", x), ("y", y)):
            W, A, B = self.shared(seen, name, weights)
            Z = self.note(seen, f"sum_{name}", v @ W + B)
            softplus = tf.reduce_sum(self.softplus.forward(Z), axis=-1)  # (4)
            energies += (-tf.reduce_sum(v * A, axis=-1) - softplus,)  # (5)
        return tf.reduce_sum(energies[0] - energies[1], axis=-1) / inputs.shape[-2]  # (6)

    def propagate(self, weights, inputs, targets):
        """Return the activations, the error and the gradients."""
        with tf.GradientTape() as tape:
            tape.watch(weights)
            seen = {}
            y = tf.stop_gradient(self.chained(weights, inputs, seen))
            E = self.apart(weights, inputs, y, seen)
        gradients, flows = back(tape, E, weights, self.flows(seen))  # (7)-(9)
        return Propagation(self.activations(seen), E, gradients, flows)
