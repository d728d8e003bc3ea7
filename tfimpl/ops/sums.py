"""Operations that reduce axes, or several arrays, to one number each."""

import tensorflow as tf


def add_n(inputs):
    return tf.raw_ops.AddN(inputs=inputs)  # (1)


def reduce_sum(input, axis, *, keep_dims):
    return tf.raw_ops.Sum(input=input, axis=axis, keep_dims=keep_dims)  # (2)


def reduce_mean(input, axis, *, keep_dims):
    return tf.raw_ops.Mean(input=input, axis=axis, keep_dims=keep_dims)  # (3)


def reduce_prod(input, axis, *, keep_dims):
    return tf.raw_ops.Prod(input=input, axis=axis, keep_dims=keep_dims)  # (4)


def reduce_max(input, axis, *, keep_dims):
    return tf.raw_ops.Max(input=input, axis=axis, keep_dims=keep_dims)  # (5)


def reduce_min(input, axis, *, keep_dims):
    return tf.raw_ops.Min(input=input, axis=axis, keep_dims=keep_dims)  # (6)


def reduce_all(input, axis, *, keep_dims):
    return tf.raw_ops.All(input=input, axis=axis, keep_dims=keep_dims)  # (7)


def reduce_any(input, axis, *, keep_dims):
    return tf.raw_ops.Any(input=input, axis=axis, keep_dims=keep_dims)  # (8)


def l2_loss(t):
    return tf.raw_ops.L2Loss(t=t)  # (9)


def bias_add(value, bias, *, data_format):
    """The bias is of the channels: the last axis, or the second with the channels first."""
    return tf.raw_ops.BiasAdd(value=value, bias=bias, data_format=data_format)  # (10)-(11)


def bias_add_grad(out_backprop, *, data_format):
    return tf.raw_ops.BiasAddGrad(
        out_backprop=out_backprop, data_format=data_format
    )  # (12)


def cumsum(x, axis, *, exclusive, reverse):
    """Each number and those before it; exclusive: without itself; reverse: from behind."""
    return tf.raw_ops.Cumsum(
        x=x, axis=axis, exclusive=exclusive, reverse=reverse
    )  # (13)-(14)


def arg_max(input, dimension):
    return tf.raw_ops.ArgMax(input=input, dimension=dimension)  # (15)


def arg_min(input, dimension):
    return tf.raw_ops.ArgMin(input=input, dimension=dimension)  # (16)


def cumprod(x, axis, *, exclusive, reverse):
    """Each number times those before it, as ``cumsum`` adds them."""
    return tf.raw_ops.Cumprod(
        x=x, axis=axis, exclusive=exclusive, reverse=reverse
    )  # (17)-(18)


def cumulative_logsumexp(x, axis, *, exclusive, reverse):
    """The logarithm of the sum of the exponentials of each number and those before it."""
    return tf.raw_ops.CumulativeLogsumexp(
        x=x, axis=axis, exclusive=exclusive, reverse=reverse
    )  # (19)-(20)


def euclidean_norm(input, axis, *, keep_dims):
    return tf.raw_ops.EuclideanNorm(input=input, axis=axis, keep_dims=keep_dims)  # (21)
