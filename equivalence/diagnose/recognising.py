"""What turns Keras's number into yours, where no known cause does: a factor, a sign, a shift.

Looked for at the first tensor that Keras's formula does not give, over all of its numbers.
"""

from itertools import pairwise

import numpy as np

from equivalence.diagnose.forms.optimizers import DescentForm
from equivalence.diagnose.recipe import brought, follow

EXACT = 1e-9  # relative, for float64; float32's is 1e-4


def recognise(recipe, seen, where):
    """Yield sentences of what makes one of the other, each true of all the tensor's numbers."""
    if where is None:
        return
    names = recipe.network.weight_names
    expected, found = follow(recipe, seen), brought(seen, names)
    key = next(k for k in found if k[0] == where.stage and k[1] == where.tensor)
    pairs = [
        (np.asarray(a, np.float64).reshape(np.shape(b)), np.asarray(b))
        for a, b in zip(found[key], expected[key])
    ]
    fine = EXACT if seen.dtype == "float64" else 1e-4

    def same(a, b):
        if a.shape != b.shape:
            return False
        least = fine * np.max(np.abs(a), initial=0)
        few = (0,) * (a.ndim - 1)  # most are told apart by a row
        if np.max(np.abs(a[few] - b[few]), initial=0) > least:
            return False
        return bool(np.max(np.abs(a - b), initial=0) <= least)

    tensor = {"gradients": "gradient of", "weights": "update of"}.get(where.stage, where.stage)
    tensor = f"{tensor} {where.tensor}"
    samples = np.shape(recipe.inputs[0])[-2] if np.ndim(recipe.inputs[0]) > 1 else 1
    yours, keras = pairs[where.step]
    if not yours.any():
        yield f"Yours is 0 throughout the {tensor}: it is left out."
        return
    factor = _factor(yours, keras)
    if factor and same(yours, factor * keras):
        always = all(same(a, factor * b) for a, b in pairs)
        when = "in every step" if always else f"in step {where.step}, and not in all"
        yield f"The {tensor} is {_named(factor, samples, yours.shape)} of Keras's, {when}."
        if always and where.stage == "weights":
            yield from _as_rate(recipe, factor)
        return
    if yours.ndim < 2:
        return
    if yours.shape[-1] == yours.shape[-2] and same(yours, keras.mT):
        yield f"The {tensor} is Keras's transposed."
    for axis, words in ((-2, "rows"), (-1, "columns")):
        if yours.shape[axis] < 2:
            continue
        if same(yours, np.flip(keras, axis)):
            yield f"The {tensor} has Keras's {words} in reverse."
        for by in range(1, yours.shape[axis]):
            first = np.take(yours, 0, axis), np.take(keras, -by, axis)
            if same(*map(np.atleast_1d, first)) and same(yours, np.roll(keras, by, axis)):
                yield f"The {tensor} has Keras's {words} moved on by {by}."
    later = [(a, b) for (_, b), (a, _) in pairwise(pairs)]
    if later and all(same(a, b) for a, b in later):
        yield f"The {tensor} is Keras's of the step before."
    sooner = [(a, b) for (a, _), (_, b) in pairwise(pairs)]
    if sooner and all(same(a, b) for a, b in sooner):
        yield f"The {tensor} is Keras's of the step behind it."
    difference = yours - keras
    weights = seen.weights[min(where.step, len(seen.weights) - 1)]
    for name, weight in zip(names, weights):
        share = _factor(difference, weight) if weight.shape == difference.shape else 0
        if share and same(difference, share * weight):
            yield f"The {tensor} is Keras's and {share:.6g} times {name} itself."
    if difference.size > 1 and np.ptp(difference) <= fine * np.max(np.abs(difference)):
        yield f"The {tensor} is Keras's and {difference.flat[0]:.6g} in every element."


def _as_rate(recipe, factor):
    """Yield which learning rate does what a factor does, of descent with a rate that stands."""
    form = recipe.optimizer
    rate = getattr(form, "learning_rate", None)
    if isinstance(form, DescentForm) and isinstance(rate, float) and factor > 0:
        yield (
            f"A learning rate of {factor * rate:.9g} for {rate:.9g} does so, and a factor of the "
            "loss: gradients, or the loss, brought as well would tell."
        )


def _factor(yours, keras):
    """Return the ratio at Keras's largest number, 0 where there is none."""
    at = np.unravel_index(np.argmax(np.abs(keras)), keras.shape)
    return float(yours[at] / keras[at]) if keras[at] and np.isfinite(keras[at]) else 0.0


def _named(factor, samples, shape):
    """Return a factor as what it probably is of: -1, 2, the batch, a number of units."""
    shape = shape or (1,)
    known = {
        -1.0: "the negative",
        2.0: "twice that",
        0.5: "half",
        float(samples): f"{samples} times, the number of samples, that",
        1.0 / samples: f"1/{samples}, one by the number of samples,",
        float(shape[-1]): f"{shape[-1]} times, the number of units, that",
        1.0 / shape[-1]: f"1/{shape[-1]}, one by the number of units,",
    }
    for value, words in known.items():
        if abs(factor - value) <= 1e-6 * abs(value):
            return words
    return f"{factor:.9g} times that"
