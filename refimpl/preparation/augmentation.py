"""More images from those at hand: mirrored, and moved by whole pixels (seed 003, A4).

What is drawn at random is drawn first, so that both sides have the same.
"""

import numpy as np


def flips(samples, seed=0):
    """Return which of the samples are mirrored, (samples,): each with chance 1/2."""
    return np.random.default_rng(seed).integers(2, size=samples).astype(bool)  # (1)


def shifts(samples, most, seed=0):
    """Return pixels down and to the right, (samples, 2), whole, from -most to most."""
    return np.random.default_rng(seed).integers(-most, most + 1, (samples, 2))  # (2)


def flipped(x, flips):
    """Return images (samples, rows, columns, channels), some mirrored, left to right."""
    return np.where(flips[:, None, None, None], x[:, :, ::-1], x)  # (3)


def shifted(x, by):
    """Return images (samples, rows, columns, channels), moved, with 0 where nothing came.

    by: pixels down and to the right, (samples, 2), as ``shifts`` draws them.
    """
    samples, rows, columns, _ = x.shape
    row, column = np.arange(rows) - by[:, :1], np.arange(columns) - by[:, 1:]  # (4)
    came = ((row >= 0) & (row < rows))[:, :, None] & ((column >= 0) & (column < columns))[
        :, None
    ]
    sample = np.arange(samples)[:, None, None]
    moved = x[sample, row[:, :, None] % rows, column[:, None] % columns]  # (5)
    return np.where(came[..., None], moved, 0)  # (6)
