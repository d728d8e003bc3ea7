"""The way back of ``attention.flat``: outputs and scores of one row in their shapes."""

from math import prod


def parted(rows, of_y, of_scores):
    """Return the parts of what ``flat`` put together, in these shapes."""
    lead, numbers = rows.shape[:-1], prod(of_y)
    y, scores = rows[..., :numbers], rows[..., numbers:]
    return y.reshape(*lead, *of_y), scores.reshape(*lead, *of_scores)
