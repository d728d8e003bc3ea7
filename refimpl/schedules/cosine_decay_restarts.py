"""Cosine decay with warm restarts as Keras has it (Loshchilov, Hutter 2017, SGDR),
with t steps taken before, i of the restarts among them:

    f = t / first_decay_steps
    s = (1 - t_mul^i) / (1 - t_mul)        the periods behind, in first periods
    x = (f - s) / t_mul^i                  the share of this period, from 0 to 1
    rate = initial_learning_rate ((1 - alpha) m_mul^i (1 + cos(pi x)) / 2 + alpha)

So a period is t_mul times as long as the one before it; with t_mul = 1, where s is
0 / 0, i is f rounded down and x = f - i.  A step at which a period ends is the first
of the next.  x is the paper's T_cur / T_i, and alpha its eta_min / eta_max.

Keras finds i as floor(log(1 - f (1 - t_mul)) / log(t_mul)), which at the very
restarts is an integer: rounding decides whether a restart comes a step late.  Here
the restarts that t has reached are counted, which is exact.

Keras's text calls m_mul times the rate the new rate; with alpha the first rate after
i restarts is initial_learning_rate ((1 - alpha) m_mul^i + alpha), since m_mul is in
the cosine only.  A t_mul below 1 makes Keras's rate NaN from some step on; it is
refused here.
"""

from dataclasses import dataclass
from math import pi

import numpy as np

from refimpl.checks import not_negative, one_or_above, positive
from refimpl.schedules.schedule import Schedule

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

    def __post_init__(self):
        not_negative("initial_learning_rate", self.initial_learning_rate)
        positive("first_decay_steps", self.first_decay_steps)
        one_or_above("t_mul", self.t_mul)
        not_negative("m_mul", self.m_mul)
        not_negative("alpha", self.alpha)

    def rate(self, iterations):
        alpha = np.zeros_like(iterations) + self.alpha  # (1)
        completed = iterations / self.first_decay_steps  # (2)
        if self.t_mul > 1:
            t_mul = np.zeros_like(iterations) + self.t_mul  # (3)
            restart = self._restarts(iterations)  # (4)
            behind = (1 - t_mul**restart) / (1 - t_mul)  # (5)
            fraction = (completed - behind) / t_mul**restart  # (6)
        else:
            restart = np.floor(completed)  # (7)
            fraction = completed - restart  # (8)
        m_fac = self.m_mul**restart  # (9)
        cosine = 0.5 * m_fac * (1 + np.cos(pi * fraction))  # (10)
        return self.initial_learning_rate * ((1 - alpha) * cosine + alpha)  # (11)

    def _restarts(self, iterations):
        """Return how many restarts each iteration has reached."""
        count = np.zeros_like(iterations)  # (12)
        restart = self.first_decay_steps
        while restart < LAST:
            count = np.where(iterations < restart, count, count + 1)  # (13)
            restart = self.first_decay_steps + self.t_mul * restart  # (14)
        return count
