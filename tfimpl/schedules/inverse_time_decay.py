"""Inverse time decay as Keras has it."""

from dataclasses import dataclass

import tensorflow as tf

from tfimpl.schedules.schedule import Schedule


@dataclass(frozen=True)
class InverseTimeDecay(Schedule):
    """Keras: ``schedules.InverseTimeDecay``; only staircase has a default."""

    initial_learning_rate: float
    decay_steps: float
    decay_rate: float
    staircase: bool = False

    def rate(self, iterations):
        p = iterations / self.decay_steps  # (1)
        if self.staircase:
            p = tf.floor(p)  # (2)
        return self.initial_learning_rate / (1 + self.decay_rate * p)  # (3)
