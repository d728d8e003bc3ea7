"""The format of the midpoints of balls: what is wider than a run's working precision.

float64 for float32.  For float64 it is longdouble, where that has more bits (x86-64 and, in
software, some others), and elsewhere, as on ARM's macOS and on Windows, sums of two floats
(``two_floats``).  The environment variable EQUIVALENCE_MIDPOINTS takes one of the two by
name, so that a machine with both can try either; worker processes inherit it.
"""

import os
from dataclasses import dataclass
from typing import Any

import numpy as np

from equivalence.arithmetic import two_floats, two_floats_functions  # noqa: F401  (fills ANSWERS)
from equivalence.arithmetic.precisions import LONGDOUBLE, TWO_FLOATS, precision_of
from equivalence.arithmetic.two_floats import TwoFloats

SETTING = "EQUIVALENCE_MIDPOINTS"
CHOICES = (LONGDOUBLE, TWO_FLOATS)
# Bits that a midpoint has beyond the working precision, at least (L9).
MORE_BITS = 11


@dataclass(frozen=True)
class Format:
    """A format of midpoints, and of the radii beside them.

    kind: a dtype, or the class TwoFloats in its place.
    unit: the largest relative error of a basic operation.
    tiny: what an operation's underflow costs at most, and below which a relative error
        is not held.
    radius: the dtype of radii, which need no more than float64's bits.
    radius_unit: the largest relative error of an operation on them.
    """

    kind: Any
    unit: float
    tiny: Any
    radius: np.dtype
    radius_unit: float

    def of(self, values):
        """Return numbers in this format."""
        if self.kind is TwoFloats:
            return TwoFloats.of(values)
        return np.asarray(values).astype(self.kind)


def _of_dtype(dtype):
    limits = np.finfo(dtype)
    unit = float(limits.eps) / 2
    return Format(np.dtype(dtype), unit, limits.tiny, np.dtype(dtype), unit)


def _of_two_floats():
    limits = np.finfo(np.float64)
    return Format(
        TwoFloats, two_floats.UNIT, limits.tiny, np.dtype(np.float64), float(limits.eps) / 2
    )


def longdouble_is_wider():
    """Say whether longdouble has as many more bits than float64 as a midpoint needs."""
    return bool(np.finfo(np.longdouble).nmant >= np.finfo(np.float64).nmant + MORE_BITS)


def setting():
    """Return the choice for float64 runs: what EQUIVALENCE_MIDPOINTS says, or this machine's.

    Raises ValueError for another value, or for a longdouble that is no wider than float64.
    """
    wanted = os.environ.get(SETTING) or (LONGDOUBLE if longdouble_is_wider() else TWO_FLOATS)
    if wanted not in CHOICES:
        raise ValueError(
            f"{SETTING}={wanted!r} is no format of midpoints: use {' or '.join(CHOICES)}, "
            "or unset it"
        )
    if wanted == LONGDOUBLE and not longdouble_is_wider():
        raise ValueError(
            f"{SETTING}={wanted!r}: this machine's longdouble is no wider than float64: "
            f"use {TWO_FLOATS}, or unset it"
        )
    return wanted


def midpoint_format(dtype):
    """Return the Format of the midpoints for a working precision."""
    formats = precision_of(dtype).midpoints
    kind = setting() if formats == CHOICES else formats[0]
    return _of_two_floats() if kind == TWO_FLOATS else _of_dtype(kind)
