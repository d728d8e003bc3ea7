"""Values of the places of a grid world by Bellman's equation (text 000, 10-3 and 10-4)."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import tensorflow as tf

from tfimpl.networks.grid_world import GridWorld
from tfimpl.networks.network import Network, Propagation


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
        with tf.init_scope():
            step = self.world.step(tf.constant(place), tf.constant(action))  # (1)
            after, reward, done = (part.numpy() for part in step)
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
        row = tf.linalg.matrix_transpose(V)[..., None, :, :]
        following = tf.reduce_sum(tf.where(leads, row, 0 * row), axis=-1)  # (2)
        zero = 0 * following
        given = tf.where(reward > 0, zero + 1, tf.where(reward < 0, zero - 1, zero))
        q = tf.where(done, given, given + self.discount * following)  # (3)
        best = tf.reduce_max(q, axis=-1, keepdims=True)  # (4)
        mean = tf.reduce_sum(q, axis=-1, keepdims=True) / 4  # (5)
        v = best if self.greedy else mean
        return q, tf.where(self.ends, 0 * v, v)  # (6)

    def held(self, weights, inputs):
        """Return what the rule takes for constant: v."""
        return tf.stop_gradient(self.forward(weights, inputs)[1])

    def error(self, weights, inputs, held):
        """Return half of the sum of the squared distances from v."""
        return 0.5 * tf.reduce_sum(tf.square(weights[0] - held), axis=(-2, -1))  # (7)

    def propagate(self, weights, inputs, targets):
        """Return the activations, the error and the gradient."""
        q, v = self.forward(weights, inputs)
        with tf.GradientTape() as tape:
            tape.watch(weights)
            E = self.error(weights, inputs, tf.stop_gradient(v))
        return Propagation((q, v), E, tuple(tape.gradient(E, weights)))  # (8)
