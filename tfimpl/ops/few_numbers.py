"""Operations of tensors of few numbers, which are given by their places."""

import tensorflow as tf


def sparse_dense_cwise_add(sp_indices, sp_values, sp_shape, dense):
    """Each number and that of another tensor at its place, which may be repeated."""
    return tf.raw_ops.SparseDenseCwiseAdd(
        sp_indices=sp_indices, sp_values=sp_values, sp_shape=sp_shape, dense=dense
    )  # (1)


def sparse_dense_cwise_mul(sp_indices, sp_values, sp_shape, dense):
    return tf.raw_ops.SparseDenseCwiseMul(
        sp_indices=sp_indices, sp_values=sp_values, sp_shape=sp_shape, dense=dense
    )  # (2)


def sparse_dense_cwise_div(sp_indices, sp_values, sp_shape, dense):
    return tf.raw_ops.SparseDenseCwiseDiv(
        sp_indices=sp_indices, sp_values=sp_values, sp_shape=sp_shape, dense=dense
    )  # (3)


def sparse_reduce_sum(
    input_indices, input_values, input_shape, reduction_axes, *, keep_dims
):
    """Sums along axes; without any number along them it is 0."""
    return tf.raw_ops.SparseReduceSum(
        input_indices=input_indices,
        input_values=input_values,
        input_shape=input_shape,
        reduction_axes=reduction_axes,
        keep_dims=keep_dims,
    )  # (4)-(5)


def sparse_softmax(sp_indices, sp_values, sp_shape):
    """A softmax along the last axis, of the numbers that are there."""
    return tf.raw_ops.SparseSoftmax(
        sp_indices=sp_indices, sp_values=sp_values, sp_shape=sp_shape
    )  # (6)-(7)


def sparse_tensor_dense_add(a_indices, a_values, a_shape, b):
    """A tensor of many numbers with each of the few added at its place."""
    return tf.raw_ops.SparseTensorDenseAdd(
        a_indices=a_indices, a_values=a_values, a_shape=a_shape, b=b
    )  # (8)


def sparse_reorder(input_indices, input_values, input_shape):
    """The same places and numbers in the order of memory."""
    return tf.raw_ops.SparseReorder(
        input_indices=input_indices, input_values=input_values, input_shape=input_shape
    )  # (9)
