"""Operations that say where numbers stand: which are true, below others, or new."""

import tensorflow as tf


def where(condition):
    """The places of all that are true, or not 0, in the order of memory."""
    return tf.raw_ops.Where(condition=condition)  # (1)


def lower_bound(sorted_inputs, values):
    """Of each row how many sorted numbers are below a value."""
    return tf.raw_ops.LowerBound(sorted_inputs=sorted_inputs, values=values)  # (2)


def upper_bound(sorted_inputs, values):
    """Of each row how many sorted numbers are not above a value."""
    return tf.raw_ops.UpperBound(sorted_inputs=sorted_inputs, values=values)  # (3)


def bucketize(input, *, boundaries):
    """How many of the boundaries, which are float32, are not above a number."""
    return tf.raw_ops.Bucketize(input=input, boundaries=boundaries)  # (4)


def unique(x):
    """Every number once, in the order in which they come, and which of them each is."""
    return tf.raw_ops.Unique(x=x)  # (5)-(6)


def compute_accidental_hits(true_classes, sampled_candidates, *, num_true):
    """Where a drawn class is a true one: row, place of the drawn one, the least float."""
    return tf.raw_ops.ComputeAccidentalHits(  # (7)-(8)
        true_classes=true_classes,
        sampled_candidates=sampled_candidates,
        num_true=num_true,
    )
