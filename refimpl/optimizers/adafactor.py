"""Adafactor as Keras has it (Shazeer, Stern 2018, for matrices and for vectors):

    rho_t = min(learning_rate, 1 / sqrt(t))
    alpha = max(epsilon_2, RMS(w)) rho_t
    b = 1 - t^beta_2_decay
    r <- b r + (1 - b) mean over each row of (g^2 + epsilon_1)
    c <- b c + (1 - b) mean over each column of (g^2 + epsilon_1)
    v = r c / mean(r)
    u = g / sqrt(v)
    w <- w - alpha u / max(1, RMS(u) / clip_threshold)

Of a bias there are no rows: v <- b v + (1 - b)(g^2 + epsilon_1).  The paper has no
learning rate: its rho_t is min(0.01, 1 / sqrt(t)).  Keras's default, 0.001, is a
tenth of that, though by Keras's text its defaults are based on the paper.  The
paper sums where Keras averages, which is the same v.

``relative_step`` changes nothing: Keras takes the minimum with 1 / sqrt(t) once
for relative steps and once again for all, so they cannot be turned off.

In float32 v underflows to 0 where a row and a column of gradients that were always
0 meet, as of an input that is always 0 and a dead unit: u is 0 / 0 there, and
through RMS(u) the whole variable is NaN, in Keras too.

A variable of one row is taken for a bias, of Keras's rank 1; a kernel of one row
has the same v and w, only its r and c differ.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.checks import not_negative, not_positive, positive
from refimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True)
class Adafactor(Optimizer):
    """Keras: ``Adafactor``; the slots are r, c and v.

    r is (..., rows, 1), c is (..., 1, columns); Keras's are (rows,) and (columns,),
    and both bear the variable's own name.  Of a bias r and c are (..., 1, 1) and
    stay 0, as Keras's two integer scalars do.
    """

    learning_rate: float = 0.001
    beta_2_decay: float = -0.8
    epsilon_1: float = 1e-30
    epsilon_2: float = 1e-3
    clip_threshold: float = 1.0
    relative_step: bool = True

    slot_names: ClassVar = ("r", "c", "velocity")

    def __post_init__(self):
        super().__post_init__()
        not_positive("beta_2_decay", self.beta_2_decay)
        not_negative("epsilon_1", self.epsilon_1)
        not_negative("epsilon_2", self.epsilon_2)
        positive("clip_threshold", self.clip_threshold)

    def build(self, variable):
        v = np.zeros_like(variable)
        if variable.shape[-2] == 1:
            return v[..., :1], v[..., :1], v
        return v[..., :1], v[..., :1, :], v

    def update(self, variable, gradient, slots, step, learning_rate):
        r, c, v = slots
        rate = np.zeros_like(step) + learning_rate  # (1)
        if self.relative_step:
            rate = np.minimum(rate, 1 / np.sqrt(step))  # (2)
        rho = np.minimum(rate, 1 / np.sqrt(step))  # (3)
        alpha = np.maximum(_rms(variable), self.epsilon_2) * rho  # (4)
        squared = np.square(gradient) + self.epsilon_1  # (5)
        beta_2 = 1 - step**self.beta_2_decay  # (6)
        if variable.shape[-2] == 1:
            v = beta_2 * v + (1 - beta_2) * squared  # (7)
        else:
            r = beta_2 * r + (1 - beta_2) * _mean(squared, axis=-1)  # (8)
            c = beta_2 * c + (1 - beta_2) * _mean(squared, axis=-2)  # (9)
            v = r / _mean(r, axis=-2) * c  # (10)
        u = gradient / np.sqrt(v)  # (11)
        u = u / np.maximum(_rms(u) / self.clip_threshold, 1.0)  # (12)
        variable = variable - alpha * u  # (13)
        return variable, (r, c, v)


def _mean(x, axis):
    return np.sum(x, axis=axis, keepdims=True) / x.shape[axis]


def _rms(x):
    size = x.shape[-2] * x.shape[-1]
    return np.sqrt(np.sum(np.square(x), axis=(-2, -1), keepdims=True) / size)
