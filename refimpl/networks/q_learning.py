"""Q-learning (seed 000, 10-9 and 10-14; Watkins 1989).

    in the place s the agent chooses the action a, gets r and comes to s'
    d = r + discount max_b Q(s', b) - Q(s, a)     without the maximum at an episode's end
    Q(s, a) <- Q(s, a) + rate d

A step is descent of E = 1/2 d^2 with the target held.  It learns the value of the best
actions, whatever it does itself.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.networks.grid_world import ActionValues
from refimpl.networks.network import Propagation


@dataclass(frozen=True)
class QLearning(ActionValues):
    """inputs (..., 1, 2): a draw from 0 to 1, a random action.  The place is a state."""

    weight_names: ClassVar = ("Q",)
    activation_names: ClassVar = ("action", "target", "value")
    state_names: ClassVar = ("place",)

    def start_states(self):
        return (np.array([[self.world.rows - 1.0, 0.0]]),)

    def forward(self, weights, inputs, states):
        """Return the action, the target of its value, and the state after the step."""
        (Q,), (place,) = weights, states
        action = self.chosen(Q, place, inputs)  # (1)
        after, reward, done = self.world.step(place, action)  # (2)
        best = np.max(self.values(Q, after), axis=-1, keepdims=True)  # (3)
        target = np.where(done > 0, reward, reward + self.discount * best)  # (4)
        return action, target, (np.where(done > 0, self.world.start(place), after),)  # (5)

    def held(self, weights, inputs, states):
        """Return what the rule takes for constant: the action and the target."""
        return self.forward(weights, inputs, states)[:2]

    def error(self, weights, inputs, held, states):
        """Return half the square of the target's distance."""
        action, target = held
        apart = target - self.value(*weights, *states, action)  # (6)
        return 0.5 * np.sum(np.square(apart), axis=(-2, -1))  # (7)

    def propagate(self, weights, inputs, targets, states):
        """Return the activations, the error, the gradients, and the states."""
        action, target, after = self.forward(weights, inputs, states)
        value = self.value(*weights, *states, action)
        E = self.error(weights, inputs, (action, target), states)
        Qb = self._placed(*weights, *states, action, value - target)  # (8)
        return Propagation((action, target, value), E, (Qb,), states=after)
