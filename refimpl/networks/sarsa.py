"""Sarsa control (seed 000, 10-8 and 10-13; Rummery and Niranjan 1994).

    in the place s the agent takes the action a, gets r, comes to s', and chooses a'
    d = r + discount Q(s', a') - Q(s, a)          without Q(s', a') at an episode's end
    Q(s, a) <- Q(s, a) + rate d

A step is descent of E = 1/2 d^2 with the target r + discount Q(s', a') held.  It learns
the value of what it does, its random actions with it.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.networks.grid_world import ActionValues
from refimpl.networks.network import Propagation


@dataclass(frozen=True)
class Sarsa(ActionValues):
    """inputs (..., 1, 2): a draw from 0 to 1, a random action.  The place and action to
    go on with are states of the network.
    """

    weight_names: ClassVar = ("Q",)
    activation_names: ClassVar = ("target", "value")
    state_names: ClassVar = ("place", "action")

    def start_states(self):
        return np.array([[self.world.rows - 1.0, 0.0]]), np.zeros((1, 1))

    def forward(self, weights, inputs, states):
        """Return the target of Q(s, a), and the states after the step."""
        (Q,), (place, action) = weights, states
        after, reward, done = self.world.step(place, action)  # (1)
        begin = np.where(done > 0, self.world.start(place), after)  # (2)
        next_action = self.chosen(Q, begin, inputs)  # (3)
        later = self.discount * self.value(Q, after, next_action)
        target = np.where(done > 0, reward, reward + later)  # (4)
        return target, (begin, next_action)

    def held(self, weights, inputs, states):
        """Return what the rule takes for constant: the target."""
        return self.forward(weights, inputs, states)[0]

    def error(self, weights, inputs, held, states):
        """Return half the square of the target's distance."""
        apart = held - self.value(*weights, *states)  # (5)
        return 0.5 * np.sum(np.square(apart), axis=(-2, -1))  # (6)

    def propagate(self, weights, inputs, targets, states):
        """Return the activations, the error, the gradients, and the states."""
        target, after = self.forward(weights, inputs, states)
        value = self.value(*weights, *states)
        E = self.error(weights, inputs, target, states)
        Qb = self._placed(*weights, *states, value - target)  # (7)
        return Propagation((target, value), E, (Qb,), states=after)
