"""More images from those at hand: mirrored, and moved by whole pixels (seed 003, A4).

Keras's layers draw at every call; here they are handed what was drawn.
"""

import keras
import tensorflow as tf


def flips(samples, seed=0):
    """What ``keras.layers.RandomFlip(seed=seed)`` draws at its first call."""
    layer, images = keras.layers.RandomFlip(seed=seed), tf.zeros((samples, 1, 1, 1))
    drawn = layer.get_random_transformation(images)["flips"]  # (1)
    return drawn.numpy().ravel()


def shifts(samples, most, seed=0):
    """Whole numbers of Keras's seed; ``RandomTranslation`` draws parts of a pixel."""
    return keras.random.randint((samples, 2), -most, most + 1, seed=seed).numpy()  # (2)


def flipped(x, flips):
    """Keras: ``keras.layers.RandomFlip("horizontal")``."""
    layer = keras.layers.RandomFlip("horizontal", dtype=_dtype(x))
    drawn = {"flips": flips[:, None, None, None], "input_shape": x.shape}
    return layer.transform_images(x, drawn)  # (3)


def shifted(x, by):
    """Keras: ``keras.layers.RandomTranslation``, which says the way to the right first.

    Its bilinear interpolation rounds float64 to float32; by whole pixels both are the same.
    """
    layer = keras.layers.RandomTranslation(1.0, 1.0, "constant", "nearest", dtype=_dtype(x))
    drawn = {"translations": tf.cast(by[:, ::-1], "float32"), "input_shape": x.shape}
    return layer.transform_images(x, drawn)  # (4)-(6)


def _dtype(x):
    return keras.backend.standardize_dtype(x.dtype)
