"""A straight line through points without descent (seed 002, 4.3; seed 003, A4)."""

import numpy as np


def least_squares(x, y):
    """Return a and b of the line y = a x + b with the least sum of squared residuals.

    a = sum (x - mean x)(y - mean y) / sum (x - mean x)^2, b = mean y - a mean x; x and y
    are (..., points).
    """
    n = x.shape[-1]
    x_mean = np.sum(x, axis=-1, keepdims=True) / n  # (1)
    y_mean = np.sum(y, axis=-1, keepdims=True) / n  # (2)
    dx, dy = x - x_mean, y - y_mean  # (3)
    a = np.sum(dx * dy, axis=-1) / np.sum(dx * dx, axis=-1)  # (4)
    return a, y_mean[..., 0] - a * x_mean[..., 0]  # (5)


def left_inverse(A):
    """Return (A' A)^-1 A' of A (..., rows, 2): the left pseudo-inverse.

    The inverse of a 2 x 2 matrix is its adjugate over its determinant.
    """
    S = A.mT @ A  # (6)
    a, b, c, d = S[..., 0, 0], S[..., 0, 1], S[..., 1, 0], S[..., 1, 1]
    adjugate = np.stack(
        [np.stack([d, -b], axis=-1), np.stack([-c, a], axis=-1)], axis=-2
    )  # (7)
    determinant = a * d - b * c  # (8)
    return adjugate / determinant[..., None, None] @ A.mT  # (9)
