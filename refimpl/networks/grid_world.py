"""A grid world and the values of actions in it (seed 000, 10-6, 10-7, 10-13 and 10-14).

The world has rows and columns.  An episode begins in the lower left corner; one step goes
up, right, down or left (0, 1, 2, 3), and a wall keeps who walks against it where he is.
The upper right corner gives the reward 1, the place below it -1, and either ends the
episode; every other place gives 0.

A table Q has the value of each action in each place, a row for each place.  An agent is
greedy, of equal actions for the first, but where a draw from 0 to 1 lies below epsilon it
takes a random action: both come with the inputs.
"""

from dataclasses import dataclass

import numpy as np

from refimpl.functions import first_smallest
from refimpl.networks.network import Network


@dataclass(frozen=True)
class GridWorld:
    """Places are (..., 1, 2), row and column; actions, rewards and ends are (..., 1, 1)."""

    rows: int = 3
    columns: int = 4

    def start(self, place):
        """Return the place in which an episode begins."""
        zero = 0 * place[..., :1]
        return np.concatenate([zero + (self.rows - 1), zero], axis=-1)

    def step(self, place, action):
        """Return the place after an action, its reward, and 1 if the episode ends there."""
        row, column = place[..., :1], place[..., 1:]
        one, zero = np.ones_like(row), 0 * row
        down = np.where(action == 2, one, np.where(action == 0, -one, zero))  # (1)
        right = np.where(action == 1, one, np.where(action == 3, -one, zero))  # (2)
        row = np.minimum(np.maximum(row + down, 0), self.rows - 1)  # (3)
        column = np.minimum(np.maximum(column + right, 0), self.columns - 1)  # (4)
        last = column == self.columns - 1
        goal, pit = last & (row == 0), last & (row == 1)
        reward = np.where(goal, one, np.where(pit, -one, zero))  # (5)
        done = np.where(goal | pit, one, zero)  # (6)
        return np.concatenate([row, column], axis=-1), reward, done


@dataclass(frozen=True)
class ActionValues(Network):
    """What agents with a table Q (..., places, 4) share.

    discount: of what comes a step later.  epsilon: the share of random actions.
    """

    discount: float = 0.9
    epsilon: float = 0.1
    world: GridWorld = GridWorld()

    def here(self, Q, place):
        """Return whether a row of Q is the place's, (..., places, 1)."""
        number = place[..., :1] * self.world.columns + place[..., 1:]  # (7)
        return number == np.arange(Q.shape[-2])[:, None]  # (8)

    def values(self, Q, place):
        """Return the values of the four actions in a place, (..., 1, 4)."""
        row = np.where(self.here(Q, place), Q, 0 * Q)  # (9)
        return np.sum(row, axis=-2, keepdims=True)

    def value(self, Q, place, action):
        """Return the value of an action in a place, (..., 1, 1)."""
        values = self.values(Q, place)
        own = np.where(action == np.arange(4), values, 0 * values)  # (10)
        return np.sum(own, axis=-1, keepdims=True)

    def chosen(self, Q, place, draws):
        """Return the action that the agent takes; draws (..., 1, 2)."""
        best = first_smallest(-self.values(Q, place))  # (11)
        greedy = np.sum(best * np.arange(4, dtype=np.int16), axis=-1, keepdims=True)
        return np.where(draws[..., :1] < self.epsilon, draws[..., 1:], greedy)  # (12)

    def _placed(self, Q, place, action, number):
        """Return a table of zeros with the number where the action's value stands in Q."""
        taken = self.here(Q, place) & (action == np.arange(4))
        return np.where(taken, number + 0 * Q, 0 * Q)
