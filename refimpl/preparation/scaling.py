"""Columns brought to one scale (seed 002, 5.5)."""

import numpy as np

_EPSILON = 1e-7  # the smallest deviation that is divided by, as Keras has it


def scaled(x):
    """Return x (samples, columns) with the smallest of each column at 0, the largest at 1.

    Raises ValueError where all numbers of a column are equal.
    """
    low, high = np.min(x, axis=0), np.max(x, axis=0)  # (1)
    if not np.all(high > low):
        raise ValueError("a column whose numbers are all equal has no scale")
    return (x - low) / (high - low)  # (2)


def moments(x):
    """Return the mean and the variance of each column, dividing by all samples."""
    mean = np.mean(x, axis=0)  # (3)
    return mean, np.mean(np.square(x - mean), axis=0)  # (4)


def standardized(x, mean, variance):
    """Return (x - mean) / sqrt(variance): of mean 0 and deviation 1."""
    deviation = np.maximum(np.sqrt(variance), _EPSILON)  # (5)
    return (x - mean) / deviation  # (6)
