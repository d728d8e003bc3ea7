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

    An activation may be a list of what it is in each time step, (..., batch, units) each; a
    tuple is of what a weight is there.
    """
    flat = tf.nest.flatten(activations)
    found = dense(tape.gradient(error, (*weights, *flat)))
    gradients, flows = found[: len(weights)], found[len(weights) :]
    flows = [tf.zeros_like(y) if g is None else g for g, y in zip(flows, flat)]
    flows = tf.nest.pack_sequence_as(activations, flows)
    axes = {list: -2, tuple: -3}
    each = (tf.stack(f, axes[type(f)]) if type(f) in axes else f for f in flows)
    return gradients, tuple(each)


def tapped(network, built, everything):
    """Return what each time step noted, by name, as lists of what the tape has."""
    found = {}
    for (label, layer), kept in zip(built, everything):
        letters = zip(network.letters[label], layer.letter_names)
        found.update((name, layer.noted(kept)[letter]) for name, letter in letters)
        shares = zip(network.shares[label], layer.share_names)
        found.update((name, tuple(layer.noted(kept)[weight])) for name, weight in shares)
    return found
