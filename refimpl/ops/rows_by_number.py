"""Operations that take rows by their numbers, and bring them back where they came from."""

import numpy as np


def gather(params, indices, axis, *, batch_dims):
    """The parts of an axis that the indices name; with ``batch_dims`` sample by sample."""
    axis = int(axis)
    if batch_dims == 0:
        return np.take(params, indices, axis)  # (1)
    lead = params.shape[:batch_dims]
    parts = params.reshape(-1, *params.shape[batch_dims:])
    numbers = indices.reshape(-1, *indices.shape[batch_dims:])
    taken = [np.take(p, n, axis - batch_dims) for p, n in zip(parts, numbers)]  # (2)
    together = np.stack(taken)
    return together.reshape(*lead, *together.shape[1:])


def gather_rows(resource, indices):
    """The rows of a variable."""
    return np.take(resource, indices, 0)  # (3)


def gather_nd(params, indices):
    """The parts of the first axes that the last axis of the indices names."""
    return params[tuple(np.moveaxis(indices, -1, 0))]  # (4)


def unsorted_segment_sum(data, segment_ids, num_segments):
    """The sum of all parts with the same number; a negative number is none."""
    rank = np.ndim(segment_ids)
    rows = data.reshape(-1, *data.shape[rank:])
    return _summed_by_number(rows, np.ravel(segment_ids), int(num_segments))  # (5)


def scatter_nd(indices, updates, shape):
    """An array of zeros with each update added at its place."""
    shape, depth = tuple(int(n) for n in shape), indices.shape[-1]
    numbers = np.ravel_multi_index(tuple(np.moveaxis(indices, -1, 0)), shape[:depth])
    rows = updates.reshape(-1, *shape[depth:])
    total = _summed_by_number(rows, np.ravel(numbers), int(np.prod(shape[:depth])))  # (6)
    return total.reshape(shape)


def scatter_add(resource, indices, updates):
    """A variable with each update added to the row that its index names."""
    rows = updates.reshape(-1, *resource.shape[1:])
    both = np.concatenate([resource, rows])  # (7)
    numbers = np.concatenate([np.arange(len(resource)), np.ravel(indices)])
    return _summed_by_number(both, numbers, len(resource))  # (8)


def scatter_update(resource, indices, updates):
    """A variable with rows replaced, by the last update of each."""
    rows = updates.reshape(-1, *resource.shape[1:])
    source = np.arange(len(resource))
    source[np.ravel(indices)] = len(resource) + np.arange(len(rows))
    return np.concatenate([resource, rows])[source]  # (9)


def scatter_sub(resource, indices, updates):
    """A variable with each update subtracted from the row that its index names."""
    return scatter_add(resource, indices, -updates)  # (10)


def tensor_scatter_add(tensor, indices, updates):
    """A tensor with each update added at its place."""
    return _at_places(tensor, indices, updates, scatter_add)  # (11)


def tensor_scatter_sub(tensor, indices, updates):
    return _at_places(tensor, indices, updates, scatter_sub)  # (12)


def tensor_scatter_update(tensor, indices, updates):
    """A tensor with each update in the place of what was there."""
    return _at_places(tensor, indices, updates, scatter_update)  # (13)


def segment_sum(data, segment_ids):
    """The sum of the parts with the same number, of numbers that rise."""
    return unsorted_segment_sum(data, segment_ids, _count(segment_ids))  # (14)


def segment_mean(data, segment_ids):
    """The sum of the parts with the same number, over how many there are."""
    many = np.bincount(segment_ids, minlength=_count(segment_ids))
    total = segment_sum(data, segment_ids)
    return total / _counts(many, total)  # (15)


def segment_max(data, segment_ids):
    """The largest of the parts with the same number; of a number that none has it is 0."""
    count = _count(segment_ids)
    found = _of_numbers(data, segment_ids, count, np.max, 0)
    return found  # (16)


def segment_min(data, segment_ids):
    return _of_numbers(data, segment_ids, _count(segment_ids), np.min, 0)  # (17)


def unsorted_segment_max(data, segment_ids, num_segments):
    """The largest of the parts with the same number; without any it is the least float."""
    least = np.finfo(data.dtype).min if data.dtype.kind == "f" else np.iinfo(data.dtype).min
    return _of_numbers(data, segment_ids, int(num_segments), np.max, least)  # (18)


def unsorted_segment_min(data, segment_ids, num_segments):
    most = np.finfo(data.dtype).max if data.dtype.kind == "f" else np.iinfo(data.dtype).max
    return _of_numbers(data, segment_ids, int(num_segments), np.min, most)  # (19)


def unsorted_segment_prod(data, segment_ids, num_segments):
    return _of_numbers(data, segment_ids, int(num_segments), np.prod, 1)  # (20)


def sparse_segment_sum(data, indices, segment_ids):
    """As ``segment_sum``, of the rows that the indices name."""
    return segment_sum(np.take(data, indices, 0), segment_ids)  # (21)


def sparse_segment_mean(data, indices, segment_ids):
    return segment_mean(np.take(data, indices, 0), segment_ids)  # (22)


def sparse_dense_mat_mul(a_indices, a_values, a_shape, b, *, adjoint_a, adjoint_b):
    """A matrix of few numbers, given by their places, times one of many."""
    rows, columns = (
        (a_indices[:, 1], a_indices[:, 0]) if adjoint_a else np.transpose(a_indices)
    )
    height = int(a_shape[1] if adjoint_a else a_shape[0])
    parts = a_values[:, None] * np.take(b.T if adjoint_b else b, columns, 0)  # (23)
    return _summed_by_number(parts, rows, height)  # (24)


def dense_bincount(input, size, weights, *, binary_output):
    """How often each number stands in a row, or the sum of its weights, or if it does."""
    hot = np.equal(input[..., None], np.arange(int(size)))
    if binary_output:
        return np.any(hot, axis=-2).astype(weights.dtype)  # (25)
    if weights.size == 0:
        return np.sum(hot, axis=-2).astype(weights.dtype)  # (26)
    shares = weights[..., None]
    return np.sum(np.where(hot, shares, np.zeros_like(shares)), axis=-2)  # (27)


def _count(segment_ids):
    return int(segment_ids[-1]) + 1 if len(segment_ids) else 0


def _counts(many, total):
    """Return counts beside rows; of none it is 1, and 0 / 1 is 0."""
    return np.reshape(np.maximum(many, 1), (-1, *(1,) * (np.ndim(total) - 1)))


def _at_places(tensor, indices, updates, change):
    """Return a tensor with parts changed that the last axis of the indices names."""
    depth = indices.shape[-1]
    lead, rest = tensor.shape[:depth], tensor.shape[depth:]
    numbers = np.ravel_multi_index(tuple(np.moveaxis(indices, -1, 0)), lead)
    rows = tensor.reshape(-1, *rest)
    return change(rows, np.ravel(numbers), updates.reshape(-1, *rest)).reshape(tensor.shape)


def _of_numbers(data, segment_ids, count, reduce, without):
    """Return for each number what its parts reduce to; ``without`` where there are none."""
    rank = np.ndim(segment_ids)
    rows, numbers = data.reshape(-1, *data.shape[rank:]), np.ravel(segment_ids)
    nothing = np.full_like(rows[0], without)
    found = [
        reduce(rows[numbers == k], axis=0) if np.any(numbers == k) else nothing
        for k in range(count)
    ]
    return np.stack(found)


def _summed_by_number(rows, numbers, count):
    """Return (count, ...): for each number the sum of its rows, in whatever order.

    Rows with one number lie side by side in a table, with a row of zeros for "nothing".
    """
    nothing = len(rows)
    order = np.argsort(numbers, kind="stable")
    order = order[numbers[order] >= 0]
    present, first, many = np.unique(numbers[order], return_index=True, return_counts=True)
    if present.size == 0:
        return np.broadcast_to(np.zeros_like(rows[:1]), (count, *rows.shape[1:]))
    places = first[:, None] + np.arange(many.max())
    inside = np.arange(many.max()) < many[:, None]
    table = np.where(inside, order[np.minimum(places, order.size - 1)], nothing)
    with_zero = np.concatenate([rows, np.zeros_like(rows[:1])])
    totals = np.sum(with_zero[table], axis=1)
    source = np.full(count, len(present))
    source[present] = np.arange(len(present))
    return np.concatenate([totals, np.zeros_like(totals[:1])])[source]


def mirror_pad_grad(input, paddings, *, mode):
    """Each number gets what flowed to it and to all of its images."""
    ends = [tuple(int(n) for n in pair) for pair in paddings]
    shape = tuple(n - sum(pair) for n, pair in zip(input.shape, ends))
    places = np.arange(np.prod(shape)).reshape(shape)
    places = np.pad(places, ends, mode.lower())  # (28)
    return unsorted_segment_sum(input, places, places.max() + 1).reshape(shape)  # (29)


def scatter_nd_add(ref, indices, updates):
    """A variable with each update added at its place."""
    return _at_places(ref, indices, updates, scatter_add)  # (30)


def scatter_nd_sub(ref, indices, updates):
    return _at_places(ref, indices, updates, scatter_sub)  # (31)


def scatter_nd_update(ref, indices, updates):
    """A variable with each update in the place of what was there."""
    return _at_places(ref, indices, updates, scatter_update)  # (32)


def tensor_scatter_max(tensor, indices, updates):
    """A tensor with the largest of what was at a place, and of the updates of it."""
    return _at_places(tensor, indices, updates, _largest_rows)  # (33)


def tensor_scatter_min(tensor, indices, updates):
    return _at_places(tensor, indices, updates, _smallest_rows)  # (34)


def _largest_rows(rows, numbers, updates):
    return _of_rows(rows, numbers, updates, np.max)


def _smallest_rows(rows, numbers, updates):
    return _of_rows(rows, numbers, updates, np.min)


def _of_rows(rows, numbers, updates, reduce):
    both = np.concatenate([rows, updates.reshape(-1, *rows.shape[1:])])
    which = np.concatenate([np.arange(len(rows)), np.ravel(numbers)])
    return _of_numbers(both, which, len(rows), reduce, 0)


def segment_prod(data, segment_ids):
    return _of_numbers(data, segment_ids, _count(segment_ids), np.prod, 1)  # (35)


def sparse_segment_sqrt_n(data, indices, segment_ids):
    """The sum of the parts with the same number, over the root of how many there are."""
    many = np.bincount(segment_ids, minlength=_count(segment_ids))
    total = segment_sum(np.take(data, indices, 0), segment_ids)
    return total / np.sqrt(_counts(many, total) * np.ones_like(total))  # (36)


def sparse_segment_sum_grad(grad, indices, segment_ids, output_dim0):
    """What flows back to each row: the sum over the numbers that it has a part in."""
    shares = np.take(grad, segment_ids, 0)
    return _summed_by_number(shares, indices, int(output_dim0))  # (37)


def sparse_segment_mean_grad(grad, indices, segment_ids, output_dim0):
    shares = grad * (np.ones_like(grad) / _counts_of(segment_ids, grad))
    return sparse_segment_sum_grad(shares, indices, segment_ids, output_dim0)  # (38)


def sparse_segment_sqrt_n_grad(grad, indices, segment_ids, output_dim0):
    one = np.ones_like(grad)
    shares = grad * (one / np.sqrt(_counts_of(segment_ids, grad) * one))
    return sparse_segment_sum_grad(shares, indices, segment_ids, output_dim0)  # (39)


def sparse_segment_sum_grad_v2(grad, indices, segment_ids, dense_output_dim0):
    """As ``sparse_segment_sum_grad``, of the rows alone that were taken, and which."""
    return _of_named(sparse_segment_sum_grad, grad, indices, segment_ids)  # (40)


def sparse_segment_mean_grad_v2(grad, indices, segment_ids, dense_output_dim0):
    return _of_named(sparse_segment_mean_grad, grad, indices, segment_ids)  # (41)


def sparse_segment_sqrt_n_grad_v2(grad, indices, segment_ids, dense_output_dim0):
    return _of_named(sparse_segment_sqrt_n_grad, grad, indices, segment_ids)  # (42)


def _of_named(back, grad, indices, segment_ids):
    named, which = np.unique(indices, return_inverse=True)
    return back(grad, which, segment_ids, len(named)), named


def sparse_fill_empty_rows(indices, values, dense_shape, default_value):
    """Numbers by their places, in the order of rows; a row without any is given one.

    Behind these which rows had none, and where each number is now.
    """
    without = np.setdiff1d(np.arange(int(dense_shape[0])), indices[:, 0])
    more = np.zeros((len(without), indices.shape[1]), indices.dtype)
    more[:, 0] = without
    places = np.concatenate([indices, more])
    order = np.argsort(places[:, 0], kind="stable")
    whole = np.concatenate([values, np.full(len(without), default_value, values.dtype)])
    empty = np.isin(np.arange(int(dense_shape[0])), without)
    return places[order], whole[order], empty, np.argsort(order)[: len(indices)]  # (43)


def sparse_fill_empty_rows_grad(reverse_index_map, grad_values):
    """What flows back to each number; and all else, to what rows without any were given."""
    given = np.ones(len(grad_values), bool)
    given[reverse_index_map] = False
    default = np.sum(grad_values[given])
    return np.take(grad_values, reverse_index_map, 0), default  # (44)


def _counts_of(segment_ids, grad):
    """Return how many parts each number has, beside its gradient."""
    return _counts(np.bincount(segment_ids, minlength=len(grad)), grad)
