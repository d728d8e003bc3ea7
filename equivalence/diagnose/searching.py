"""Which recipe somebody's numbers follow: Keras's own, one with a known cause, or one with two."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from equivalence.arithmetic.regrouping import unit_of
from equivalence.diagnose.answer import (
    AMBIGUOUS,
    CAUSE,
    ROUNDING,
    UNKNOWN,
    Answer,
    Evidence,
    Where,
)
from equivalence.diagnose.fitting import digits_in
from equivalence.diagnose.recipe import STAGES, Passed, brought, follow, silent_weights
from equivalence.errors import BadInput

LOOKED_AT = 3  # steps by which causes are sorted, before all steps are held
NEAR = 0.05  # relative: a recipe farther off is not held against its balls
MOST_PAIRS = 4000  # pairs of causes that are tried
RUNNERS_UP = 5  # causes among which the next best is looked for, over the same steps
MOST_WORK = 1e9  # and weights times samples in all of them, for large networks
MOST_SECONDS = 30  # in all of them, where a step takes long
MOST_FITTING = 5.0  # seconds in which a hyperparameter is solved for beside a cause
ROUGH = 2**12  # units: causes that fit better than this are in the table's order
BLUNT = 1e-2  # relative: a cause whose enclosure would not show this much is not named
FINE = 1e-6  # relative: what float64 numbers may differ by where a ball is unbounded


@dataclass(frozen=True)
class Candidate:
    """A recipe with its causes: ((Variant, where), ...)."""

    causes: tuple
    recipe: Any


def candidates(recipe, variants, causes=()):
    """Yield a Candidate for each place of each variant in a recipe."""
    for variant in variants:
        if any(variant is known for known, _ in causes) or (causes and variant.alone):
            continue
        for where, changed in variant.change(recipe):
            yield Candidate((*causes, (variant, where)), changed)


def distance(recipe, seen, stages=STAGES):
    """Return how far the numbers are from a recipe's, relative to a tensor's largest in a step.

    NaN and infinite predictions are infinitely far.
    """
    expected = follow(recipe, seen)
    worst = 0.0
    for key, steps in brought(seen, recipe.network.weight_names).items():
        if key[0] not in stages or key[1] in recipe.silent:
            continue
        if key not in expected:
            return np.inf
        for value, true in zip(steps, expected[key]):
            value, true = np.asarray(value, np.float64), np.asarray(true)
            if value.size != true.size:
                return np.inf
            off = np.max(np.abs(value.reshape(true.shape) - true), initial=0)
            size = max(np.max(np.abs(value), initial=0), np.max(np.abs(true), initial=0))
            share = float(off / size) if size else 0.0
            if not np.isfinite(share):
                return np.inf
            worst = max(worst, share)
    return worst


def _distance_of_two(candidate, seen, stages):
    """Return the distance of two causes together, infinite where one excludes the other.

    As of two ways back of one layer, of which one keeps what the other does not read.
    """
    try:
        return distance(candidate.recipe, seen, stages)
    except (ValueError, TypeError, IndexError):
        return np.inf


@dataclass(frozen=True)
class Held:
    """Whether every number lies in a recipe's balls; the first that does not; how sharp that is."""

    holds: bool
    where: Where | None
    sharp_to: float
    same: bool


def hold(recipe, seen, stages=STAGES, known=False):
    """Hold what was brought against every way of writing a recipe's formulas.

    known: only what is known is held, not what FINE says where a ball is unbounded.
    """
    expected = follow(recipe, seen, balls=True)
    unit, found, sharp, same = unit_of(seen.dtype), [], [], True
    for key, steps in brought(seen, recipe.network.weight_names).items():
        if key[0] not in stages:
            continue
        order = (STAGES.index(key[0]), _from_behind(key, recipe))
        for s, (value, ball) in enumerate(zip(steps, expected[key])):
            value = np.asarray(value, np.float64).reshape(ball.mid.shape)
            off, size = np.abs(value - ball.mid), np.abs(ball.mid)
            largest = np.max(size, initial=0)
            loose = FINE * largest if unit < FINE**2 and not known else np.inf
            rad = np.where(np.isfinite(ball.rad), ball.rad, loose)
            # yours may have flushed, or hold what left the range
            outside = ~(off <= rad + np.finfo(seen.dtype).tiny)
            same = same and not off.any()
            counted = size >= largest * 2.0**-10
            if largest > 0 and key[1] not in recipe.silent:
                with np.errstate(all="ignore"):
                    sharp.append(np.median(((rad + unit * size) / size)[counted]))
            if outside.any():
                at = tuple(int(i) for i in np.argwhere(outside)[0])
                found.append((s, order, key, at, float(value[at]), float(ball.mid[at])))
    where = None
    if found:
        step, _, (stage, tensor), index, yours, keras = min(found)
        where = Where(step, stage, tensor, index, yours, keras)
    return Held(not found, where, float(max(sharp, default=0.0)), same)


def _from_behind(key, recipe):
    """Return in which order tensors of a stage arise: gradients from the last weight on."""
    names = list(recipe.network.weight_names)
    if key[0] == "gradients" and key[1] in names:
        return -names.index(key[1])
    return names.index(key[1]) if key[1] in names else 0


def search(recipe, seen, variants, stages=STAGES):
    """Return (causes that fit as tuples, distances, how many were tried).

    One cause if one explains it, else two.  Fits are sorted by their distance.
    """
    one, short = seen.first(1), seen.first(LOOKED_AT)
    sifted = lambda every: [c for d, c in every if d <= NEAR]
    looked = lambda every: [(distance(c.recipe, short, stages), c) for c in every]
    fixed = tuple(v for v in variants if not v.fitted)
    fitted = tuple(v for v in variants if v.fitted)
    firsts = [(distance(c.recipe, one, stages), c) for c in candidates(recipe, fixed)]
    tried = len(firsts)
    fits = _that_hold(looked(sifted(firsts)), seen, stages)
    nearest_first = [c for _, c in sorted(firsts, key=lambda pair: pair[0])]
    if not fits:
        solved = [(distance(c.recipe, one, stages), c) for c in candidates(recipe, fitted)]
        tried += len(solved)
        solved.sort(key=lambda pair: digits_in(pair[1].causes[0][1]))
        fits = _that_hold(looked(sifted(solved)), seen, stages)
    if not fits:
        second = _pairs(nearest_first, fixed, most_pairs(recipe, seen))
        pairs = [(_distance_of_two(c, one, stages), c) for c in second]
        tried += len(second)
        fits = _that_hold(looked(sifted(pairs)), seen, stages)
    if not fits:
        both = _with_numbers(recipe, [c for _, c in firsts], nearest_first, fitted)
        tried += len(both)
        fits = _that_hold([(distance(c.recipe, one, stages), c) for c in both], seen, stages)
    fitting = {c.causes[0][0].name for _, c in fits if len(c.causes) == 1}
    others = [c for c in nearest_first if c.causes[0][0].name not in fitting][:RUNNERS_UP]
    own = distance(recipe, short, stages)
    nearer = [(d, c.causes[0][0].name) for d, c in looked(others) if d < own * (1 - FINE)]
    nearest = min(nearer, default=None)
    return fits, nearest and (nearest[1], nearest[0]), tried


def _with_numbers(recipe, in_order, nearest_first, fitted):
    """Return candidates with one cause and a hyperparameter that is solved for beside it.

    Of causes in the optimizer, in the table's order, and of the nearest of all others, as many
    as MOST_FITTING seconds allow.
    """
    begun, found = time.perf_counter(), []
    of_optimizer = [c for c in in_order if c.recipe.network is recipe.network]
    others = [c for c in nearest_first if c.recipe.network is not recipe.network][:RUNNERS_UP]
    for single in (*of_optimizer, *others):
        if time.perf_counter() - begun > MOST_FITTING:
            break
        if not single.causes[0][0].alone:
            found += candidates(single.recipe, fitted, single.causes)
    return found


def most_pairs(recipe, seen):
    """Return how many pairs of causes are tried: fewer of large networks, and of slow ones."""
    weights = sum(np.size(w) for w in seen.weights[0])
    samples = np.shape(recipe.inputs[0])[-2] if np.ndim(recipe.inputs[0]) > 1 else 1
    begun = time.perf_counter()
    distance(recipe.with_(passed=Passed()), seen.first(1))
    seconds = time.perf_counter() - begun
    return int(min(MOST_PAIRS, MOST_WORK // (weights * samples), MOST_SECONDS / seconds))


def _pairs(singles, variants, most):
    """Return candidates with two causes, up to ``most`` of them, each pair once."""
    found, seen = [], set()
    for single in singles:
        if single.causes[0][0].alone:
            continue
        for pair in candidates(single.recipe, variants, single.causes):
            key = frozenset((v.name, where) for v, where in pair.causes)
            if key in seen or len(key) < 2:
                continue
            seen.add(key)
            found.append(pair)
            if len(found) >= most:
                return found
    return found


def _that_hold(found, seen, stages):
    """Return (distance over all steps, Candidate) of those that the numbers follow.

    Sorted by distance, but those that differ by rounding alone are in the table's order.
    """
    held = [c for d, c in found if d <= NEAR]
    for steps in dict.fromkeys((min(1, seen.steps), min(LOOKED_AT, seen.steps), seen.steps)):
        known = [(c, hold(c.recipe, seen.first(steps), stages)) for c in held]
        held = [c for c, own in known if own.holds]
    held = [c for c, own in known if own.holds and own.sharp_to <= BLUNT]
    far = [(distance(c.recipe, seen, stages), c) for c in _each_once(held)]
    return sorted(far, key=lambda pair: max(pair[0], ROUGH * unit_of(seen.dtype)))


def _each_once(found):
    """Return the candidates without those whose optimizer, network and data an earlier one has."""
    kept: list = []
    for one in found:
        same = lambda other, one=one: (
            one.recipe.optimizer == other.recipe.optimizer
            and one.recipe.network is other.recipe.network
            and one.recipe.inputs is other.recipe.inputs
            and one.recipe.targets is other.recipe.targets
            and one.recipe.by_sample == other.recipe.by_sample
            and one.recipe.adds_up == other.recipe.adds_up
        )
        if not any(map(same, kept)):
            kept.append(one)
    return kept


def diagnosed(recipe, seen, variants, notes=(), recognise=None, numbers=None):
    """Return the Answer for what was brought, of Keras's recipe and the table of causes."""
    known = brought(seen, recipe.network.weight_names)
    if not known:
        raise BadInput("nothing was brought that could be compared")
    recipe = recipe.with_(silent=silent_weights(recipe, seen))
    own = hold(recipe, seen)
    keras = distance(recipe, seen)
    if own.holds:
        evidence = Evidence(keras, keras, None, seen.steps, 1, own.sharp_to)
        return Answer(ROUNDING, evidence=evidence, notes=tuple(notes))
    fits, nearest, tried = [], None, 1
    parts = _stages_apart(recipe, seen)
    for stages in parts:
        if hold(recipe, seen, stages).holds:
            continue
        of_part, near, count = search(recipe, seen, variants, stages)
        tried += count
        nearest = near if nearest is None or (near and near[1] < nearest[1]) else nearest
        if not of_part:
            fits = []
            break
        both = [(max(d, e), _joined(a, b)) for d, a in fits for e, b in of_part]
        fits = both or of_part
    sharp, where = own.sharp_to, own.where
    if not fits:
        evidence = Evidence(np.nan, keras, nearest, seen.steps, tried, sharp)
        found = tuple(recognise(recipe, seen, where)) if recognise else ()
        return Answer(UNKNOWN, where=where, evidence=evidence, notes=tuple(notes), found=found)
    best, *others = fits
    evidence = Evidence(best[0], keras, nearest, seen.steps, tried, sharp)
    in_order = lambda causes: tuple(sorted(causes, key=lambda c: variants.index(c[0])))
    others = tuple(in_order(c.causes) for _, c in others if _names(c) != _names(best[1]))
    return Answer(
        AMBIGUOUS if others else CAUSE,
        in_order(best[1].causes),
        others,
        where,
        evidence,
        tuple(notes),
        hyperparameters=numbers or {},
    )


def _names(candidate):
    return tuple(v.name for v, _ in candidate.causes)


def _joined(a, b):
    return Candidate((*a.causes, *b.causes), None)


def _stages_apart(recipe, seen):
    """Return the groups of stages that are searched one after the other.

    With gradients the update is that of these, so it has causes of its own.
    """
    if seen.gradients and len(seen.gradients[0]) == len(recipe.network.weight_names):
        return ("activations", "loss", "gradients"), ("weights",)
    return (STAGES,)
