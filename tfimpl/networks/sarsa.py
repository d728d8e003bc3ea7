"""Sarsa control (seed 000, 10-8 and 10-13; Rummery and Niranjan 1994)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import tensorflow as tf

from tfimpl.networks.grid_world import ActionValues
from tfimpl.networks.network import Propagation


@dataclass(frozen=True)
class Sarsa(ActionValues):
    """inputs (..., 1, 2): a draw from 0 to 1, a random action."""

    weight_names: ClassVar = ("Q",)
    activation_names: ClassVar = ("target", "value")
    state_names: ClassVar = ("place", "action")

    def start_states(self):
        return np.array([[self.world.rows - 1.0, 0.0]]), np.zeros((1, 1))

    def forward(self, weights, inputs, states):
        """Return the target of Q(s, a), and the states after the step."""
        (Q,), (place, action) = weights, states
        after, reward, done = self.world.step(place, action)  # (1)
        begin = tf.where(done > 0, self.world.start(place), after)  # (2)
        next_action = self.chosen(Q, begin, inputs)  # (3)
        later = self.discount * self.value(Q, after, next_action)
        target = tf.where(done > 0, reward, reward + later)  # (4)
        return target, (begin, next_action)

    def held(self, weights, inputs, states):
        """Return what the rule takes for constant: the target."""
        return tf.stop_gradient(self.forward(weights, inputs, states)[0])

    def error(self, weights, inputs, held, states):
        """Return half the square of the target's distance."""
        apart = held - self.value(*weights, *states)  # (5)
        return 0.5 * tf.reduce_sum(tf.square(apart), axis=(-2, -1))  # (6)

    def propagate(self, weights, inputs, targets, states):
        """Return the activations, the error, the gradients, and the states."""
        _, after = self.forward(weights, inputs, states)
        with tf.GradientTape() as tape:
            tape.watch(weights)
            target = self.held(weights, inputs, states)
            value = self.value(*weights, *states)
            E = self.error(weights, inputs, target, states)
        (Qb,) = tape.gradient(E, weights)  # (7)
        return Propagation((target, value), E, (Qb,), states=after)
