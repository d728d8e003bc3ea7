"""Triangular factors of matrices, systems of equations, inverses and determinants."""

import tensorflow as tf


def cholesky(input):
    """The lower triangle whose product with its transpose is the matrix: row by row."""
    return tf.raw_ops.Cholesky(input=input)  # (1)-(2)


def matrix_triangular_solve(matrix, rhs, *, lower, adjoint):
    """The x with matrix x = rhs, row after row, from the one that stands alone."""
    return tf.raw_ops.MatrixTriangularSolve(
        matrix=matrix, rhs=rhs, lower=lower, adjoint=adjoint
    )  # (3)-(4)


def matrix_solve(matrix, rhs, *, adjoint):
    """The x with matrix x = rhs."""
    return tf.raw_ops.MatrixSolve(matrix=matrix, rhs=rhs, adjoint=adjoint)  # (5)


def matrix_inverse(input, *, adjoint):
    return tf.raw_ops.MatrixInverse(input=input, adjoint=adjoint)  # (6)


def matrix_determinant(input):
    return tf.raw_ops.MatrixDeterminant(input=input)  # (7)


def log_matrix_determinant(input):
    """The determinant's sign, and the logarithm of its magnitude."""
    return tf.raw_ops.LogMatrixDeterminant(input=input)  # (8)
