"""Operations of tensors of few numbers, which are given by their places."""

import numpy as np

from refimpl.ops.rows_by_number import (
    tensor_scatter_add,
    unsorted_segment_max,
    unsorted_segment_sum,
)


def sparse_dense_cwise_add(sp_indices, sp_values, sp_shape, dense):
    """Each number and that of another tensor at its place, which may be repeated."""
    return sp_values + _beside(sp_indices, sp_shape, dense)  # (1)


def sparse_dense_cwise_mul(sp_indices, sp_values, sp_shape, dense):
    return sp_values * _beside(sp_indices, sp_shape, dense)  # (2)


def sparse_dense_cwise_div(sp_indices, sp_values, sp_shape, dense):
    return sp_values / _beside(sp_indices, sp_shape, dense)  # (3)


def sparse_reduce_sum(
    input_indices, input_values, input_shape, reduction_axes, *, keep_dims
):
    """Sums along axes; without any number along them it is 0."""
    rank = len(input_shape)
    away = {int(axis) % rank for axis in np.ravel(reduction_axes)}
    left = [axis for axis in range(rank) if axis not in away]
    numbers, count = _numbers(input_indices, input_shape, left)
    total = unsorted_segment_sum(input_values, numbers, count)  # (4)
    shape = [int(n) if k in left else 1 for k, n in enumerate(input_shape)]
    return np.reshape(total, shape if keep_dims else [shape[k] for k in left])  # (5)


def sparse_softmax(sp_indices, sp_values, sp_shape):
    """A softmax along the last axis, of the numbers that are there."""
    rows, count = _numbers(sp_indices, sp_shape, range(len(sp_shape) - 1))
    largest = unsorted_segment_max(sp_values, rows, count)
    powers = np.exp(sp_values - np.take(largest, rows, 0))  # (6)
    sums = unsorted_segment_sum(powers, rows, count)
    return powers / np.take(sums, rows, 0)  # (7)


def sparse_tensor_dense_add(a_indices, a_values, a_shape, b):
    """A tensor of many numbers with each of the few added at its place."""
    return tensor_scatter_add(b, a_indices, a_values)  # (8)


def sparse_reorder(input_indices, input_values, input_shape):
    """The same places and numbers in the order of memory."""
    order = np.lexsort(np.transpose(input_indices)[::-1])
    return input_indices[order], input_values[order]  # (9)


def _beside(indices, shape, dense):
    """Return the numbers of a tensor at places."""
    whole = np.broadcast_to(dense, tuple(int(n) for n in shape))
    return whole[tuple(np.transpose(indices))]


def _numbers(indices, shape, axes):
    """Return the number of each place among those of some axes, and how many these are."""
    sizes = tuple(int(shape[axis]) for axis in axes)
    if not sizes:
        return np.zeros(len(indices), np.int64), 1
    parts = tuple(indices[:, axis] for axis in axes)
    return np.ravel_multi_index(parts, sizes), int(np.prod(sizes))
