"""Piecewise constant decay as Keras has it."""

from dataclasses import dataclass

import tensorflow as tf

from tfimpl.schedules.schedule import Schedule


@dataclass(frozen=True)
class PiecewiseConstantDecay(Schedule):
    """Keras: ``schedules.PiecewiseConstantDecay``; ``values`` has one element more."""

    boundaries: tuple
    values: tuple

    def rate(self, iterations):
        rate = tf.zeros_like(iterations) + self.values[-1]  # (1)
        for boundary, value in zip(self.boundaries[::-1], self.values[-2::-1]):
            rate = tf.where(iterations > boundary, rate, value)  # (2)
        return rate
