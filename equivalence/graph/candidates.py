"""Classes that a sampler drew for a loss of few of many, and how often each is to be expected.

Which classes were drawn no operand says: they are held in their range, and are not to come twice
where they are unique.  How often a class is to be expected follows from its chance p and from how
often was tried: as often as classes were wanted, n p; else 1 - (1 - p)^n, where n is the one
whole number with which all numbers are inside (tensorflow/core/kernels/range_sampler.cc).
"""

from collections.abc import Callable

import numpy as np

from equivalence.judge.certificate import usage

# How far the number of tries is looked for around what one expectation says of it.
AROUND = 1e-4


def _rounded_once(chances, model, off=0.0):
    """Return chances that are computed in float64, off by so much at most, and rounded."""
    zero = model.array(np.zeros(np.shape(chances), model.dtype))
    return zero.bounded(chances, chances * (model.unit * (1 + 2.0**-20) + off))


def _log_uniform(classes, given, model):
    """Classes by rank: log((k + 2) / (k + 1)) / log(1 + how many).

    The quotient is near 1, and its rounding a part of what it is more.
    """
    chances = np.log1p(1 / (classes + 1.0)) / np.log1p(given["range_max"])
    return _rounded_once(chances, model, (classes + 2.0) * 2.0**-52)


def _uniform(classes, given, model):
    return _rounded_once(np.full(classes.shape, 1 / given["range_max"]), model)


def _unigrams(classes, given, model):
    """Powers of counts, by their sum; the first classes may be reserved, with none."""
    if given["vocab_file"] or given["num_shards"] != 1:
        raise NotImplementedError("chances that are read from a file, or in parts")
    counts = model.array(np.asarray(given["unigrams"], model.dtype))
    powers = counts ** model.array(np.asarray(given["distortion"], model.dtype))
    nothing = model.array(np.zeros(given["num_reserved_ids"], model.dtype))
    return np.concatenate([nothing, powers])[classes] / np.sum(powers)


CANDIDATES: dict[str, Callable] = {
    "LogUniformCandidateSampler": _log_uniform,
    "UniformCandidateSampler": _uniform,
    "FixedUnigramCandidateSampler": _unigrams,
}


def shares_of(kind, operands, results, given, model):
    """Return of each result the shares of a radius that its numbers use; infinite where none may.

    Results: the classes, then what is expected of the true ones, and of these.
    """
    (true,), (drawn, *_) = operands, results
    wanted = given["num_sampled"]
    inside = (drawn >= 0) & (drawn < given["range_max"])
    if drawn.shape != (wanted,) or (given["unique"] and len(np.unique(drawn)) < wanted):
        inside = np.zeros(drawn.shape, bool)
    classes = true, np.where(inside, drawn, 0)
    chances = [CANDIDATES[kind](each, given, model) for each in classes]
    tries = _tries(chances, results[1:], wanted) if given["unique"] else [wanted]
    ways = [
        [usage(value, _expected(p, n, wanted)) for p, value in zip(chances, results[1:])]
        for n in tries
    ]
    best = min(ways, key=lambda shares: max(np.max(share, initial=0) for share in shares))
    return [np.where(inside, 0, np.inf), *best]


def _expected(chances, tries, wanted):
    if tries == wanted:
        return chances * chances.model.array(np.asarray(wanted, chances.dtype))
    tried = chances.model.array(np.asarray(tries, chances.dtype))
    return -np.expm1(tried * np.log1p(-chances))


def _tries(chances, expected, wanted):
    """Return how often may have been tried, by the expectation that says it best."""
    p = np.concatenate([np.ravel(np.asarray(ball.mid, float)) for ball in chances])
    each = np.concatenate([np.ravel(value).astype(float) for value in expected])
    known = (p > 0) & (p < 1) & (each > 0) & (each < 1)
    if not known.any():
        return [wanted]
    best = np.argmin(np.where(known, np.abs(each - 0.5), np.inf))
    tries = np.log1p(-each[best]) / np.log1p(-p[best])
    first, last = tries * (1 - AROUND) - 1, tries * (1 + AROUND) + 1
    return [wanted, *range(max(int(first), wanted + 1), int(last) + 2)]
