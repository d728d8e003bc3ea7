"""Operations that reduce axes, or several arrays, to one number each."""

import numpy as np


def add_n(inputs):
    return np.sum(np.stack(inputs), axis=0)  # (1)


def reduce_sum(input, axis, *, keep_dims):
    return np.sum(input, axis=_axes(axis), keepdims=keep_dims)  # (2)


def reduce_mean(input, axis, *, keep_dims):
    return np.mean(input, axis=_axes(axis), keepdims=keep_dims)  # (3)


def reduce_prod(input, axis, *, keep_dims):
    return np.prod(input, axis=_axes(axis), keepdims=keep_dims)  # (4)


def reduce_max(input, axis, *, keep_dims):
    return np.max(input, axis=_axes(axis), keepdims=keep_dims)  # (5)


def reduce_min(input, axis, *, keep_dims):
    return np.min(input, axis=_axes(axis), keepdims=keep_dims)  # (6)


def reduce_all(input, axis, *, keep_dims):
    return np.all(input, axis=_axes(axis), keepdims=keep_dims)  # (7)


def reduce_any(input, axis, *, keep_dims):
    return np.any(input, axis=_axes(axis), keepdims=keep_dims)  # (8)


def l2_loss(t):
    return np.sum(np.square(t)) / 2  # (9)


def bias_add(value, bias, *, data_format):
    """The bias is of the channels: the last axis, or the second with the channels first."""
    if data_format == "NCHW":
        bias = np.reshape(bias, (-1, *(1,) * (np.ndim(value) - 2)))  # (10)
    return value + bias  # (11)


def bias_add_grad(out_backprop, *, data_format):
    axes = range(np.ndim(out_backprop))
    channels = 1 if data_format == "NCHW" else np.ndim(out_backprop) - 1
    return np.sum(out_backprop, axis=tuple(a for a in axes if a != channels))  # (12)


def cumsum(x, axis, *, exclusive, reverse):
    """Each number and those before it; exclusive: without itself; reverse: from behind."""
    axis = int(axis)
    x = np.flip(x, axis) if reverse else x
    total = np.cumsum(x, axis=axis)  # (13)
    if exclusive:
        nothing = np.zeros_like(np.take(x, [0], axis))
        before = np.take(total, np.arange(x.shape[axis] - 1), axis)
        total = np.concatenate([nothing, before], axis=axis)  # (14)
    return np.flip(total, axis) if reverse else total


def arg_max(input, dimension):
    return np.argmax(input, axis=int(dimension))  # (15)


def arg_min(input, dimension):
    return np.argmin(input, axis=int(dimension))  # (16)


def cumprod(x, axis, *, exclusive, reverse):
    """Each number times those before it, as ``cumsum`` adds them."""
    axis = int(axis)
    x = np.flip(x, axis) if reverse else x
    total = np.cumprod(x, axis=axis)  # (17)
    if exclusive:
        nothing = np.ones_like(np.take(x, [0], axis))
        before = np.take(total, np.arange(x.shape[axis] - 1), axis)
        total = np.concatenate([nothing, before], axis=axis)  # (18)
    return np.flip(total, axis) if reverse else total


def cumulative_logsumexp(x, axis, *, exclusive, reverse):
    """The logarithm of the sum of the exponentials of each number and those before it."""
    axis = int(axis)
    x = np.moveaxis(np.flip(x, axis) if reverse else x, axis, -1)
    size = x.shape[-1]
    if size - exclusive < 1:
        return np.full_like(x, -np.inf)
    heads = [_log_sum_exp(x[..., : k + 1]) for k in range(size - exclusive)]  # (19)
    if exclusive:
        heads = [np.full_like(heads[0], -np.inf), *heads]  # (20)
    total = np.moveaxis(np.stack(heads, axis=-1), -1, axis)
    return np.flip(total, axis) if reverse else total


def _log_sum_exp(x):
    largest = np.max(x, axis=-1, keepdims=True)
    return np.log(np.sum(np.exp(x - largest), axis=-1)) + largest[..., 0]


def _axes(axis):
    return tuple(int(k) for k in np.ravel(axis))


def euclidean_norm(input, axis, *, keep_dims):
    return np.sqrt(np.sum(np.square(input), axis=_axes(axis), keepdims=keep_dims))  # (21)
