"""In which order somebody took the data, found from what the steps gave.

The gradient of a batch is the mean of its samples' gradients at the same weights.  So which
samples were in it is a linear system: the gradients of all samples times z, 1 where a sample was
in the batch and else 0, are the batch's gradient times its size.  Where the samples' gradients
are independent z is the only answer, and it is one only if it is of 0 and 1.
"""

import numpy as np

from equivalence.diagnose.forms.optimizers import DescentForm
from equivalence.diagnose.places import takes_data
from equivalence.diagnose.recipe import Way

MOST_SAMPLES = 1024
MOST_ROWS = 8  # equations for each sample
WHOLE = 1e-3  # how far from 0 and 1 a solution may be; what was found is held as every cause is


def shuffled(recipe):
    """Yield the recipe whose batches have the samples that the steps you brought tell of.

    Of a recipe without numbers of yours, one whose batches begin a sample later.
    """
    seen = recipe.yours
    if seen is None and takes_data(recipe):
        yield (
            "for example",
            recipe.with_(
                inputs=tuple(np.roll(x, -1, axis=0) for x in _next(recipe.inputs)),
                targets=tuple(np.roll(t, -1, axis=0) for t in _next(recipe.targets)),
            ),
        )
    if seen is None or not takes_data(recipe) or len(recipe.inputs) < seen.steps:
        return
    data = pool(recipe)
    if data is None or recipe.network.start_states():
        return
    inputs, targets = list(recipe.inputs), list(recipe.targets)
    for s, gradient in enumerate(gradients_of(recipe, seen)):
        at = samples_of(recipe, seen.weights[s], gradient, data, len(recipe.inputs[s]))
        if at is None:
            return
        inputs[s], targets[s] = data[0][at], data[1][at]
    same = all(
        np.array_equal(_sorted(a, b), _sorted(c, d))
        for a, b, c, d in zip(inputs, targets, recipe.inputs, recipe.targets)
    )
    if not same:
        yield "", recipe.with_(inputs=tuple(inputs), targets=tuple(targets))


def _next(arrays):
    """Return batches whose first sample is that of the next batch: the last of each is left."""
    firsts = [a[:1] for a in arrays]
    return [np.concatenate([new, a[1:]]) for new, a in zip((*firsts[1:], firsts[0]), arrays)]


def _sorted(x, t):
    """Return the samples of a batch in an order of their own."""
    rows = np.concatenate([x, t], axis=-1)
    return rows[np.lexsort(rows.T)]


def pool(recipe):
    """Return (inputs, targets) of all samples, each once; None where they are too many."""
    rows = {}
    for x, t in zip(recipe.inputs, recipe.targets):
        for one, target in zip(x, t):
            rows.setdefault((one.tobytes(), target.tobytes()), (one, target))
    if not 1 < len(rows) <= MOST_SAMPLES:
        return None
    return tuple(np.stack(column) for column in zip(*rows.values()))


def gradients_of(recipe, seen):
    """Return the gradient of each step, flat, that you brought or that your updates tell of.

    An update tells of it where descent is plain or has momentum.
    """
    names = recipe.network.weight_names
    if seen.gradients and len(seen.gradients[0]) == len(names):
        return [_flat([step[n] for n in names]) for step in seen.gradients]
    form = recipe.optimizer
    plain = isinstance(form, DescentForm) and isinstance(form.learning_rate, float)
    if not plain or form.kind not in ("plain", "momentum") or form.weight_decay or _clips(form):
        return []
    found, before = [], 0.0
    for s in range(seen.steps):
        moved = _flat(np.subtract(a, b) for a, b in zip(seen.weights[s + 1], seen.weights[s]))
        kept = form.momentum * before if form.kind == "momentum" else 0.0
        found.append((kept - moved) / form.learning_rate)
        before = moved
    return found


def _clips(form):
    return form.clipnorm or form.clipvalue or form.global_clipnorm


def samples_of(recipe, weights, gradient, data, size):
    """Return the places of the samples whose mean gradient this is, None where nothing is found."""
    way = Way(recipe.with_(optimizer=None), np.asarray)
    each = []
    for x, t in zip(*data):
        passed, _ = way.step_on(weights, x[None], t[None])
        each.append(_flat(passed.gradients))
    matrix = np.stack(each, axis=1)
    if len(matrix) > MOST_ROWS * len(each):  # so many equations tell as much as all
        some = np.random.default_rng(0).choice(len(matrix), MOST_ROWS * len(each), replace=False)
        matrix, gradient = matrix[some], gradient[some]
    scale = np.max(np.abs(matrix), axis=0)
    if np.linalg.matrix_rank(matrix / np.where(scale > 0, scale, 1)) < matrix.shape[1]:
        return None
    shares, *_ = np.linalg.lstsq(matrix, size * gradient, rcond=None)
    counts = np.rint(shares)
    if np.max(np.abs(shares - counts)) > WHOLE or counts.min() < 0 or counts.sum() != size:
        return None
    return np.repeat(np.arange(len(counts)), counts.astype(int))


def _flat(arrays):
    return np.concatenate([np.ravel(a) for a in arrays])
