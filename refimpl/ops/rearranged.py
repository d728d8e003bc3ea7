"""Operations that bring numbers to other places, repeat them or leave some out."""

import numpy as np


def identity(input):
    return input  # (1)


def reshape(tensor, shape):
    return np.reshape(tensor, _whole(shape))  # (2)


def expand_dims(input, axis):
    return np.expand_dims(input, _whole(axis))  # (3)


def squeeze(input, *, squeeze_dims):
    return np.squeeze(input, axis=tuple(squeeze_dims) or None)  # (4)


def transpose(x, perm):
    return np.transpose(x, _whole(perm))  # (5)


def pad(input, paddings):
    return np.pad(input, [_whole(ends) for ends in paddings])  # (6)


def pad_v2(input, paddings, constant_values):
    ends = [_whole(pair) for pair in paddings]
    return np.pad(input, ends, constant_values=constant_values)  # (7)


def mirror_pad(input, paddings, *, mode):
    return np.pad(input, [_whole(ends) for ends in paddings], mode.lower())  # (8)


def strided_slice(
    input,
    begin,
    end,
    strides,
    *,
    begin_mask,
    end_mask,
    ellipsis_mask,
    new_axis_mask,
    shrink_axis_mask,
):
    """What Python's brackets take: a mask's bits say how each part of the key is read."""
    masks = begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask
    return input[_key(begin, end, strides, *masks)]  # (9)


def strided_slice_grad(
    shape,
    begin,
    end,
    strides,
    dy,
    *,
    begin_mask,
    end_mask,
    ellipsis_mask,
    new_axis_mask,
    shrink_axis_mask,
):
    """What was taken goes back to its places; elsewhere is 0."""
    masks = begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask
    places = np.arange(np.prod(_whole(shape), dtype=int)).reshape(_whole(shape))
    taken = places[_key(begin, end, strides, *masks)]  # (10)
    if taken.size == 0:
        return np.zeros(places.shape, dy.dtype)
    source = np.full(places.size, taken.size)
    source[np.ravel(taken)] = np.arange(taken.size)
    numbers = np.concatenate([np.ravel(dy), np.zeros_like(np.ravel(dy)[:1])])
    return numbers[source].reshape(places.shape)  # (11)


def slice_(input, begin, size):
    """``size`` numbers from ``begin`` on, along each axis; -1 is all that remain."""
    ends = (b + s if s >= 0 else None for b, s in zip(_whole(begin), _whole(size)))
    return input[tuple(slice(b, e) for b, e in zip(_whole(begin), ends))]  # (12)


def tile(input, multiples):
    return np.tile(input, _whole(multiples))  # (13)


def concat(values, axis):
    return np.concatenate(values, axis=_whole(axis))  # (14)


def pack(values, *, axis):
    return np.stack(values, axis=axis)  # (15)


def unpack(value, *, num, axis):
    return tuple(np.take(value, k, axis) for k in range(num))  # (16)


def split(axis, value, *, num_split):
    return tuple(np.split(value, num_split, axis=_whole(axis)))  # (17)


def split_v(value, size_splits, axis):
    """Parts of these sizes; one that is -1 takes what the others leave."""
    sizes, axis = np.array(size_splits), _whole(axis)
    sizes[sizes < 0] = value.shape[axis] - sizes[sizes >= 0].sum()
    return tuple(np.split(value, np.cumsum(sizes)[:-1], axis=axis))  # (18)


def broadcast_to(input, shape):
    return np.broadcast_to(input, _whole(shape))  # (19)


def reverse(tensor, axis):
    return np.flip(tensor, _whole(axis))  # (20)


def matrix_band_part(input, num_lower, num_upper):
    """Diagonals from ``num_lower`` below the main one to ``num_upper`` above; -1: all."""
    rows, columns = np.arange(input.shape[-2])[:, None], np.arange(input.shape[-1])
    below = (num_lower < 0) | (rows - columns <= num_lower)
    above = (num_upper < 0) | (columns - rows <= num_upper)
    return np.where(below & above, input, np.zeros_like(input))  # (21)


def space_to_batch(input, block_shape, paddings):
    """Every place of a block becomes a batch of its own (dilated convolutions)."""
    blocks, rank = _whole(block_shape), len(block_shape)
    rest = np.ndim(input) - 1 - rank
    ends = [(0, 0), *(_whole(pair) for pair in paddings), *[(0, 0)] * rest]
    x = np.pad(input, ends)
    inner = [part for n, b in zip(x.shape[1:], blocks) for part in (n // b, b)]
    x = x.reshape(x.shape[0], *inner, *x.shape[1 + rank :])
    odd, even = [2 + 2 * k for k in range(rank)], [1 + 2 * k for k in range(rank)]
    x = np.transpose(x, (*odd, 0, *even, *range(1 + 2 * rank, x.ndim)))
    return x.reshape(-1, *x.shape[rank + 1 :])  # (22)


def batch_to_space(input, block_shape, crops):
    """The way back of ``space_to_batch``; what was padded is cut off."""
    blocks, rank = _whole(block_shape), len(block_shape)
    x = input.reshape(*blocks, -1, *input.shape[1:])
    pairs = [axis for k in range(rank) for axis in (rank + 1 + k, k)]
    x = np.transpose(x, (rank, *pairs, *range(2 * rank + 1, x.ndim)))
    inner = [x.shape[1 + 2 * k] * x.shape[2 + 2 * k] for k in range(rank)]
    x = x.reshape(x.shape[0], *inner, *x.shape[1 + 2 * rank :])
    kept = (slice(a, n - b) for n, (a, b) in zip(inner, (_whole(pair) for pair in crops)))
    return x[(slice(None), *kept)]  # (23)


def zeros_like(x):
    return np.zeros_like(x)  # (24)


def ones_like(x):
    return np.ones_like(x)  # (25)


def fill(dims, value):
    return np.broadcast_to(value, _whole(dims))  # (26)


def one_hot(indices, depth, on_value, off_value, *, axis):
    classes = np.arange(int(depth))
    hot = np.where(indices[..., None] == classes, on_value, off_value)
    return np.moveaxis(hot, -1, axis)  # (27)


def arange(start, limit, delta):
    return np.arange(start, limit, delta)  # (28)


def replace(old, new):
    """What a variable is after an assignment."""
    return new  # (29)


def cast(x, *, DstT):
    """The nearest float, or the whole part of one, or the real part of a complex number."""
    x = x.real if np.dtype(x.dtype).kind == "c" and np.dtype(DstT).kind != "c" else x
    return x.astype(DstT)  # (30)


def shape(input):
    return np.array(np.shape(input))  # (31)


def shape_n(input):
    return [np.array(np.shape(each)) for each in input]  # (32)


def size(input):
    return np.array(np.size(input))  # (33)


def rank(input):
    return np.array(np.ndim(input))  # (34)


def identity_n(input):
    return list(input)  # (35)


def invert_permutation(x):
    return np.argsort(x)  # (36)


def broadcast_gradient_args(s0, s1):
    """Along which axes two gradients are summed where shapes were broadcast to one.

    TensorFlow names an axis of one place in both, too, but none where the shapes are equal.
    """
    if np.array_equal(s0, s1):
        return [np.zeros(0, int)] * 2
    rank = max(len(s0), len(s1))
    both = [np.concatenate([np.ones(rank - len(s), int), s]) for s in (s0, s1)]
    return [np.flatnonzero(s == 1) for s in both]  # (37)


def concat_offset(concat_dim, shape):
    """Where each part begins in what is concatenated of arrays of these shapes."""
    sizes = [int(each[concat_dim]) for each in shape]
    along = np.arange(len(shape[0])) == concat_dim
    return [along * sum(sizes[:k]) for k in range(len(shape))]  # (38)


def roll(input, shift, axis):
    """Numbers move on, and those that leave at the end come in at the beginning."""
    return np.roll(input, _whole(shift), _whole(axis))  # (39)


def matrix_diag(diagonal, k, num_rows, num_cols, padding_value, *, align):
    """Matrices with these diagonals, the k-th or some in a row, and padding elsewhere."""
    lower, upper = _band(k)
    if lower == upper:
        diagonal = diagonal[..., None, :]
    longest = diagonal.shape[-1]
    rows, columns = int(num_rows), int(num_cols)
    if rows < 0 and columns < 0:
        rows = columns = longest + max(-upper, lower, 0)
    elif rows < 0:
        rows = longest - min(upper, 0)
    elif columns < 0:
        columns = longest + max(lower, 0)
    blank = np.broadcast_to(padding_value, (*diagonal.shape[:-2], rows, columns))
    return _with_diagonals(blank, diagonal, lower, upper, align)  # (40)


def matrix_set_diag(input, diagonal, k, *, align):
    """The matrices with these in the place of their diagonals."""
    lower, upper = _band(k)
    diagonal = diagonal[..., None, :] if lower == upper else diagonal
    return _with_diagonals(input, diagonal, lower, upper, align)  # (41)


def matrix_diag_part(input, k, padding_value, *, align):
    """The diagonals of matrices, the highest first; the shorter ones are filled up."""
    lower, upper = _band(k)
    places, inside = _diagonals(*input.shape[-2:], lower, upper, align)
    flat = input.reshape(*input.shape[:-2], -1)
    taken = np.where(inside, flat[..., places], padding_value)  # (42)
    return taken[..., 0, :] if lower == upper else taken


def space_to_depth(input, *, block_size):
    """The places of each block become channels."""
    n, h, w, c = input.shape
    b = block_size
    x = input.reshape(n, h // b, b, w // b, b, c)
    return np.transpose(x, (0, 1, 3, 2, 4, 5)).reshape(n, h // b, w // b, -1)  # (43)


def depth_to_space(input, *, block_size):
    """The way back of ``space_to_depth``."""
    n, h, w, c = input.shape
    b = block_size
    x = input.reshape(n, h, w, b, b, c // (b * b))
    return np.transpose(x, (0, 1, 3, 2, 4, 5)).reshape(n, h * b, w * b, -1)  # (44)


def _band(k):
    k = np.ravel(k)
    return int(k[0]), int(k[-1])


def _diagonals(rows, columns, lower, upper, align):
    """Return (diagonals, numbers): each one's place in a flat matrix, and if it has one."""
    lengths = {
        d: min(rows + min(d, 0), columns - max(d, 0)) for d in range(lower, upper + 1)
    }
    longest = max(lengths.values())
    places = np.zeros((len(lengths), longest), int)
    inside = np.zeros_like(places, bool)
    for line, d in enumerate(sorted(lengths, reverse=True)):
        to_the_right = align.startswith("RIGHT") if d >= 0 else align.endswith("RIGHT")
        at = np.arange(lengths[d]) + (longest - lengths[d] if to_the_right else 0)
        steps = np.arange(lengths[d])
        places[line, at] = (steps - min(d, 0)) * columns + steps + max(d, 0)
        inside[line, at] = True
    return places, inside


def _with_diagonals(matrices, diagonals, lower, upper, align):
    rows, columns = matrices.shape[-2:]
    places, inside = _diagonals(rows, columns, lower, upper, align)
    flat = matrices.reshape(*matrices.shape[:-2], -1)
    given = diagonals.reshape(*diagonals.shape[:-2], -1)
    source = np.arange(rows * columns)
    source[places[inside]] = rows * columns + np.flatnonzero(inside)
    both = np.concatenate([flat, given], axis=-1)
    return both[..., source].reshape(matrices.shape)


def _whole(numbers):
    """Return whole numbers of an array as Python's: one, or a tuple."""
    numbers = np.asarray(numbers)
    return int(numbers) if numbers.ndim == 0 else tuple(int(n) for n in numbers)


def _key(
    begin, end, strides, begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_mask
):
    key = []
    for k, (b, e, s) in enumerate(zip(*map(_whole, (begin, end, strides)))):
        bit = 1 << k
        if ellipsis_mask & bit:
            key.append(...)
        elif new_axis_mask & bit:
            key.append(None)
        elif shrink_mask & bit:
            key.append(b)
        else:
            first, last = (None if begin_mask & bit else b), (None if end_mask & bit else e)
            key.append(slice(first, last, s))
    return tuple(key)


def dynamic_stitch(indices, data):
    """Parts of an array put to where they belong; of two at one place the later counts."""
    shape = np.shape(data[0])[np.ndim(indices[0]) :]
    places = np.concatenate([np.ravel(each) for each in indices])
    rows = np.concatenate([part.reshape(-1, *shape) for part in data])
    of_place = np.zeros(np.max(places, initial=-1) + 1, int)
    of_place[places] = np.arange(places.size)
    return rows[of_place]  # (45)


def empty(shape, *, dtype, init):
    """Zeros; of memory that nothing was written to, nothing can be said."""
    if not init:
        raise NotImplementedError("memory that nothing was written to")
    return np.zeros(_whole(shape), dtype)  # (46)


def broadcast_args(s0, s1):
    """The shape that two shapes have together."""
    return np.array(
        np.broadcast_shapes(_whole(s0), _whole(s1)), np.asarray(s0).dtype
    )  # (47)


def sparse_to_dense(sparse_indices, output_shape, sparse_values, default_value):
    """Numbers at their places, and one other everywhere else."""
    shape = np.atleast_1d(output_shape)
    numbers = np.broadcast_to(sparse_values, np.shape(sparse_indices)[:1])
    places = np.reshape(sparse_indices, (-1, len(shape)))
    source = np.full(tuple(int(n) for n in shape), len(numbers))
    source[tuple(places.T)] = np.arange(len(numbers))
    return np.concatenate([numbers, np.reshape(default_value, (1,))])[source]  # (48)


def extract_image_patches(images, *, ksizes, strides, rates, padding):
    """What lies under a window at each of its places, row by row, with all channels."""
    _, height, width, _ = images.shape
    rows, columns = (
        _under(n, *(each[k] for each in (ksizes, strides, rates)), padding)
        for k, n in ((1, height), (2, width))
    )
    ends = [(0, 0), (1, 0), (1, 0), (0, 0)]  # what lies outside is 0
    x = np.pad(images, ends)[
        :, (rows + 1)[:, None, :, None], (columns + 1)[None, :, None, :]
    ]
    return x.reshape(*x.shape[:3], -1)  # (49)


def _under(size, window, stride, rate, padding):
    """Return (places, window): which number of an axis lies there, -1 where none does."""
    reach = (window - 1) * rate + 1
    if padding == "VALID":
        count, before = (size - reach) // stride + 1, 0
    else:
        count = -(-size // stride)
        before = max((count - 1) * stride + reach - size, 0) // 2
    places = np.arange(count)[:, None] * stride + np.arange(window) * rate - before
    return np.where((places >= 0) & (places < size), places, -1)


def reverse_sequence(input, seq_lengths, *, seq_dim, batch_dim):
    """Of each sample so many steps in the opposite order, and the others where they are."""
    many = input.shape[seq_dim]
    steps, lengths = np.arange(many), np.reshape(seq_lengths, (-1, 1))
    source = np.where(steps < lengths, lengths - 1 - steps, steps)  # (50)
    samples = np.moveaxis(input, (batch_dim, seq_dim), (0, 1))
    turned = samples[np.arange(len(source))[:, None], source]
    return np.moveaxis(turned, (0, 1), (batch_dim, seq_dim))  # (51)


def dynamic_partition(data, partitions, *, num_partitions):
    """The parts of each number, in their order, one tensor after the other."""
    rank = np.ndim(partitions)
    rows, numbers = data.reshape(-1, *data.shape[rank:]), np.ravel(partitions)
    return [rows[np.flatnonzero(numbers == k)] for k in range(num_partitions)]  # (52)


def diag(diagonal):
    """Twice the axes, with numbers where both halves of the index are the same."""
    shape, count = diagonal.shape, diagonal.size
    line = diagonal.reshape(count)
    square = np.where(np.eye(count, dtype=bool), line, np.zeros_like(line))  # (53)
    return square.reshape(shape + shape)


def diag_part(input):
    """The numbers where both halves of the index are the same."""
    half = input.shape[: input.ndim // 2]
    count = int(np.prod(half))
    square = input.reshape(count, count)
    return square[np.arange(count), np.arange(count)].reshape(half)  # (54)


def ragged_tensor_to_tensor(
    shape, values, default_value, row_partition_tensors, *, row_partition_types
):
    """Rows of unequal lengths as a box, filled up at the ends; the rest is cut off.

    row_partition_types: how each tensor says which value is in which row, from outside.
    """
    levels = _splits(row_partition_tensors, row_partition_types, len(values))
    given = np.ravel(shape)
    longest = [int(np.max(np.diff(splits), initial=0)) for splits in levels]
    sizes = [len(levels[0]) - 1, *longest]
    sizes = [
        size if given.size <= k or given[k] < 0 else int(given[k])
        for k, size in enumerate(sizes)
    ]
    places = np.arange(len(levels[0]) - 1)[:, None]
    for splits in levels:
        many = np.diff(splits)
        row = np.repeat(np.arange(len(many)), many)
        column = np.arange(int(splits[-1])) - splits[:-1][row]
        places = np.concatenate([places[row], column[:, None]], axis=1)  # (55)
    inside = np.all(places < sizes, axis=1)
    table = np.full(sizes, len(values))
    table[tuple(places[inside].T)] = np.flatnonzero(inside)
    rest = values.shape[1:]
    fill = np.broadcast_to(default_value, rest).reshape(1, *rest)
    return np.concatenate([values, fill])[table]  # (56)


def xla_dynamic_update_slice(input, update, indices):
    """A box of numbers in the place of others; moved inside where it would stand over."""
    room = np.subtract(input.shape, update.shape)
    begin = np.clip(_whole(indices), 0, room)  # (57)
    box = tuple(slice(b, b + n) for b, n in zip(begin, update.shape))
    source = np.arange(input.size).reshape(input.shape)
    source[box] = input.size + np.arange(update.size).reshape(update.shape)
    return np.concatenate([input.reshape(-1), update.reshape(-1)])[source]  # (58)


def _splits(tensors, types, many):
    """Return of each axis where its rows begin, and where the last one ends."""
    names = [each.decode() if isinstance(each, bytes) else each for each in types]
    levels, rows = [], None
    for name, tensor in zip(names, tensors):
        if name == "FIRST_DIM_SIZE":
            rows = int(tensor)
            continue
        splits = np.asarray(tensor)
        if name == "VALUE_ROWIDS":
            counts = np.bincount(splits, minlength=rows)
            splits = np.concatenate([[0], np.cumsum(counts)])
        levels.append(splits)
        rows = int(splits[-1])
    return levels
