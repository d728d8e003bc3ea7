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


def compute_accidental_hits(true_classes, sampled_candidates, *, num_true):
    """Where a drawn class is a true one: row, place of the drawn one, the least float.

    Of a class that was drawn several times the last place counts.
    """
    places = {int(drawn): place for place, drawn in enumerate(sampled_candidates)}
    hits = [
        (row, places[int(true)])
        for row, classes in enumerate(np.reshape(true_classes, (-1, num_true)))
        for true in classes
        if int(true) in places
    ]
    rows, found = np.reshape(hits, (-1, 2)).T  # (7)
    least = np.full(len(hits), -np.finfo(np.float32).max, np.float32)  # (8)
    return rows.astype(np.int32), found.astype(np.int64), least


def _found(rows, values, side):
    return np.stack([np.searchsorted(r, v, side) for r, v in zip(rows, values)])
