"""What Keras reports of a run beside its weights: accuracies, and means over batches."""

import tensorflow as tf

from tfimpl.functions import first_smallest

__all__ = [
    "accuracy",
    "binary_accuracy",
    "categorical_accuracy",
    "mean_over_batches",
    "sparse_categorical_accuracy",
]


def categorical_accuracy(O, T):
    """Return 1 where the largest output, the first of equals, is the class of T."""
    return tf.reduce_sum(first_smallest(-O) * first_smallest(-T), axis=-1)  # (1)


def sparse_categorical_accuracy(O, T):
    """Return 1 where the largest output is the class whose number T is."""
    classes = tf.range(O.shape[-1], dtype=O.dtype)
    hits = tf.where(classes == T, first_smallest(-O), tf.zeros_like(O))  # (2)
    return tf.reduce_sum(hits, axis=-1)


def binary_accuracy(O, T):
    """Return the share of units that are above 1/2 where T is 1, and not where it is 0."""
    says = tf.where(O > 0.5, tf.ones_like(O), tf.zeros_like(O))  # (3)
    hits = tf.where(says == T, tf.ones_like(O), tf.zeros_like(O))  # (4)
    return tf.reduce_sum(hits, axis=-1) / O.shape[-1]


def accuracy(O, T):
    """Return what Keras means by "accuracy": which of the three, the last axes say."""
    if O.shape[-1] == 1:
        return binary_accuracy(O, T)
    if T.shape[-1] == 1:
        return sparse_categorical_accuracy(O, T)
    return categorical_accuracy(O, T)


def mean_over_batches(means, counts):
    """Return the mean over all samples of the means of batches of these sizes."""
    return tf.reduce_sum(means * counts) / tf.reduce_sum(counts)  # (5)
