"""Operations that take rows by their numbers, and bring them back where they came from."""

import tensorflow as tf


def gather(params, indices, axis, *, batch_dims):
    """The parts of an axis that the indices name; with ``batch_dims`` sample by sample."""
    return tf.raw_ops.GatherV2(
        params=params, indices=indices, axis=axis, batch_dims=batch_dims
    )  # (1)-(2)


def gather_rows(resource, indices):
    """The rows of a variable."""
    handle = tf.Variable(resource).handle
    return tf.raw_ops.ResourceGather(
        resource=handle, indices=indices, dtype=resource.dtype
    )  # (3)


def gather_nd(params, indices):
    """The parts of the first axes that the last axis of the indices names."""
    return tf.raw_ops.GatherNd(params=params, indices=indices)  # (4)


def unsorted_segment_sum(data, segment_ids, num_segments):
    """The sum of all parts with the same number; a negative number is none."""
    return tf.raw_ops.UnsortedSegmentSum(
        data=data, segment_ids=segment_ids, num_segments=num_segments
    )  # (5)


def scatter_nd(indices, updates, shape):
    """An array of zeros with each update added at its place."""
    return tf.raw_ops.ScatterNd(indices=indices, updates=updates, shape=shape)  # (6)


def scatter_add(resource, indices, updates):
    """A variable with each update added to the row that its index names."""
    variable = tf.Variable(resource)
    tf.raw_ops.ResourceScatterAdd(
        resource=variable.handle, indices=indices, updates=updates
    )  # (7)-(8)
    return variable.value()


def scatter_update(resource, indices, updates):
    """A variable with rows replaced, by the last update of each."""
    variable = tf.Variable(resource)
    tf.raw_ops.ResourceScatterUpdate(
        resource=variable.handle, indices=indices, updates=updates
    )  # (9)
    return variable.value()


def scatter_sub(resource, indices, updates):
    """A variable with each update subtracted from the row that its index names."""
    variable = tf.Variable(resource)
    tf.raw_ops.ResourceScatterSub(
        resource=variable.handle, indices=indices, updates=updates
    )  # (10)
    return variable.value()


def tensor_scatter_add(tensor, indices, updates):
    """A tensor with each update added at its place."""
    return tf.raw_ops.TensorScatterAdd(
        tensor=tensor, indices=indices, updates=updates
    )  # (11)


def tensor_scatter_sub(tensor, indices, updates):
    return tf.raw_ops.TensorScatterSub(
        tensor=tensor, indices=indices, updates=updates
    )  # (12)


def tensor_scatter_update(tensor, indices, updates):
    """A tensor with each update in the place of what was there."""
    return tf.raw_ops.TensorScatterUpdate(
        tensor=tensor, indices=indices, updates=updates
    )  # (13)


def segment_sum(data, segment_ids):
    """The sum of the parts with the same number, of numbers that rise."""
    return tf.raw_ops.SegmentSum(data=data, segment_ids=segment_ids)  # (14)


def segment_mean(data, segment_ids):
    """The sum of the parts with the same number, over how many there are."""
    return tf.raw_ops.SegmentMean(data=data, segment_ids=segment_ids)  # (15)


def segment_max(data, segment_ids):
    """The largest of the parts with the same number; of a number that none has it is 0."""
    return tf.raw_ops.SegmentMax(data=data, segment_ids=segment_ids)  # (16)


def segment_min(data, segment_ids):
    return tf.raw_ops.SegmentMin(data=data, segment_ids=segment_ids)  # (17)


def unsorted_segment_max(data, segment_ids, num_segments):
    """The largest of the parts with the same number; without any it is the least float."""
    return tf.raw_ops.UnsortedSegmentMax(
        data=data, segment_ids=segment_ids, num_segments=num_segments
    )  # (18)


def unsorted_segment_min(data, segment_ids, num_segments):
    return tf.raw_ops.UnsortedSegmentMin(
        data=data, segment_ids=segment_ids, num_segments=num_segments
    )  # (19)


def unsorted_segment_prod(data, segment_ids, num_segments):
    return tf.raw_ops.UnsortedSegmentProd(
        data=data, segment_ids=segment_ids, num_segments=num_segments
    )  # (20)


def sparse_segment_sum(data, indices, segment_ids):
    """As ``segment_sum``, of the rows that the indices name."""
    return tf.raw_ops.SparseSegmentSum(
        data=data, indices=indices, segment_ids=segment_ids
    )  # (21)


def sparse_segment_mean(data, indices, segment_ids):
    return tf.raw_ops.SparseSegmentMean(
        data=data, indices=indices, segment_ids=segment_ids
    )  # (22)


def sparse_dense_mat_mul(a_indices, a_values, a_shape, b, *, adjoint_a, adjoint_b):
    """A matrix of few numbers, given by their places, times one of many."""
    return tf.raw_ops.SparseTensorDenseMatMul(
        a_indices=a_indices,
        a_values=a_values,
        a_shape=a_shape,
        b=b,
        adjoint_a=adjoint_a,
        adjoint_b=adjoint_b,
    )  # (23)-(24)


def dense_bincount(input, size, weights, *, binary_output):
    """How often each number stands in a row, or the sum of its weights, or if it does."""
    return tf.raw_ops.DenseBincount(
        input=input, size=size, weights=weights, binary_output=binary_output
    )  # (25)-(27)


def mirror_pad_grad(input, paddings, *, mode):
    """Each number gets what flowed to it and to all of its images."""
    return tf.raw_ops.MirrorPadGrad(input=input, paddings=paddings, mode=mode)  # (28)-(29)


def scatter_nd_add(ref, indices, updates):
    """A variable with each update added at its place."""
    variable = tf.Variable(ref)
    tf.raw_ops.ResourceScatterNdAdd(
        ref=variable.handle, indices=indices, updates=updates
    )  # (30)
    return variable.value()


def scatter_nd_sub(ref, indices, updates):
    variable = tf.Variable(ref)
    tf.raw_ops.ResourceScatterNdSub(
        ref=variable.handle, indices=indices, updates=updates
    )  # (31)
    return variable.value()


def scatter_nd_update(ref, indices, updates):
    """A variable with each update in the place of what was there."""
    variable = tf.Variable(ref)
    tf.raw_ops.ResourceScatterNdUpdate(
        ref=variable.handle, indices=indices, updates=updates
    )  # (32)
    return variable.value()


def tensor_scatter_max(tensor, indices, updates):
    """A tensor with the largest of what was at a place, and of the updates of it."""
    return tf.raw_ops.TensorScatterMax(
        tensor=tensor, indices=indices, updates=updates
    )  # (33)


def tensor_scatter_min(tensor, indices, updates):
    return tf.raw_ops.TensorScatterMin(
        tensor=tensor, indices=indices, updates=updates
    )  # (34)


def segment_prod(data, segment_ids):
    return tf.raw_ops.SegmentProd(data=data, segment_ids=segment_ids)  # (35)


def sparse_segment_sqrt_n(data, indices, segment_ids):
    """The sum of the parts with the same number, over the root of how many there are."""
    return tf.raw_ops.SparseSegmentSqrtN(
        data=data, indices=indices, segment_ids=segment_ids
    )  # (36)


def sparse_segment_sum_grad(grad, indices, segment_ids, output_dim0):
    """What flows back to each row: the sum over the numbers that it has a part in."""
    return tf.raw_ops.SparseSegmentSumGrad(
        grad=grad, indices=indices, segment_ids=segment_ids, output_dim0=output_dim0
    )  # (37)


def sparse_segment_mean_grad(grad, indices, segment_ids, output_dim0):
    return tf.raw_ops.SparseSegmentMeanGrad(
        grad=grad, indices=indices, segment_ids=segment_ids, output_dim0=output_dim0
    )  # (38)


def sparse_segment_sqrt_n_grad(grad, indices, segment_ids, output_dim0):
    return tf.raw_ops.SparseSegmentSqrtNGrad(
        grad=grad, indices=indices, segment_ids=segment_ids, output_dim0=output_dim0
    )  # (39)


def sparse_segment_sum_grad_v2(grad, indices, segment_ids, dense_output_dim0):
    """As ``sparse_segment_sum_grad``, of the rows alone that were taken, and which."""
    return tf.raw_ops.SparseSegmentSumGradV2(
        grad=grad,
        indices=indices,
        segment_ids=segment_ids,
        dense_output_dim0=dense_output_dim0,
    )  # (40)


def sparse_segment_mean_grad_v2(grad, indices, segment_ids, dense_output_dim0):
    return tf.raw_ops.SparseSegmentMeanGradV2(
        grad=grad,
        indices=indices,
        segment_ids=segment_ids,
        dense_output_dim0=dense_output_dim0,
    )  # (41)


def sparse_segment_sqrt_n_grad_v2(grad, indices, segment_ids, dense_output_dim0):
    return tf.raw_ops.SparseSegmentSqrtNGradV2(
        grad=grad,
        indices=indices,
        segment_ids=segment_ids,
        dense_output_dim0=dense_output_dim0,
    )  # (42)


def sparse_fill_empty_rows(indices, values, dense_shape, default_value):
    """Numbers by their places, in the order of rows; a row without any is given one.

    Behind these which rows had none, and where each number is now.
    """
    return tf.raw_ops.SparseFillEmptyRows(
        indices=indices,
        values=values,
        dense_shape=dense_shape,
        default_value=default_value,
    )  # (43)


def sparse_fill_empty_rows_grad(reverse_index_map, grad_values):
    """What flows back to each number; and all else, to what rows without any were given."""
    return tf.raw_ops.SparseFillEmptyRowsGrad(
        reverse_index_map=reverse_index_map, grad_values=grad_values
    )  # (44)
