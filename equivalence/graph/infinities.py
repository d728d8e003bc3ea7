"""Infinite numbers that an operation has to return, as log 0 is: decided, and no overflow.

Where an operand is infinite, or the exact result is, IEEE 754 and C's Annex F say what comes out,
in any precision and order: inf and any number is inf, exp(-inf) is 0.  NumPy computes the same.  A
sum meets an infinite term in any order, unless its finite ones overflow the other way, which
they are too small for.  A number by an exact 0 is infinite, and 0 by it is none; an inverse, or
inverse root, of an exact 0 is infinite, and a logarithm or root of a number below 0 is none.  What
is no number otherwise remains undecided (L20).
"""

import numpy as np

from equivalence.arithmetic.precisions import FORMATS, precision_of
from equivalence.graph.rules import Rule

# Kinds that do to each element what IEEE 754 or C says.
OF_ELEMENTS = (
    *("Add", "AddV2", "Sub", "Mul", "RealDiv", "Div", "Neg", "Square", "Sqrt"),
    *("Exp", "Expm1", "Log", "Log1p", "Tanh", "Sigmoid", "Softplus", "Reciprocal", "Inv", "Rsqrt"),
)
# Kinds that add numbers, with no other factor than a count.
SUMS = ("Sum", "Mean", "AddN", "BiasAdd", "Cumsum", "L2Loss", "UnsortedSegmentSum")
# Kinds that are infinite at some number that is none, as a logarithm is at 0.
POLES = ("Log", "Log1p")
INVERSES = ("Reciprocal", "Inv", "Rsqrt")
# From what on a kind has no number for what is smaller.
STARTS = {"Log": 0.0, "Log1p": -1.0, "Sqrt": 0.0, "Rsqrt": 0.0}
QUOTIENTS = ("RealDiv", "Div")
KINDS = (*OF_ELEMENTS, *SUMS)


def decide(rule: Rule, operands, attributes, value):
    """Return (which, answer): of a result's elements which are decided so, and what they are.

    operands: arrays, a list for an argument of many, as the operation had them.
    value: the result; ``answer`` is of its dtype.
    None where nothing is decided.
    """
    if rule.kind not in KINDS or any(_is_ball(each) for each in _flat(operands)):
        return None
    floats = [each for each in map(np.asarray, _flat(operands)) if each.dtype.name in FORMATS]
    strange = any(np.isinf(each).any() for each in floats)
    if not strange and rule.kind not in (*POLES, *QUOTIENTS, *INVERSES, *STARTS):
        return None
    with np.errstate(all="ignore"):
        answer = np.asarray(_apply(rule, operands, attributes, lambda x: x))
        if rule.kind in OF_ELEMENTS:
            which = np.zeros(answer.shape, bool)
            for each in floats:
                which = which | np.isinf(each)
        else:
            which = _apply(rule, operands, attributes, lambda x: np.float64(np.isinf(x))) > 0
            finite = lambda x: np.where(np.isfinite(x), np.abs(x), 0)
            size = _apply(rule, operands, attributes, finite)
            name = value.dtype.name
            which &= size < precision_of(name).largest / 4 if name in FORMATS else False
        if rule.kind in POLES:
            which = which | np.isinf(answer)
        which &= ~np.isnan(answer)
        if rule.kind in QUOTIENTS:
            which |= _is_by_zero(*operands)
        if rule.kind in INVERSES:
            which |= (floats[0] == 0) & ~np.signbit(floats[0])
        if rule.kind in STARTS:
            which |= _is_before(floats[0], STARTS[rule.kind])
    return which, answer.astype(value.dtype)


def _is_by_zero(x, y):
    """Say where a number is divided by 0 that is not so small that it may be flushed to 0 itself.

    As a segment's gradient is that no row belongs to: 0 by how many there are.
    """
    x, y = (np.asarray(each) for each in (x, y))
    known = np.isfinite(x) & ((x == 0) | _is_normal(x))
    return known & (y == 0)


def _is_before(x, start):
    """Say which numbers are below where a function starts, and not so small as to be flushed."""
    return np.isfinite(x) & (x < start) & _is_normal(x)


def _is_normal(x):
    return np.abs(x) >= precision_of(x.dtype.name).tiny


def _apply(rule, operands, attributes, change):
    """Return what a rule gives of operands in float64, changed."""

    def wide(each):
        if isinstance(each, list):
            return [wide(part) for part in each]
        array = np.asarray(each)
        return change(array.astype(np.float64)) if array.dtype.kind == "f" else each

    return rule.answer(*(wide(each) for each in operands), **attributes)


def _flat(operands):
    for each in operands:
        yield from each if isinstance(each, list) else [each]


def _is_ball(each):
    return not isinstance(each, np.ndarray | np.generic | int | float)
