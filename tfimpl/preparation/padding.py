"""Sequences of one length (seed 003, C2)."""

import keras


def padded(sequences, length, value=0):
    """Keras: ``keras.utils.pad_sequences`` with its defaults."""
    return keras.utils.pad_sequences(sequences, length, value=value)  # (1)-(3)
