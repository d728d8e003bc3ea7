"""Batch normalization as one operation, and its gradient."""

import numpy as np

_NOTHING = np.zeros(()), np.zeros(())


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
    """Return y, the new mean and variance, what the gradient needs of both, and nothing.

    The variance that is handed on is that of a sample: n / (n - 1) times that of the batch,
    mixed with the given one by ``exponential_avg_factor``.
    """
    x = _last(x, data_format)
    if not is_training:
        y = (x - mean) * (scale * (1 / np.sqrt(variance + epsilon))) + offset  # (1)
        return _back(y, data_format), mean, variance, mean, variance, np.zeros(0)
    axes = tuple(range(x.ndim - 1))
    size = x.size // x.shape[-1]
    of_batch = np.mean(x, axis=axes)  # (2)
    centered = x - of_batch
    spread = np.mean(np.square(centered), axis=axes)  # (3)
    y = centered * (scale * (1 / np.sqrt(spread + epsilon))) + offset  # (4)
    sample = spread * np.float32(size / max(size - 1, 1))  # (5)
    new = of_batch, sample
    if exponential_avg_factor != 1:
        share = np.float32(exponential_avg_factor)
        keep = np.float32(1) - share
        new = keep * mean + share * of_batch, keep * variance + share * sample  # (6)
    return _back(y, data_format), *new, of_batch, spread, np.zeros(0)


def fused_batch_norm_grad(
    y_backprop, x, scale, mean, variance, nothing, *, epsilon, data_format, is_training
):
    """Return what flows back to x, to the scale and to the offset; and nothing, twice."""
    flow, x = _last(y_backprop, data_format), _last(x, data_format)
    axes, size = tuple(range(x.ndim - 1)), x.size // x.shape[-1]
    inverse = 1 / np.sqrt(variance + epsilon)  # (7)
    centered = x - mean
    along = np.sum(flow * centered, axis=axes)
    total = np.sum(flow, axis=axes)  # (8)
    if not is_training:
        return (
            _back(flow * (inverse * scale), data_format),
            along * inverse,
            total,
            *_NOTHING,
        )  # (9)
    away = flow - total / size - centered * ((along / size) / (variance + epsilon))  # (10)
    return (
        _back(away * (scale * inverse), data_format),
        along * inverse,
        total,
        *_NOTHING,
    )


def _last(x, data_format):
    return np.moveaxis(x, 1, -1) if data_format.startswith("NC") else x


def _back(x, data_format):
    return np.moveaxis(x, -1, 1) if data_format.startswith("NC") else x
