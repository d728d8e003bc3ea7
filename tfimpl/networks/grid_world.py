"""A grid world and the values of actions in it (seed 000, 10-6, 10-7, 10-13 and 10-14)."""

from dataclasses import dataclass

import tensorflow as tf

from tfimpl.functions import first_smallest
from tfimpl.networks.network import Network


@dataclass(frozen=True)
class GridWorld:
    """Places are (..., 1, 2), row and column; actions, rewards and ends are (..., 1, 1)."""

    rows: int = 3
    columns: int = 4

    def start(self, place):
        """Return the place in which an episode begins."""
        zero = 0 * place[..., :1]
        return tf.concat([zero + (self.rows - 1), zero], axis=-1)

    def step(self, place, action):
        """Return the place after an action, its reward, and 1 if the episode ends there."""
        row, column = place[..., :1], place[..., 1:]
        one, zero = tf.ones_like(row), tf.zeros_like(row)
        down = tf.where(action == 2, one, tf.where(action == 0, -one, zero))  # (1)
        right = tf.where(action == 1, one, tf.where(action == 3, -one, zero))  # (2)
        row = tf.clip_by_value(row + down, 0, self.rows - 1)  # (3)
        column = tf.clip_by_value(column + right, 0, self.columns - 1)  # (4)
        last = column == self.columns - 1
        goal, pit = last & (row == 0), last & (row == 1)
        reward = tf.where(goal, one, tf.where(pit, -one, zero))  # (5)
        done = tf.where(goal | pit, one, zero)  # (6)
        return tf.concat([row, column], axis=-1), reward, done


@dataclass(frozen=True)
class ActionValues(Network):
    """What agents with a table Q (..., places, 4) share."""

    discount: float = 0.9
    epsilon: float = 0.1
    world: GridWorld = GridWorld()

    def here(self, Q, place):
        """Return the place's row of Q as one-hot numbers, (..., 1, places)."""
        number = place[..., 0] * self.world.columns + place[..., 1]  # (7)
        return tf.one_hot(tf.cast(number, tf.int32), Q.shape[-2], dtype=Q.dtype)  # (8)

    def values(self, Q, place):
        """Return the values of the four actions in a place, (..., 1, 4)."""
        return self.here(Q, place) @ Q  # (9)

    def value(self, Q, place, action):
        """Return the value of an action in a place, (..., 1, 1)."""
        own = tf.one_hot(tf.cast(action[..., 0], tf.int32), 4, dtype=Q.dtype)  # (10)
        return tf.reduce_sum(self.values(Q, place) * own, axis=-1, keepdims=True)

    def chosen(self, Q, place, draws):
        """Return the action that the agent takes; draws (..., 1, 2)."""
        best = tf.argmax(first_smallest(-self.values(Q, place)), axis=-1)  # (11)
        greedy = tf.cast(best, Q.dtype)[..., None]
        return tf.where(draws[..., :1] < self.epsilon, draws[..., 1:], greedy)  # (12)
