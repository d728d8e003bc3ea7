"""Softmax and cross-entropies of rows of logits, with their gradients."""

import tensorflow as tf


def softmax(logits):
    return tf.raw_ops.Softmax(logits=logits)  # (1)


def log_softmax(logits):
    return tf.raw_ops.LogSoftmax(logits=logits)  # (2)


def softmax_cross_entropy_with_logits(features, labels):
    """The loss of each row, and softmax - labels."""
    return tf.raw_ops.SoftmaxCrossEntropyWithLogits(
        features=features, labels=labels
    )  # (3)-(4)


def sparse_softmax_cross_entropy_with_logits(features, labels):
    """The same where a label is the number of a class."""
    return tf.raw_ops.SparseSoftmaxCrossEntropyWithLogits(
        features=features, labels=labels
    )  # (5)-(6)
