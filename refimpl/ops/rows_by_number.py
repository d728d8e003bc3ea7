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


def tensor_scatter_update(tensor, indices, updates):
    """An array with each update put at its place, the last one of a place."""
    depth, shape = indices.shape[-1], tensor.shape
    places = np.ravel_multi_index(np.moveaxis(np.asarray(indices), -1, 0), shape[:depth])
    rows = tensor.reshape(-1, *shape[depth:])
    return scatter_update(rows, places, updates.reshape(-1, *shape[depth:])).reshape(
        shape
    )  # (10)


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
