"""One-hot vectors (seed 002, 5.7; seed 003, B2 and B5)."""

import keras


def one_hot(labels, classes, dtype="float32"):
    """Keras: ``keras.utils.to_categorical``, which gives float64 unless it is told."""
    return keras.utils.to_categorical(labels, classes).astype(dtype)  # (1)-(2)
