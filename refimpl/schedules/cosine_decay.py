"""Cosine decay as Keras has it (Loshchilov, Hutter 2017, SGDR, without restarts),
with t steps taken before:

    c = (1 + cos(pi min(t, decay_steps) / decay_steps)) / 2
    rate = initial_learning_rate ((1 - alpha) c + alpha)

so alpha is the last rate as a share of the first, the paper's eta_min / eta_max.

A ``warmup_target`` puts a warm-up in front (Goyal et al. 2017, gradual warmup): a
straight line from initial_learning_rate to the target, in ``warmup_steps`` steps;
then the decay from the target, in which t counts from the end of the warm-up:

    rate = (warmup_target - initial_learning_rate) t / warmup_steps
           + initial_learning_rate              where t < warmup_steps

Without a target, None, warmup_steps has no effect.  Keras's text leaves out the last
term of the line, and the shift of t in the decay; its code has both.  The difference
of the two rates is taken at the working precision, 1 - alpha is not, as Keras does.
"""

from dataclasses import dataclass
from math import pi

import numpy as np

from refimpl.checks import not_negative, positive
from refimpl.schedules.schedule import Schedule


@dataclass(frozen=True)
class CosineDecay(Schedule):
    """Keras: ``schedules.CosineDecay``; the first two have no default."""

    initial_learning_rate: float
    decay_steps: float
    alpha: float = 0.0
    warmup_target: float | None = None
    warmup_steps: float = 0

    def __post_init__(self):
        not_negative("initial_learning_rate", self.initial_learning_rate)
        positive("decay_steps", self.decay_steps)
        not_negative("alpha", self.alpha)
        not_negative("warmup_target", self.warmup_target)
        not_negative("warmup_steps", self.warmup_steps)

    def rate(self, iterations):
        initial = np.zeros_like(iterations) + self.initial_learning_rate  # (1)
        if self.warmup_target is None:
            iterations = np.minimum(iterations, self.decay_steps)  # (2)
            return self._decayed(iterations, initial)
        target = np.zeros_like(iterations) + self.warmup_target  # (3)
        iterations = np.minimum(iterations, self.decay_steps + self.warmup_steps)  # (4)
        decayed = self._decayed(iterations - self.warmup_steps, target)  # (5)
        if self.warmup_steps > 0:
            fraction = iterations / self.warmup_steps  # (6)
            warmed = (target - initial) * fraction + initial  # (7)
            return np.where(iterations < self.warmup_steps, warmed, decayed)  # (8)
        return decayed

    def _decayed(self, iterations, peak):
        fraction = iterations / self.decay_steps  # (9)
        cosine = 0.5 * (1 + np.cos(pi * fraction))  # (10)
        return peak * ((1 - self.alpha) * cosine + self.alpha)  # (11)
