"""Values of the places of a grid world by Bellman's equation (text 000, 10-3 and 10-4).

    q(s, a) = r(s, a) + discount V(s')      s' is where a leads; without V(s') at an end
    v(s) = max_a q(s, a)                    value iteration: the values of the best actions
    v(s) = 1/4 sum_a q(s, a)                with ``greedy`` False: those of random ones
    V <- v                                  one sweep

A sweep is descent of E = 1/2 sum (V - v)^2 at the rate 1 with v held.  The places at which
an episode ends have the value 0.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from refimpl.networks.grid_world import GridWorld
from refimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class Bellman(Network):
    """V (..., places, 1) -> q (..., places, 4), v (..., places, 1); there are no inputs."""

    greedy: bool = True
    discount: float = 0.9
    world: GridWorld = GridWorld()

    weight_names: ClassVar = ("V",)
    activation_names: ClassVar = ("q", "v")

    @cached_property
    def map(self):
        """Whether s' is each place, (places, 4, places); rewards and ends, (places, 4)."""
        rows, columns = self.world.rows, self.world.columns
        place = np.array([(r, c) for r in range(rows) for c in range(columns)], float)
        place, action = np.broadcast_arrays(place[:, None, None, :], np.zeros((4, 1, 1)))
        action = np.arange(4.0)[:, None, None] + action[..., :1]
        after, reward, done = self.world.step(place, action)  # (1)
        number = after[..., 0] * columns + after[..., 1]
        return number == np.arange(rows * columns), reward[..., 0, 0], done[..., 0, 0] > 0

    @property
    def ends(self):
        """Whether an episode ends in a place, (places, 1)."""
        leads, _, done = self.map
        return np.any(leads & done[..., None], axis=(0, 1))[:, None]

    def forward(self, weights, X):
        """Return the values of all actions in all places, and those of the places."""
        (V,) = weights
        leads, reward, done = self.map
        row = V.mT[..., None, :, :]
        following = np.sum(np.where(leads, row, 0 * row), axis=-1)  # (2)
        zero = 0 * following
        given = np.where(reward > 0, zero + 1, np.where(reward < 0, zero - 1, zero))
        q = np.where(done, given, given + self.discount * following)  # (3)
        best = np.max(q, axis=-1, keepdims=True)  # (4)
        mean = np.sum(q, axis=-1, keepdims=True) / 4  # (5)
        v = best if self.greedy else mean
        return q, np.where(self.ends, 0 * v, v)  # (6)

    def held(self, weights, inputs):
        """Return what the rule takes for constant: v."""
        return self.forward(weights, inputs)[1]

    def error(self, weights, inputs, held):
        """Return half of the sum of the squared distances from v."""
        return 0.5 * np.sum(np.square(weights[0] - held), axis=(-2, -1))  # (7)

    def propagate(self, weights, inputs, targets):
        """Return the activations, the error and the gradient."""
        q, v = self.forward(weights, inputs)
        return Propagation((q, v), self.error(weights, inputs, v), (weights[0] - v,))  # (8)
