"""Cosine decay as Keras has it (Loshchilov, Hutter 2017, SGDR, without restarts)."""

from dataclasses import dataclass
from math import pi

import tensorflow as tf

from tfimpl.schedules.schedule import Schedule


@dataclass(frozen=True)
class CosineDecay(Schedule):
    """Keras: ``schedules.CosineDecay``; the first two have no default."""

    initial_learning_rate: float
    decay_steps: float
    alpha: float = 0.0
    warmup_target: float | None = None
    warmup_steps: float = 0

    def rate(self, iterations):
        initial = tf.zeros_like(iterations) + self.initial_learning_rate  # (1)
        if self.warmup_target is None:
            iterations = tf.minimum(iterations, self.decay_steps)  # (2)
            return self._decayed(iterations, initial)
        target = tf.zeros_like(iterations) + self.warmup_target  # (3)
        iterations = tf.minimum(iterations, self.decay_steps + self.warmup_steps)  # (4)
        decayed = self._decayed(iterations - self.warmup_steps, target)  # (5)
        if self.warmup_steps > 0:
            fraction = iterations / self.warmup_steps  # (6)
            warmed = (target - initial) * fraction + initial  # (7)
            return tf.where(iterations < self.warmup_steps, warmed, decayed)  # (8)
        return decayed

    def _decayed(self, iterations, peak):
        fraction = iterations / self.decay_steps  # (9)
        cosine = 0.5 * (1 + tf.cos(pi * fraction))  # (10)
        return peak * ((1 - self.alpha) * cosine + self.alpha)  # (11)
