"""Operations that say where numbers stand: which are true, below others, or new."""

import numpy as np


def where(condition):
    """The places of all that are true, or not 0, in the order of memory."""
    return np.argwhere(condition)  # (1)


def lower_bound(sorted_inputs, values):
    """Of each row how many sorted numbers are below a value."""
    return _found(sorted_inputs, values, "left")  # (2)


def upper_bound(sorted_inputs, values):
    """Of each row how many sorted numbers are not above a value."""
    return _found(sorted_inputs, values, "right")  # (3)


def bucketize(input, *, boundaries):
    """How many of the boundaries, which are float32, are not above a number."""
    return np.searchsorted(np.float32(boundaries), input, "right")  # (4)


def unique(x):
    """Every number once, in the order in which they come, and which of them each is."""
    numbers, first, which = np.unique(x, return_index=True, return_inverse=True)
    order = np.argsort(first)  # (5)
    return numbers[order], np.argsort(order)[which]  # (6)


def _found(rows, values, side):
    return np.stack([np.searchsorted(r, v, side) for r, v in zip(rows, values)])
