"""A deep Q-network that acts, and fills its replay memory (seed 000, 10-10 to 10-12)."""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from tfimpl.functions import first_smallest
from tfimpl.networks.dqn import DQN
from tfimpl.networks.grid_world import GridWorld
from tfimpl.networks.parts import inside


@dataclass(frozen=True)
class ActingDQN(DQN):
    """inputs (..., 1, 2 + batch): a draw, a random action, rows of the memory."""

    memory: int = 100
    epsilon: float = 0.2
    world: GridWorld = GridWorld()

    @property
    def activation_names(self):
        return (*inside("acting", self.net), "action", *super().activation_names)

    @property
    def state_names(self):
        return (*super().state_names, "place", "memory")

    def start_states(self):
        place = np.array([[self.world.rows - 1.0, 0.0]])
        memory = np.zeros((self.memory, 2 * self.features + 3))
        return (*super().start_states(), place, memory)

    def scaled(self, place):
        """Return what the network sees of a place."""
        scale = [self.world.rows - 1, self.world.columns - 1]
        return place / tf.constant(scale, place.dtype)  # (1)

    def acted(self, weights, inputs, states, seen):
        """Return the action, the place after it, and the memory with this transition."""
        *_, steps, place, memory = states
        note = self.noting(seen, "acting")
        values, _ = self.net.forward(weights, self.scaled(place), note)  # (2)
        best = first_smallest(-values) * tf.range(values.shape[-1], dtype=values.dtype)
        greedy = tf.reduce_sum(best, axis=-1, keepdims=True)
        action = tf.where(inputs[..., :1] < self.epsilon, inputs[..., 1:2], greedy)  # (3)
        action = self.note(seen, "action", action)
        after, reward, done = self.world.step(place, action)  # (4)
        before, then = self.scaled(place), self.scaled(after)
        row = tf.concat([before, action, reward, then, done], axis=-1)
        rows = tf.range(self.memory, dtype=steps.dtype)[:, None]
        here = rows == steps % self.memory  # (5)
        place = tf.where(done > 0, self.world.start(place), after)  # (6)
        return action, place, tf.where(here, row, memory)

    def drawn(self, inputs, memory):
        """Return the transitions of the memory that a step learns from, (..., batch, n)."""
        rows = tf.range(self.memory, dtype=inputs.dtype)
        wanted = tf.linalg.matrix_transpose(inputs[..., 2:])
        one = tf.cast(wanted == rows, memory.dtype)  # (7)
        return one @ memory  # (8)

    def held(self, weights, inputs, states):
        """Return what the rule takes for constant: the batch, and its target."""
        _, _, memory = self.acted(weights, inputs, states, {})
        batch = tf.stop_gradient(self.drawn(inputs, memory))
        return batch, super().held(weights, batch, states[:-2])  # (9)

    def error(self, weights, inputs, held, states):
        """Return the mean of the squared distances from the target."""
        batch, target = held
        return super().error(weights, batch, target, states[:-2])  # (10)

    def propagate(self, weights, inputs, targets, states):
        """Return the activations, the error, the gradients, what flows back, the states."""
        seen = {}
        _, place, memory = self.acted(weights, inputs, states, seen)
        batch = self.drawn(inputs, memory)
        passed = self.learned(weights, batch, states[:-2], seen)  # (11)
        return passed._replace(states=(*passed.states, place, memory))
