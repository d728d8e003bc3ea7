"""Back through the time steps of a recurrent layer; in TensorFlow the tape goes back.

A state's gradient is a sum: of what the output of its time step hands back, and of what
the next time step does.
"""

import numpy as np

from refimpl.layers.recurrent import chosen, gates


def of_outputs(layer, yb, counts):
    """Return the gradient of each time step's output; None where that is not returned."""
    steps = len(counts)
    if layer.return_sequences:
        each = [yb[..., t, :] for t in range(steps)]
    else:
        each = [None] * (steps - 1) + [yb]
    kept = layer.kept_outputs(counts)
    return [masked(c, gradient) for c, gradient in zip(kept, each)]


def of_states(layer, yb):
    """Return the gradient of the outputs, and a tuple of those of the last states."""
    if not layer.return_state:
        return yb, ()
    count = len(layer.own_states)
    rows = yb[..., :-count, :]
    states = tuple(yb[..., k, :] for k in range(-count, 0))
    return rows if layer.return_sequences else rows[..., 0, :], states


def of_inputs(layer, xb, *states):
    """Return the gradient of the layer's inputs: with states to start from, theirs too."""
    return (xb, *states) if isinstance(layer.input_shape[0], tuple) else xb


def masked(counts, gradient):
    """Return a gradient, 0 where the time step is masked."""
    return None if gradient is None else chosen(counts, gradient, np.zeros_like(gradient))


def carried(counts, terms, hb):
    """Return the terms of a state's gradient; all of ``hb`` where the step is masked."""
    first, *others = terms
    return chosen(counts, first, hb), *(masked(counts, term) for term in others)


def total(*terms, in_order=True):
    """Return the sum of the terms that are not None, in the order of TensorFlow's tape.

    in_order: False where nothing says what that order is.
    """
    first, *others = [term for term in terms if term is not None]
    if not in_order:
        return np.sum(np.stack([first, *others], axis=-1), axis=-1)
    for term in others:
        first = first + term
    return first


def rows(each):
    """Return (..., steps * batch, features) of (..., batch, features) of each time step."""
    return np.concatenate(each, axis=-2)


def through_back(zb, masks, kernel):
    """Return the terms of the gradient of x, of that of ``through``: one for each gate."""
    if not masks:
        return (zb @ kernel.mT,)
    parts = zip(gates(zb, len(masks)), masks, gates(kernel, len(masks)))
    return tuple((part @ columns.mT) * mask for part, mask, columns in parts)


def input_gradients(zbs, masks, kernel):
    """Return the gradient of the inputs, (..., steps, features), as steps are taken."""
    each = [total(*through_back(zb, masks, kernel), in_order=not masks) for zb in zbs]
    return np.stack(each, axis=-2)


def product(inputs, gradients, masks=()):
    """Return a kernel's gradient, of its inputs and outputs' gradients at each step."""
    if not masks:
        return rows(inputs).mT @ rows(gradients)
    of_gates = zip(*(gates(gradient, len(masks)) for gradient in gradients))
    parts = [
        rows([x * mask for x in inputs]).mT @ rows(each)
        for mask, each in zip(masks, of_gates)
    ]
    return np.concatenate(parts, axis=-1)


def summed(gradients):
    """Return a bias's gradient, (..., 1, units)."""
    return np.sum(rows(gradients), axis=-2, keepdims=True)


def flows_of(layer, kept):
    """Return what flowed back to what a layer noted: to its letters, and to its shares."""
    noted = layer.noted(kept)
    of_letters = ((noted[f"{name}b"], -2) for name in layer.letter_names[::-1])
    of_shares = ((noted[f"{name}b"], -3) for name in layer.share_names)
    return tuple(np.stack(each[::-1], axis) for each, axis in (*of_letters, *of_shares))
