"""What every ``backward`` here asks the tape for."""

import tensorflow as tf


def pull_back(function, x, yb):
    """Return the gradient of sum(yb * function(x)) with respect to x."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    return tape.gradient(y, x, output_gradients=yb)


def dense(gradients):
    """Return gradients as tensors: that of a table of rows comes in parts."""
    return tuple(g if g is None else tf.convert_to_tensor(g) for g in gradients)


def back(tape, error, weights, activations):
    """Return the gradients of the weights, and those of activations: what flows back."""
    found = dense(tape.gradient(error, (*weights, *activations)))
    gradients, flows = found[: len(weights)], found[len(weights) :]
    each = zip(flows, activations)
    return gradients, tuple(tf.zeros_like(y) if g is None else g for g, y in each)
