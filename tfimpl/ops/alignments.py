"""Connectionist temporal classification (Graves and others 2006)."""

import tensorflow as tf


def ctc_loss(
    inputs,
    labels_indices,
    labels_values,
    sequence_length,
    *,
    preprocess_collapse_repeated,
    ctc_merge_repeated,
):
    """-log p of each sample's labels, and what flows back: y less the share of each class.

    inputs: logits, (steps, batch, classes); the last class is the blank.
    """
    return tf.raw_ops.CTCLoss(
        inputs=inputs,
        labels_indices=labels_indices,
        labels_values=labels_values,
        sequence_length=sequence_length,
        preprocess_collapse_repeated=preprocess_collapse_repeated,
        ctc_merge_repeated=ctc_merge_repeated,
    )  # (1)
