"""The order of the samples, drawn once for both sides (seed 002, 5.6; seed 003, B3)."""

import keras
import numpy as np
import tensorflow as tf


class _OrderKeeper(keras.Model):
    """A model that learns nothing, and keeps the batches that ``fit`` hands it."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def call(self, x):
        return x

    def train_step(self, data):
        numbers = keras.utils.unpack_x_y_sample_weight(data)[0]
        self.seen.append(numbers.numpy())
        return {"loss": tf.constant(0.0)}


def orders(samples, epochs, seed=0):
    """The orders of ``fit`` after ``keras.utils.set_random_seed(seed)``.

    All epochs have the same one (``keras-seeded-shuffle-repeats``).  NumPy draws others;
    either serves both sides.
    """
    keras.utils.set_random_seed(seed)  # (1)
    model = _OrderKeeper()
    model.compile(run_eagerly=True)
    model.fit(np.arange(samples), epochs=epochs, batch_size=samples, verbose=0)
    return np.stack(model.seen)  # (2)


def epochs_in_order(x, orders):
    """The same, by ``tf.gather``."""
    return tf.concat([tf.gather(x, order) for order in orders], axis=0)  # (3)
