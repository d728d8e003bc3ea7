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


def tensor_scatter_update(tensor, indices, updates):
    """An array with each update put at its place, the last one of a place."""
    return tf.raw_ops.TensorScatterUpdate(
        tensor=tensor, indices=indices, updates=updates
    )  # (10)
