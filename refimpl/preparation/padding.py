"""Sequences of one length (seed 003, C2)."""

import numpy as np


def padded(sequences, length, value=0):
    """Return whole numbers (sequences, length): value in front of short ones.

    Of a long one the end is kept.
    """
    rows = np.full((len(sequences), length), value, np.int32)  # (1)
    for row, sequence in zip(rows, sequences):
        kept = sequence[max(0, len(sequence) - length) :]  # (2)
        row[length - len(kept) :] = kept  # (3)
    return rows
