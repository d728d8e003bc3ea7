"""Products of matrices, and of many of them at once."""

import numpy as np


def mat_mul(a, b, *, transpose_a, transpose_b):
    return (a.T if transpose_a else a) @ (b.T if transpose_b else b)  # (1)


def batch_mat_mul(x, y, *, adj_x, adj_y):
    return (x.mT if adj_x else x) @ (y.mT if adj_y else y)  # (2)


def einsum(inputs, *, equation):
    return np.einsum(equation, *inputs, optimize=True)  # (3)


def cross(a, b):
    """The product of three numbers with three that is at right angles to both."""
    x, y, z = (a[..., k] for k in range(3))
    u, v, w = (b[..., k] for k in range(3))
    return np.stack([y * w - z * v, z * u - x * w, x * v - y * u], axis=-1)  # (4)


def batch_mat_mul_of(x, y, *, adj_x, adj_y, Tout):
    """Whole numbers of few bits are multiplied and added in those of the result."""
    if np.dtype(Tout).kind in "iu":
        x, y = x.astype(Tout), y.astype(Tout)  # (5)
    return batch_mat_mul(x, y, adj_x=adj_x, adj_y=adj_y)  # (6)
