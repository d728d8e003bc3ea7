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
    """Return the gradients of the weights, and those of activations: what flows back.

    An activation may be a list of what it is in each time step.
    """
    flat = tf.nest.flatten(activations)
    found = dense(tape.gradient(error, (*weights, *flat)))
    gradients, flows = found[: len(weights)], found[len(weights) :]
    flows = [tf.zeros_like(y) if g is None else g for g, y in zip(flows, flat)]
    flows = tf.nest.pack_sequence_as(activations, flows)
    each = (tf.stack(f, axis=-2) if isinstance(f, list) else f for f in flows)
    return gradients, tuple(each)


def tapped(network, built, everything):
    """Return the letters of each time step, by name, as lists of what the tape has."""
    return {
        name: layer.noted(kept)[letter]
        for (label, layer), kept in zip(built, everything)
        for name, letter in zip(network.letters.get(label, ()), layer.letter_names)
    }
