"""Logarithm of a sum of exponentials over the last axis."""

import numpy as np

NEVER = -(2.0**100)  # for log 0, and finite: exp(NEVER) is 0 beside any other exponential


class LogSumExp:
    """y = log sum_j exp(x_j); xb_j = yb exp(x_j - y).

    The largest x is subtracted first, so that no exponential overflows.
    """

    name = "log_sum_exp"

    def forward(self, x):
        largest = np.max(x, axis=-1, keepdims=True)  # (1)
        total = np.sum(np.exp(x - largest), axis=-1)  # (2)
        return np.log(total) + largest[..., 0]  # (3)

    def backward(self, yb, x, y):
        powers = np.exp(x - np.max(x, axis=-1, keepdims=True))  # (4)
        share = yb * (1 / np.sum(powers, axis=-1))  # (5)
        return share[..., None] * powers  # (6)


def among(x, chosen, other=NEVER):
    """Return x where ``chosen`` is 1, and ``other`` where it is 0."""
    return np.where(chosen > 0, x, other)  # (7)


def settled(x):
    """Return x with exactly NEVER where something has been added to it."""
    return np.where(x > NEVER / 2, x, NEVER)  # (8)
