"""Kinds of which a compiled graph has another kernel than eager execution, and its rules.

``RULES`` says what the kernels give that eager execution calls.  Of the kinds here a compiler may
take another one, whose result is as right, but another: and the whole operation is by one of them.
"""

from dataclasses import dataclass
from math import prod

import numpy as np

from equivalence.arithmetic.precisions import HALVES, precision_of
from equivalence.arithmetic.rounding import RoundingArray
from equivalence.graph import halves
from equivalence.graph.certificate import over_balls
from equivalence.graph.rules import RULES, Rule
from refimpl.ops import pools, random_words
from refimpl.random.philox import of_pairs


@dataclass(frozen=True)
class Otherwise:
    """The rule of what some compilers' kernel returns."""

    compilers: tuple
    rule: Rule


def _upper(key, counter, count, dtype):
    """Return numbers of the upper 23 bits of a word, or 52 of two, low word first, as float64.

    tensorflow/compiler/tf2xla/kernels/stateless_random_ops_v2.cc, of which ``defects`` has
    ``tensorflow-xla-dropout``.
    """
    if np.dtype(dtype) == np.float64:
        words = random_words._words(key, counter, 2 * count)
        whole = words[1::2] << np.uint64(32) | words[::2]
        return (whole >> np.uint64(12)).astype(np.float64) * 2.0**-52
    words = random_words._words(key, counter, count)
    return (words >> np.uint64(9)).astype(np.float64) * 2.0**-23


def _uniform_by_xla(shape, key, counter, alg, *, dtype):
    """Numbers from 0 up to but not 1; bfloat16's are float32's cut off, float16's the kernel's."""
    name = np.dtype(dtype).name
    of_kernel = random_words.stateless_random_uniform(shape, key, counter, alg, dtype=dtype)
    if name == "float16":
        return of_kernel
    drawn = _upper(key, counter, of_kernel.size, dtype)
    if name == "bfloat16":
        drawn = halves.cut_off(drawn, precision_of(name))
    return drawn.astype(dtype).reshape(of_kernel.shape)


def _normal_by_xla(shape, key, counter, alg, *, dtype, lift=np.array):
    """Normal numbers, in pairs along the first even axis, or the longest: u and v lie there, too.

    xla/hlo/builder/lib/prng.cc, SplitShapeIntoHalves.
    """
    shape = tuple(int(n) for n in shape)
    random_words._normal_pairs(shape, key, counter, alg, dtype)  # which refuses what it has not
    if np.dtype(dtype).name in HALVES:
        raise NotImplementedError("normal numbers of half precision, as XLA draws them")
    kept = shape or (1,)
    even = [k for k, n in enumerate(kept) if n % 2 == 0]
    axis = even[0] if even else int(np.argmax(kept))
    whole = [n + (k == axis) * (n % 2) for k, n in enumerate(kept)]
    drawn = _upper(key, counter, prod(whole), dtype).astype(dtype)
    along = np.moveaxis(drawn.reshape(whole), axis, -1)
    drawn = of_pairs(along.reshape(-1, 2), lift(np.zeros(along.size, dtype)))
    drawn = np.moveaxis(drawn.reshape(along.shape), -1, axis)
    return drawn[tuple(map(slice, kept))].reshape(shape)


def _normal_enclosed(*operands, dtype, model):
    return _normal_by_xla(*operands, dtype=dtype, lift=model.array)


UNIFORM, NORMAL = "StatelessRandomUniformV2", "StatelessRandomNormalV2"
OTHERWISE = {
    # oneDNN's and XLA's: the first of equal places has all that flows back.
    "MaxPool3DGrad": Otherwise(("grappler", "xla"), Rule("MaxPool3DGrad", pools.max_pool_grad)),
    # XLA's begins with -inf.
    "MaxPool": Otherwise(("xla",), Rule("MaxPool", pools._max_pool, exact=True)),
    "MaxPool3D": Otherwise(("xla",), Rule("MaxPool3D", pools._max_pool, exact=True)),
    UNIFORM: Otherwise(("xla",), Rule(UNIFORM, _uniform_by_xla, exact=True)),
    NORMAL: Otherwise(("xla",), Rule(NORMAL, _normal_by_xla, enclosure=_normal_enclosed)),
}


def rules_of(kind, compilers):
    """Return the rules of the kernels that may be at work in a graph, none of a kind without.

    The one of eager execution is always among them: Grappler may compute by it what is constant.
    """
    rules = [RULES[kind]] if kind in RULES else []
    other = OTHERWISE.get(kind)
    if other and set(other.compilers) & set(compilers):
        rules.append(other.rule)
    return rules


def enclose(rules, operands, attributes, model):
    """Return the balls of what an operation gives, by whichever of its rules."""
    answers = [over_balls(r, operands, r.attributes(attributes), model) for r in rules]
    if len(answers) == 1:
        return answers[0]
    balls = [a if isinstance(a, RoundingArray) else model.array(a) for a in answers]
    lows, highs = zip(*(ball._ends() for ball in balls))
    return halves.between(np.min(lows, axis=0), np.max(highs, axis=0), model)
