"""Operations that choose numbers or compare them: nothing is rounded."""

import tensorflow as tf


def maximum(x, y):
    return tf.raw_ops.Maximum(x=x, y=y)  # (1)


def minimum(x, y):
    return tf.raw_ops.Minimum(x=x, y=y)  # (2)


def absolute(x):
    return tf.raw_ops.Abs(x=x)  # (3)


def sign(x):
    return tf.raw_ops.Sign(x=x)  # (4)


def select(condition, t, e):
    return tf.raw_ops.SelectV2(condition=condition, t=t, e=e)  # (5)


def select_rows(condition, t, e):
    """A condition of one axis alone is of the rows."""
    return tf.raw_ops.Select(condition=condition, x=t, y=e)  # (6)


def clip_by_value(t, clip_value_min, clip_value_max):
    return tf.raw_ops.ClipByValue(
        t=t, clip_value_min=clip_value_min, clip_value_max=clip_value_max
    )  # (7)


def relu(features):
    return tf.raw_ops.Relu(features=features)  # (8)


def relu6(features):
    return tf.raw_ops.Relu6(features=features)  # (9)


def relu_grad(gradients, features):
    return tf.raw_ops.ReluGrad(gradients=gradients, features=features)  # (10)


def relu6_grad(gradients, features):
    return tf.raw_ops.Relu6Grad(gradients=gradients, features=features)  # (11)


def less(x, y):
    return tf.raw_ops.Less(x=x, y=y)  # (12)


def less_equal(x, y):
    return tf.raw_ops.LessEqual(x=x, y=y)  # (13)


def greater(x, y):
    return tf.raw_ops.Greater(x=x, y=y)  # (14)


def greater_equal(x, y):
    return tf.raw_ops.GreaterEqual(x=x, y=y)  # (15)


def equal(x, y):
    return tf.raw_ops.Equal(x=x, y=y)  # (16)


def not_equal(x, y):
    return tf.raw_ops.NotEqual(x=x, y=y)  # (17)


def logical_and(x, y):
    return tf.raw_ops.LogicalAnd(x=x, y=y)  # (18)


def logical_or(x, y):
    return tf.raw_ops.LogicalOr(x=x, y=y)  # (19)


def logical_not(x):
    return tf.raw_ops.LogicalNot(x=x)  # (20)


def is_finite(x):
    return tf.raw_ops.IsFinite(x=x)  # (21)


def is_nan(x):
    return tf.raw_ops.IsNan(x=x)  # (22)


def bitwise_and(x, y):
    return tf.raw_ops.BitwiseAnd(x=x, y=y)  # (23)


def bitwise_or(x, y):
    return tf.raw_ops.BitwiseOr(x=x, y=y)  # (24)


def right_shift(x, y):
    return tf.raw_ops.RightShift(x=x, y=y)  # (25)


def left_shift(x, y):
    return tf.raw_ops.LeftShift(x=x, y=y)  # (26)


def bitcast(input, *, type):
    return tf.raw_ops.Bitcast(input=input, type=type)  # (27)


def is_inf(x):
    return tf.raw_ops.IsInf(x=x)  # (28)


def top_k(input, k):
    """The k largest numbers of each row, the largest first, and where they stood."""
    return tf.raw_ops.TopKV2(input=input, k=k)  # (29)-(30)


def in_top_k(predictions, targets, k):
    """Whether fewer than k numbers of a row are larger than that of its target."""
    return tf.raw_ops.InTopKV2(predictions=predictions, targets=targets, k=k)  # (31)


def list_diff(x, y):
    """What is in x and not in y, and where."""
    return tf.raw_ops.ListDiff(x=x, y=y)  # (32)


def bitwise_xor(x, y):
    return tf.raw_ops.BitwiseXor(x=x, y=y)  # (33)


def invert(x):
    return tf.raw_ops.Invert(x=x)  # (34)


def next_after(x1, x2):
    """The float beside x1 on the way to x2."""
    return tf.raw_ops.NextAfter(x1=x1, x2=x2)  # (35)
