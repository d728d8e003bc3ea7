"""Polynomial decay as Keras has it."""

from dataclasses import dataclass

import tensorflow as tf

from tfimpl.schedules.schedule import Schedule


@dataclass(frozen=True)
class PolynomialDecay(Schedule):
    """Keras: ``schedules.PolynomialDecay``; the first two have no default."""

    initial_learning_rate: float
    decay_steps: float
    end_learning_rate: float = 0.0001
    power: float = 1.0
    cycle: bool = False

    def rate(self, iterations):
        initial = tf.zeros_like(iterations) + self.initial_learning_rate  # (1)
        end = tf.zeros_like(iterations) + self.end_learning_rate  # (2)
        decay_steps = self.decay_steps
        if self.cycle:
            multiplier = tf.math.ceil(iterations / decay_steps)  # (3)
            multiplier = tf.where(iterations > 0, multiplier, 1.0)  # (4)
            decay_steps = decay_steps * multiplier  # (5)
        else:
            iterations = tf.minimum(iterations, decay_steps)  # (6)
        p = iterations / decay_steps  # (7)
        return (initial - end) * (1 - p) ** self.power + end  # (8)
