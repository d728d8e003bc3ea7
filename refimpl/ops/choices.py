"""Operations that choose numbers or compare them: nothing is rounded."""

import numpy as np


def maximum(x, y):
    return np.maximum(x, y)  # (1)


def minimum(x, y):
    return np.minimum(x, y)  # (2)


def absolute(x):
    return np.abs(x)  # (3)


def sign(x):
    return np.sign(x)  # (4)


def select(condition, t, e):
    return np.where(condition, t, e)  # (5)


def select_rows(condition, t, e):
    """A condition of one axis alone is of the rows."""
    rows = condition if np.ndim(condition) in (0, np.ndim(t)) else _of_rows(condition, t)
    return np.where(rows, t, e)  # (6)


def clip_by_value(t, clip_value_min, clip_value_max):
    return np.minimum(np.maximum(t, clip_value_min), clip_value_max)  # (7)


def relu(features):
    return np.maximum(features, np.zeros_like(features))  # (8)


def relu6(features):
    zeros = np.zeros_like(features)
    return np.minimum(np.maximum(features, zeros), 6 * np.ones_like(features))  # (9)


def relu_grad(gradients, features):
    return np.where(features > 0, gradients, np.zeros_like(gradients))  # (10)


def relu6_grad(gradients, features):
    inside = np.logical_and(features > 0, features < 6)
    return np.where(inside, gradients, np.zeros_like(gradients))  # (11)


def less(x, y):
    return np.less(x, y)  # (12)


def less_equal(x, y):
    return np.less_equal(x, y)  # (13)


def greater(x, y):
    return np.greater(x, y)  # (14)


def greater_equal(x, y):
    return np.greater_equal(x, y)  # (15)


def equal(x, y):
    return np.equal(x, y)  # (16)


def not_equal(x, y):
    return np.not_equal(x, y)  # (17)


def logical_and(x, y):
    return np.logical_and(x, y)  # (18)


def logical_or(x, y):
    return np.logical_or(x, y)  # (19)


def logical_not(x):
    return np.logical_not(x)  # (20)


def is_finite(x):
    return np.isfinite(x)  # (21)


def is_nan(x):
    return np.isnan(x)  # (22)


def bitwise_and(x, y):
    return np.bitwise_and(x, y)  # (23)


def bitwise_or(x, y):
    return np.bitwise_or(x, y)  # (24)


def right_shift(x, y):
    return np.right_shift(x, y)  # (25)


def left_shift(x, y):
    return np.left_shift(x, y)  # (26)


def bitcast(input, *, type):
    return np.asarray(input).view(type)  # (27)


def is_inf(x):
    return np.isinf(x)  # (28)


def top_k(input, k):
    """The k largest numbers of each row, the largest first, and where they stood."""
    places = np.argsort(-input, axis=-1, kind="stable")[..., : int(k)]  # (29)
    return np.take_along_axis(input, places, -1), places  # (30)


def in_top_k(predictions, targets, k):
    """Whether fewer than k numbers of a row are larger than that of its target."""
    mine = np.take_along_axis(predictions, targets[:, None], 1)
    sound = np.isfinite(predictions).all(axis=1)
    return sound & (np.sum(predictions > mine, axis=1) < k)  # (31)


def list_diff(x, y):
    """What is in x and not in y, and where."""
    places = np.flatnonzero(~np.isin(x, y))
    return x[places], places  # (32)


def _of_rows(condition, t):
    return np.reshape(condition, (-1, *(1,) * (np.ndim(t) - 1)))


def bitwise_xor(x, y):
    return np.bitwise_xor(x, y)  # (33)


def invert(x):
    return np.invert(x)  # (34)


def next_after(x1, x2):
    """The float beside x1 on the way to x2."""
    return np.nextafter(x1, x2)  # (35)
