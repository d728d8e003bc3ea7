"""Cosine decay with warm restarts as Keras has it (Loshchilov, Hutter 2017, SGDR)."""

from dataclasses import dataclass
from math import pi

import tensorflow as tf

from tfimpl.schedules.schedule import Schedule

# Nearly the last integer that a float64 counts to, and near no restart of usual periods,
# so that balls, too, know which restarts lie before it.
LAST = 8.3e15


@dataclass(frozen=True)
class CosineDecayRestarts(Schedule):
    """Keras: ``schedules.CosineDecayRestarts``; the first two have no default."""

    initial_learning_rate: float
    first_decay_steps: float
    t_mul: float = 2.0
    m_mul: float = 1.0
    alpha: float = 0.0

    def rate(self, iterations):
        alpha = tf.zeros_like(iterations) + self.alpha  # (1)
        completed = iterations / self.first_decay_steps  # (2)
        if self.t_mul > 1:
            t_mul = tf.zeros_like(iterations) + self.t_mul  # (3)
            restart = self._restarts(iterations)  # (4)
            behind = (1 - t_mul**restart) / (1 - t_mul)  # (5)
            fraction = (completed - behind) / t_mul**restart  # (6)
        else:
            restart = tf.floor(completed)  # (7)
            fraction = completed - restart  # (8)
        m_fac = self.m_mul**restart  # (9)
        cosine = 0.5 * m_fac * (1 + tf.cos(pi * fraction))  # (10)
        return self.initial_learning_rate * ((1 - alpha) * cosine + alpha)  # (11)

    def _restarts(self, iterations):
        """Return how many restarts each iteration has reached."""
        count = tf.zeros_like(iterations)  # (12)
        restart = self.first_decay_steps
        while restart < LAST:
            count = tf.where(iterations < restart, count, count + 1)  # (13)
            restart = self.first_decay_steps + self.t_mul * restart  # (14)
        return count
