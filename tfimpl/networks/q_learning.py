"""Q-learning (seed 000, 10-9 and 10-14; Watkins 1989)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import tensorflow as tf

from tfimpl.networks.grid_world import ActionValues
from tfimpl.networks.network import Propagation


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
        best = tf.reduce_max(self.values(Q, after), axis=-1, keepdims=True)  # (3)
        target = tf.where(done > 0, reward, reward + self.discount * best)  # (4)
        return action, target, (tf.where(done > 0, self.world.start(place), after),)  # (5)

    def held(self, weights, inputs, states):
        """Return what the rule takes for constant: the action and the target."""
        return tuple(map(tf.stop_gradient, self.forward(weights, inputs, states)[:2]))

    def error(self, weights, inputs, held, states):
        """Return half the square of the target's distance."""
        action, target = held
        apart = target - self.value(*weights, *states, action)  # (6)
        return 0.5 * tf.reduce_sum(tf.square(apart), axis=(-2, -1))  # (7)

    def propagate(self, weights, inputs, targets, states):
        """Return the activations, the error, the gradients, and the states."""
        *_, after = self.forward(weights, inputs, states)
        with tf.GradientTape() as tape:
            tape.watch(weights)
            action, target = self.held(weights, inputs, states)
            value = self.value(*weights, *states, action)
            E = self.error(weights, inputs, (action, target), states)
        (Qb,) = tape.gradient(E, weights)  # (8)
        return Propagation((action, target, value), E, (Qb,), states=after)
