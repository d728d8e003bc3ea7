"""Random numbers of every size, and programs of a row that are made of them.

A regime says what the numbers of an array are like: their size against the precision's range,
how far they are from each other, whether they are equal or 0.  What is honest arithmetic in
one of them may flush, cancel or overflow in another; the enclosures must hold in all.
"""

from dataclasses import replace

import numpy as np

from equivalence.steps.program import Program

SIGNS = (1.0, -1.0)


def _normal(rng, shape, tiny):
    return rng.normal(size=shape)


def _decades(rng, shape, tiny):
    """From 1e-5 to 1e3 within three decades, with 0 and -0 among them."""
    top = rng.uniform(-2, 3)
    values = rng.choice(SIGNS, shape) * 10 ** rng.uniform(top - 3, top, shape)
    return np.where(rng.random(shape) < 0.05, rng.choice((0.0, -0.0), shape), values)


def _far_mean(rng, shape, tiny):
    return rng.choice(SIGNS) * 10 ** rng.uniform(2, 6) + rng.normal(size=shape)


def _large(rng, shape, tiny):
    return 1e12 * rng.normal(size=shape)


def _small(rng, shape, tiny):
    return 1e-12 * rng.normal(size=shape)


def _subnormal(rng, shape, tiny):
    """Up to ten times the smallest normal float, and down to a thousandth of it."""
    return rng.normal(size=shape) * tiny * 10 ** rng.uniform(-3, 1)


def _mixed(rng, shape, tiny):
    return rng.choice(SIGNS, shape) * 10 ** rng.uniform(-15, 15, shape)


def _constant(rng, shape, tiny):
    return np.full(shape, rng.choice(SIGNS) * 10 ** rng.uniform(-3, 2))


def _zeros(rng, shape, tiny):
    return np.full(shape, rng.choice((0.0, -0.0)))


REGIMES = {
    "normal": _normal,
    "decades": _decades,
    "far mean": _far_mean,
    "1e12": _large,
    "1e-12": _small,
    "subnormal": _subnormal,
    "1e-15 to 1e15": _mixed,
    "constant": _constant,
    "zeros": _zeros,
}


def numbers(regime, rng, shape, dtype):
    """Return an array of a regime, one of REGIMES, in a precision."""
    tiny = float(np.finfo(dtype).tiny)
    return REGIMES[regime](rng, shape, tiny).astype(dtype)


def program_of(reference, steps, regime, rng, keep_whole):
    """Return a program of a row with weights and ``steps`` batches of a regime's numbers.

    reference: the Program of the row, which says the shapes, and which data are labels,
        probabilities or the numbers of rows: these stay what they are, of other samples.
    keep_whole: columns of whole numbers in the data are such numbers.
    """
    weights = tuple(numbers(regime, rng, w.shape, reference.dtype) for w in reference.weights)
    of_data = regime if rng.random() < 0.5 else "normal"
    which = rng.integers(len(reference.inputs), size=steps)
    order = rng.permutation(reference.inputs.shape[-2])
    inputs, targets = (
        np.take(array[which], order, axis=-2) for array in (reference.inputs, reference.targets)
    )
    drawn = numbers(of_data, rng, inputs.shape, reference.dtype)
    whole = keep_whole & _whole_columns(reference.inputs)
    inputs = np.where(whole, inputs, drawn)
    if not _probabilities(reference.targets):
        targets = numbers(of_data, rng, targets.shape, reference.dtype)
    return replace(reference, weights=weights, inputs=inputs, targets=targets, last=None)


def _whole_columns(array):
    """Say of which features all numbers are whole."""
    return (array == np.floor(array)).reshape(-1, array.shape[-1]).all(axis=0)


def _probabilities(array):
    """Say whether all numbers lie from 0 to 1, as those of labels and probabilities do."""
    return bool(((array >= 0) & (array <= 1)).all()) and bool(array.any())


def joined(programs, step):
    """Return the Program that takes the batches of several, one after the other, from a step on."""
    first = programs[0]
    inputs, targets = (
        np.roll(np.concatenate([getattr(p, name) for p in programs]), step, axis=0)
        for name in ("inputs", "targets")
    )
    return Program(first.network, first.optimizer, first.weights, inputs, targets)
