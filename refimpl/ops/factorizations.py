"""Triangular factors of matrices, systems of equations, inverses and determinants.

By the inverses of the diagonal, as Eigen multiplies by them; sums in any order.
"""

import numpy as np


def cholesky(input):
    """The lower triangle whose product with its transpose is the matrix: row by row."""
    rows = []
    for i in range(input.shape[-1]):
        row = []
        for j in range(i + 1):
            other = rows[j] if j < i else row
            terms = [input[..., i, j], *(-a * b for a, b in zip(row[:j], other[:j]))]
            rest = np.sum(np.stack(terms, -1), axis=-1)  # (1)
            row.append(np.sqrt(rest) if i == j else rest * (1 / rows[j][j]))  # (2)
        rows.append(row)
    nothing = np.zeros_like(input[..., 0, 0])
    size = len(rows)
    return np.stack([np.stack(r + [nothing] * (size - len(r)), -1) for r in rows], -2)


def matrix_triangular_solve(matrix, rhs, *, lower, adjoint):
    """The x with matrix x = rhs, row after row, from the one that stands alone."""
    if adjoint:
        matrix, lower = matrix.mT, not lower
    size, found = matrix.shape[-1], {}
    for i in range(size) if lower else reversed(range(size)):
        terms = [rhs[..., i, :], *(-matrix[..., i, j, None] * found[j] for j in found)]
        rest = np.sum(np.stack(terms), axis=0)  # (3)
        found[i] = rest * (1 / matrix[..., i, i, None])  # (4)
    return np.stack([found[i] for i in range(size)], -2)


def matrix_solve(matrix, rhs, *, adjoint):
    """The x with matrix x = rhs."""
    return np.linalg.solve(matrix.mT if adjoint else matrix, rhs)  # (5)


def matrix_inverse(input, *, adjoint):
    return np.linalg.inv(input.mT if adjoint else input)  # (6)


def matrix_determinant(input):
    return np.linalg.det(input)  # (7)


def log_matrix_determinant(input):
    """The determinant's sign, and the logarithm of its magnitude."""
    return tuple(np.linalg.slogdet(input))  # (8)
