"""More functions of balls: expm1, log1p and erfc, and the kernels that activations use.

``join`` adds them to the tables that the other modules of this package look into, so
that the reference code may call ``np.expm1``, ``np.log1p`` and ``erfc`` on balls.

``enclose`` is that of ``enclosed.py`` with three things more: it reaches the parts of an
activation (a SiLU has a sigmoid inside), it knows TensorFlow's softplus, and it knows that
TensorFlow's CPU kernels of elu and selu compute exp(x) - 1 where XLA and the reference
have expm1(x): there the error is one of exp(x), which is near 1, not of the difference.
"""

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np
from flint import arb

from equivalence.arithmetic import bounds, dispatch, enclosed
from equivalence.arithmetic.enclosed import MORE_ROUNDINGS, Enclosed
from equivalence.arithmetic.exact import ExactArray
from equivalence.arithmetic.newton_schulz import EnclosedNewtonSchulz
from equivalence.arithmetic.rounding import OUTWARDS, RoundingArray
from equivalence.rounding.special import ROWS, exact_erfc
from refimpl import functions

UFUNCS = {np.expm1: "expm1", np.log1p: "log1p", functions._erfc: "erfc"}
# Activations whose kernel has a row of its own.
KERNELS = ("sigmoid", "softplus")
# Activations that a platform computes by exp(x) - 1.
DIFFERENCES = {"elu": ("eigen",), "selu": ("eigen",)}
# tf.math.rsqrt in the Python code of an operation, such as keras.ops.normalize.
FACTORS = {"elu": "alpha", "selu": "scale_alpha"}  # what stands before the difference
INVERTS_ROOT = {"rsqrt": "the operation itself calls tf.math.rsqrt"}

SLOPE_OF_ERFC = 2 / np.sqrt(np.longdouble(np.pi))


# ------------------------------------------------------------------ rounding balls


def expm1(ball):
    """exp(x) - 1: exp(x + r) - exp(x) is the most that a radius r carries."""
    with np.errstate(over="ignore", invalid="ignore"):
        mid = np.expm1(ball.mid)
        carried = np.where(ball.rad == 0, 0, np.exp(ball.mid) * np.expm1(ball.rad))
    if np.isinf(mid).any():
        ball.model.note("overflow")
    return ball._round(mid, carried, ball.model.relative("expm1"), ball._zero)


def log1p(ball):
    """log(1 + x), unbounded where x may be -1 or less."""
    low = 1 + ball.mid - ball.rad
    if (low <= 0).any():
        ball.model.note("logarithm of a number that may not be positive")
    with np.errstate(divide="ignore", invalid="ignore"):
        mid = np.log1p(ball.mid)
        carried = -np.log1p(-ball.rad / (1 + ball.mid))
    carried = np.where(low <= 0, np.inf, carried)
    return ball._round(mid, carried, ball.model.relative("log1p"), ball._zero)


def erfc(ball):
    """1 - erf(x); its slope is -2 / sqrt(pi) exp(-x^2), steepest at the smallest |x|."""
    model = ball.model
    mid = exact_erfc(ball.mid)
    slope = (SLOPE_OF_ERFC * np.exp(-np.square(ball.inner))).astype(mid.dtype)
    carried = np.where(ball.rad == 0, 0, ball.rad * slope * OUTWARDS)
    carried = np.minimum(carried, np.where(np.isinf(ball.rad), np.inf, 2))
    carried = carried + 64 * model.wide_unit * mid  # SciPy's own error
    size = np.abs(np.log2(np.maximum(mid, np.finfo(mid.dtype).tiny)))
    relative = model.relative("erfc") + model.relative("erfc_per_log2") * size
    return ball._round(mid, carried, relative)


# --------------------------------------------------------------------- exact balls


def _exactly(function):
    elementwise = np.frompyfunc(function, 1, 1)
    return lambda array: ExactArray(elementwise(array.values))


# ------------------------------------------------------------------------- kernels


@dataclass(frozen=True)
class EnclosedDifference:
    """An activation with expm1 inside that some platforms compute by exp(x) - 1."""

    activation: Any

    @property
    def name(self):
        return self.activation.name

    def forward(self, x):
        y = self.activation.forward(x)
        if not isinstance(x, RoundingArray) or not self._differs(x.model):
            return y
        factor = getattr(self.activation, FACTORS[self.name])
        model = x.model
        high = np.minimum(x.mid + x.rad, 0)
        # exp(x) with its error, and one rounding of a difference that is at most 1
        error = model.relative("exp") * np.exp(high) + model.unit
        rad = y.rad + factor * error * (1 + 8 * model.unit)
        return y.bounded(y.mid, np.where(x.mid - x.rad >= 0, y.rad, rad * OUTWARDS))

    def backward(self, yb, x, y):
        return self.activation.backward(yb, x, y)

    def _differs(self, model):
        return any(platform in model.platforms for platform in DIFFERENCES[self.name])


def enclose(part):
    """Return ``part``, a network or a piece of one, with its kernels enclosed."""
    if is_dataclass(part):
        inside = {f.name: enclose(getattr(part, f.name)) for f in fields(part)}
        part = replace(part, **inside)
    name = getattr(part, "name", None)
    if name in DIFFERENCES:
        return EnclosedDifference(part)
    if name in KERNELS or name in MORE_ROUNDINGS:
        return Enclosed(part)
    if name == "newton_schulz":
        return EnclosedNewtonSchulz(part)
    return part


# --------------------------------------------------------------------------- joining


def join():
    """Add all of this to the tables of the package; a second call changes nothing."""
    dispatch.UFUNCS.update(UFUNCS)
    dispatch.DispatchedArray.UNARY |= set(UFUNCS.values())
    for name, of_balls in (("expm1", expm1), ("log1p", log1p), ("erfc", erfc)):
        setattr(RoundingArray, name, of_balls)
        setattr(ExactArray, name, _exactly(getattr(arb, name)))
    bounds.ROWS = (*bounds.ROWS, *(row for row in ROWS if row not in bounds.ROWS))
    bounds.NONE_IF_MISSING = tuple({*bounds.NONE_IF_MISSING, "erfc_per_log2"})
    bounds.INVERTS_ROOT.update(INVERTS_ROOT)
    enclosed.enclose = enclose
