"""A deep Q-network that acts, and fills its replay memory (seed 000, 10-10 to 10-12).

Mnih and others 2015, Algorithm 1.  In each step the agent

    takes in the place s the best action by q(s, .; weights), or with the chance epsilon any
    keeps (s, a, r, s', end) in the memory, over the oldest where it is full
    draws a batch from the memory and descends E of ``DQN`` on it

All that is random comes with the inputs, drawn once for both sides.  An action stands in
the memory as it was taken: it, too, is held while the weights move.
"""

from dataclasses import dataclass

import numpy as np

from refimpl.functions import first_smallest
from refimpl.networks.dqn import DQN
from refimpl.networks.grid_world import GridWorld
from refimpl.networks.parts import inside


@dataclass(frozen=True)
class ActingDQN(DQN):
    """inputs (..., 1, 2 + batch): a draw, a random action, rows of the memory.

    The network sees row and column, each divided by the world's last one; features is 2.
    memory: how many transitions are kept.
    """

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
        scale = np.array([self.world.rows - 1, self.world.columns - 1], np.int16)
        return place / scale  # (1)

    def acted(self, weights, inputs, states, seen):
        """Return the action, the place after it, and the memory with this transition."""
        *_, steps, place, memory = states
        note = self.noting(seen, "acting")
        values, _ = self.net.forward(weights, self.scaled(place), note)  # (2)
        best = first_smallest(-values) * np.arange(values.shape[-1], dtype=np.int16)
        greedy = np.sum(best, axis=-1, keepdims=True)
        action = np.where(inputs[..., :1] < self.epsilon, inputs[..., 1:2], greedy)  # (3)
        action = self.note(seen, "action", action)
        after, reward, done = self.world.step(place, action)  # (4)
        before, then = self.scaled(place), self.scaled(after)
        row = np.concatenate([before, action, reward, then, done], axis=-1)
        rows = np.arange(self.memory)[:, None]
        here = rows == steps % self.memory  # (5)
        place = np.where(done > 0, self.world.start(place), after)  # (6)
        return action, place, np.where(here, row, memory)

    def drawn(self, inputs, memory):
        """Return the transitions of the memory that a step learns from, (..., batch, n)."""
        wanted = inputs[..., 2:].mT
        rows = wanted == np.arange(self.memory)  # (7)
        one = np.where(rows, np.ones_like(wanted), np.zeros_like(wanted))
        return one @ memory  # (8)

    def held(self, weights, inputs, states):
        """Return what the rule takes for constant: the batch, and its target."""
        _, _, memory = self.acted(weights, inputs, states, {})
        batch = self.drawn(inputs, memory)
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
