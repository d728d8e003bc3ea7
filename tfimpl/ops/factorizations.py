"""Triangular factors of matrices, and systems that have them."""

import tensorflow as tf


def cholesky(input):
    """The lower triangle whose product with its transpose is the matrix: row by row."""
    return tf.raw_ops.Cholesky(input=input)  # (1)-(2)


def matrix_triangular_solve(matrix, rhs, *, lower, adjoint):
    """The x with matrix x = rhs, row after row, from the one that stands alone."""
    return tf.raw_ops.MatrixTriangularSolve(
        matrix=matrix, rhs=rhs, lower=lower, adjoint=adjoint
    )  # (3)-(4)
