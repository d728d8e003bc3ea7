"""Products of matrices, and of many of them at once."""

import tensorflow as tf


def mat_mul(a, b, *, transpose_a, transpose_b):
    return tf.raw_ops.MatMul(
        a=a, b=b, transpose_a=transpose_a, transpose_b=transpose_b
    )  # (1)


def batch_mat_mul(x, y, *, adj_x, adj_y):
    return tf.raw_ops.BatchMatMulV2(x=x, y=y, adj_x=adj_x, adj_y=adj_y)  # (2)


def einsum(inputs, *, equation):
    return tf.raw_ops.Einsum(inputs=inputs, equation=equation)  # (3)


def cross(a, b):
    """The product of three numbers with three that is at right angles to both."""
    return tf.raw_ops.Cross(a=a, b=b)  # (4)


def batch_mat_mul_of(x, y, *, adj_x, adj_y, Tout):
    """Whole numbers of few bits are multiplied and added in those of the result."""
    return tf.raw_ops.BatchMatMulV3(
        x=x, y=y, Tout=Tout, adj_x=adj_x, adj_y=adj_y
    )  # (5)-(6)
