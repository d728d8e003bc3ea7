"""Deep Q-network with a target network and replay (seed 000, 10-10 to 10-12).

Mnih and others 2015, Algorithm 1:

    y = r                                       where the episode ends
    y = r + discount max_b q(s', b; target)     elsewhere
    E = 1/batch sum (y - q(s, a; weights))^2

The target network has the same layers; every ``every`` steps it becomes a copy of the
weights, and between them it stays.  The transitions of a step are its inputs, in the order
in which they were drawn from the replay memory.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from refimpl.layers import Chain
from refimpl.networks.network import Propagation
from refimpl.networks.parts import Parts, flowing, inside


@dataclass(frozen=True)
class DQN(Parts):
    """inputs (..., batch, 2 * features + 3): s, a, r, s', and 1 where the episode ends.

    layers: from the features to a value for each action.
    """

    features: int
    layers: tuple
    every: int = 10
    discount: float = 0.9

    @cached_property
    def net(self):
        return Chain(self.layers).build((self.features,))

    @property
    def activation_names(self):
        return (*inside("after", self.net), "target", *inside("values", self.net))

    @property
    def flows_to(self):
        return flowing("values", self.net)

    @property
    def weight_names(self):
        return self.net.weight_names

    @property
    def weight_shapes(self):
        return self.net.weight_shapes

    @property
    def state_names(self):
        return (*(f"target.{name}" for name in self.weight_names), "steps")

    def start_states(self):
        return (*(np.zeros(shape) for shape in self.weight_shapes), np.zeros((1, 1)))

    def split(self, inputs):
        """Return s, a, r, s' and the ends."""
        n = self.features
        s, rest = inputs[..., :n], inputs[..., n:]
        return s, rest[..., :1], rest[..., 1:2], rest[..., 2 : n + 2], rest[..., n + 2 :]

    def frozen(self, weights, states):
        """Return the weights of the target network in this step."""
        *before, steps = states
        now = steps % self.every < 0.5  # (1)
        return tuple(np.where(now, w, old) for w, old in zip(weights, before))  # (2)

    def held(self, weights, inputs, states):
        """Return what the rule takes for constant: the target."""
        return self.target(weights, inputs, states, {})

    def target(self, weights, inputs, states, seen):
        """Return what the values of the actions shall be."""
        _, _, r, after, done = self.split(inputs)
        note = self.noting(seen, "after")
        values, _ = self.net.forward(self.frozen(weights, states), after, note)  # (3)
        best = np.max(values, axis=-1, keepdims=True)  # (4)
        target = np.where(done > 0, r, r + self.discount * best)  # (5)
        return self.note(seen, "target", target)

    def taken(self, values, action):
        """Return the values of the actions that were taken, 0 for the others."""
        return np.where(action == np.arange(values.shape[-1]), values, 0 * values)  # (6)

    def error(self, weights, inputs, held, states):
        """Return the mean of the squared distances from the target."""
        s, *_ = self.split(inputs)
        values, _ = self.net.forward(weights, s)
        return self.distance(values, inputs, held)

    def distance(self, values, inputs, target):
        """Return the mean of the squared distances of the actions' values."""
        _, a, *_ = self.split(inputs)
        value = np.sum(self.taken(values, a), axis=-1, keepdims=True)  # (7)
        return np.sum(np.square(target - value), axis=(-2, -1)) / inputs.shape[-2]  # (8)

    def propagate(self, weights, inputs, targets, states):
        """Return the activations, the error, the gradients, what flows back, the states."""
        return self.learned(weights, inputs, states, {})

    def learned(self, weights, inputs, states, seen):
        """Return the Propagation of a batch; ``seen`` may have more activations."""
        s, a, *_ = self.split(inputs)
        target = self.target(weights, inputs, states, seen)
        values, kept = self.net.forward(weights, s, self.noting(seen, "values"))
        E = self.distance(values, inputs, target)
        valuesb = self.taken(2 * (values - target), a) / inputs.shape[-2]  # (9)
        note = self._noting_back(seen, "values")
        _, gradients = self.net.backward(weights, kept, valuesb, note)  # (10)
        after = (*self.frozen(weights, states), states[-1] + 1)  # (11)
        return Propagation(self.activations(seen), E, gradients, self.flows(seen), after)
