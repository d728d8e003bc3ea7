"""Batch normalization as one operation, and its gradient."""

import tensorflow as tf


def fused_batch_norm(
    x,
    scale,
    offset,
    mean,
    variance,
    *,
    epsilon,
    exponential_avg_factor,
    data_format,
    is_training,
):
    """Return y, the new mean and variance, and what the gradient needs, and nothing."""
    return tf.raw_ops.FusedBatchNormV3(
        x=x,
        scale=scale,
        offset=offset,
        mean=mean,
        variance=variance,
        epsilon=epsilon,
        exponential_avg_factor=exponential_avg_factor,
        data_format=data_format,
        is_training=is_training,
    )  # (1)-(6)


def fused_batch_norm_grad(
    y_backprop, x, scale, mean, variance, nothing, *, epsilon, data_format, is_training
):
    """Return what flows back to x, to the scale and to the offset; and nothing, twice."""
    return tf.raw_ops.FusedBatchNormGradV3(
        y_backprop=y_backprop,
        x=x,
        scale=scale,
        reserve_space_1=mean,
        reserve_space_2=variance,
        reserve_space_3=nothing,
        epsilon=epsilon,
        data_format=data_format,
        is_training=is_training,
    )  # (7)-(10)
