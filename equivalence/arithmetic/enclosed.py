"""Activations and losses that a library computes by an algorithm of its own.

The reference writes the sigmoid as 1 / (1 + exp(-x)), the softplus with a logarithm and
the softmax as a quotient; TensorFlow has kernels for them, whose errors are rows of the
rounding model.  ``enclose`` puts such a row over the reference's formula: the ball then
contains what the formula may return *and* what the kernel may return.

Its CPU kernels of elu and selu compute exp(x) - 1 where XLA and the reference have
expm1(x): there the error is one of exp(x), which is near 1, not of the difference.  And
some operations call tf.math.rsqrt where the reference divides by a root.
"""

from copy import copy
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np

from equivalence.arithmetic.aside import Aside
from equivalence.arithmetic.bounds import largest_ulp
from equivalence.arithmetic.newton_schulz import INWARDS, EnclosedNewtonSchulz
from equivalence.arithmetic.rounding import EXP_FLUSHES, OUTWARDS, RoundingArray, no_radius
from equivalence.arithmetic.two_floats import narrowed, size_of

# Activations whose kernel is a function of the rounding model, of the same name.
KERNELS = ("sigmoid", "softplus")
# Roundings that a kernel has beyond the reference's formula: Eigen multiplies the
# exponentials with the reciprocal of their sum where the formula divides.
MORE_ROUNDINGS = {"softmax": 1}
# Activations that a platform computes by exp(x) - 1, and what stands before the difference.
DIFFERENCES = {"elu": "alpha", "selu": "scale_alpha"}
BY_DIFFERENCE = ("eigen",)
# What computes anew, so that one number need not be one number wherever it is used.
REMAKES = ("xla", "all-reduce")
# Losses with tf.math.rsqrt in their Python code, by keras.ops.normalize.
CALLS_RSQRT = ("cosine_similarity",)


@dataclass(frozen=True)
class Enclosed:
    """An activation whose ``forward`` also contains the library's own kernel."""

    activation: Any

    @property
    def name(self):
        return self.activation.name

    def forward(self, x):
        if isinstance(x, Aside):
            return self._aside(x)
        if not isinstance(x, RoundingArray):
            return self.activation.forward(x)
        with np.errstate(invalid="ignore", over="ignore"):
            y = self.activation.forward(x)
            y = of_shares(y, self.activation, x) if self.name == "softmax" else y
            kernel = self._kernel(y)
            y = widen(y, y if kernel[0] is None else self._carried(x), kernel)
        return saturated(x, y) if self.name == "sigmoid" else y

    def backward(self, yb, x, y):
        xb = self.activation.backward(yb, x, y)
        if self.name != "sigmoid" or not isinstance(xb, RoundingArray):
            return xb
        return of_one_number(xb, self.activation, yb, x, y)

    def _aside(self, x):
        """Return what a kernel gives that is off by all that its row has, or the formula so."""
        y = self.activation.forward(x)
        whole, more = self._kernel(y)
        if whole is None or not np.any(whole):
            return y.moved_by(more)
        return self.activation.forward(x.exactly()).moved_by(whole, of=x)

    def _kernel(self, y):
        """Return the kernel's own relative error: of the whole, and more than the formula's."""
        model = y.model
        platforms = tuple(p for p in model.platforms if p != "numpy")
        ulp = lambda name: largest_ulp(name, platforms, model.dtype) if platforms else 0
        per_log2, factors = ulp(f"{self.name}_per_log2"), 0
        if per_log2 and not model.silent:
            factors = np.abs(np.log2(np.clip(y.inner, model.tiny, 1))) + 1
            if self.name in MORE_ROUNDINGS:  # of the sum, in the mean at most log2 of its length
                factors = factors + np.log2(y.shape[-1])
        if self.name in MORE_ROUNDINGS:
            return None, 2 * model.unit * (MORE_ROUNDINGS[self.name] + per_log2 * factors)
        return 2 * model.unit * (ulp(self.name) + per_log2 * factors), 0

    def _carried(self, x):
        with x.model.propagation_only():
            return self.activation.forward(x)


def widen(y, carried, kernel):
    """Return ``y`` widened to what a kernel may return.

    carried: the same ball with the operands' radii only.
    kernel: (relative error of the whole kernel or None, relative error more).
    """
    whole, more = kernel
    rad = y.rad + more * y.outer
    if whole is not None:
        moved = size_of(y.mid - carried.mid)
        rad = np.maximum(rad, moved + carried.rad + whole * carried.outer + y.model.tiny)
    return y.bounded(y.mid, rad * OUTWARDS)


def of_one_number(xb, sigmoid, yb, x, y):
    """Return the balls xb of yb y (1 - y), as narrow as one y allows (L2').

    Balls forget that y and 1 - y are made of one number, so that what y carries counts twice.
    """
    yb, y = (xb.lift(ball) for ball in (yb, y))
    model, mid = y.model, narrowed(y.mid)
    if y.is_exact or any(compiler in REMAKES for compiler in model.compilers):
        return xb
    # No number that is exact: 1 - y rounds unless y is the midpoint.
    point = y._same(y.mid, np.abs(mid) * model.wide_unit)
    rounded = sigmoid.backward(yb, x, point)
    carried = yb.outer * y.rad * (size_of(1 - 2 * y.mid) + y.rad)
    rad = (rounded.rad + carried * (1 + 8 * model.unit)) * OUTWARDS
    known = (4 * y.rad <= np.minimum(mid, 1 - mid)) & (xb.inner >= 4 * model.normal)
    same = size_of(rounded.mid - xb.mid) == 0
    narrow = known & same & (rad < xb.rad)
    found = copy(xb)
    found.rad = np.where(narrow, rad, xb.rad)
    return found


def of_shares(y, softmax, x):
    """Return the balls y of a softmax, as narrow as the shares of the x can be (L13').

    Balls forget that the largest x is one of the x, and each power one of those in the sum.
    """
    if x.is_exact or x.model.silent:
        return y
    model, rad, share = x.model, np.minimum(x.rad, 64), narrowed(y.mid)
    # A radius that is none, but for which a difference would be taken to be exact.
    point = x._same(x.mid, np.full(x.shape, model.wide_unit))
    rounded = softmax.forward(point)
    more, less = np.expm1(rad), np.expm1(-rad)
    # The share of x is y e^d / sum y_j e^d_j: the largest where d is r and all others are -r.
    raised = np.sum(share * more, axis=-1, keepdims=True)
    lowered = np.sum(share * less, axis=-1, keepdims=True)
    above = (1 + more) / (1 + lowered + share * (more - less)) - 1
    below = 1 - (1 + less) / (1 + raised - share * (more - less))
    # What no sum feels need not be near: a score that is masked by 1e9 has a radius of 64.
    felt = share * (1 + more) >= 2.0**-80
    apart = np.max(np.where(felt, x.rad, 0), axis=-1, keepdims=True) + x.rad
    slack = 64 * model.format.radius_unit + 4 * model.unit * apart
    narrow = (rounded.rad + rounded.outer * (np.maximum(above, below) + slack)) * OUTWARDS
    near = felt & (apart <= 2.0**-4) & np.all(x.rad <= 64, axis=-1, keepdims=True)
    same = size_of(rounded.mid - y.mid) == 0
    known = near & same & (y.inner >= 8 * model.normal) & (narrow < y.rad)
    found = copy(y)
    found.rad = np.where(known, narrow, y.rad)
    return found


def saturated(x, y):
    """Return the sigmoid's balls with those closed in which exp(-x) overflows.

    There 1 / (1 + inf) is 0 by IEEE arithmetic, and a kernel may return anything
    from 0 to the exact value, which is below exp(x), or flush it.
    """
    model = y.model
    top = np.log(model.largest) - 1
    high = x.mid + x.rad
    overflows = (x.mid - x.rad < -top) & (high < 0)
    bound = narrowed(np.exp(np.where(overflows, high, 0))) * (1 + 16 * model.unit) + 2 * model.tiny
    mid = np.where(overflows, bound / 2, y.mid)
    return RoundingArray(mid, np.where(overflows, bound / 2 * OUTWARDS, y.rad), model)


@dataclass(frozen=True)
class EnclosedDifference:
    """An activation with expm1 inside that some platforms compute by exp(x) - 1."""

    activation: Any

    @property
    def name(self):
        return self.activation.name

    def forward(self, x):
        y = self.activation.forward(x)
        if not isinstance(x, RoundingArray) or not set(BY_DIFFERENCE) & set(x.model.platforms):
            return y
        factor = x.lift(getattr(self.activation, DIFFERENCES[self.name])).outer
        model = x.model
        high = np.minimum(x.mid + x.rad, 0)
        # exp(x) with its error, and one rounding of a difference that is at most 1
        error = model.relative("exp") * narrowed(np.exp(high)) + model.unit
        rad = y.rad + factor * error * (1 + 8 * model.unit)
        return y.bounded(y.mid, np.where(x.mid - x.rad >= 0, y.rad, rad * OUTWARDS))

    def backward(self, yb, x, y):
        return self.activation.backward(yb, x, y)


@dataclass(frozen=True)
class EnclosedInverseRoot:
    """A loss that takes the inverse of a root by a function of its own."""

    loss: Any

    @property
    def name(self):
        return self.loss.name

    def forward(self, O, *others):
        return self._calling(self.loss.forward, O, *others)

    def backward(self, O, *others):
        return self._calling(self.loss.backward, O, *others)

    def _calling(self, method, O, *others):
        if not isinstance(O, RoundingArray):
            return method(O, *others)
        with O.model.calling("rsqrt"):
            return method(O, *others)


@dataclass(frozen=True)
class EnclosedLogSumExp:
    """A logarithm of a sum of exponentials, with the largest number as the constant it is (L13).

    Balls forget that the largest x is one of the x: subtracted and added again, its radius
    would count three times, and again at the next step of a recursion.
    """

    log_sum_exp: Any

    def forward(self, x):
        if not isinstance(x, RoundingArray):
            return self.log_sum_exp.forward(x)
        powers, largest, apart = self._powers(x)
        y = np.log(np.sum(powers, axis=-1)) + largest
        if x.model.silent:
            return y
        moved = (x.model.relative("log") + 2 * x.model.unit) * apart[..., 0]
        return y.bounded(y.mid, y.rad + moved * OUTWARDS)

    def backward(self, yb, x, y):
        if not isinstance(x, RoundingArray):
            return self.log_sum_exp.backward(yb, x, y)
        powers, _, _ = self._powers(x)
        share = yb * (1 / np.sum(powers, axis=-1))
        return share[..., None] * powers

    def _powers(self, x):
        """Return exp(x - m), m, and how far the largest x may be from m, a number near it.

        An implementation subtracts a number that is so far from m: the difference rounds,
        also where x - m would not, and what is flushed is as much larger.
        """
        model, middle, (low, high) = x.model, x.mid.max(axis=-1, keepdims=True), x._ends()
        low, high = low.max(axis=-1, keepdims=True), high.max(axis=-1, keepdims=True)
        apart = narrowed(np.maximum(high - middle, middle - low))
        largest = RoundingArray(middle, np.zeros_like(middle), model)
        shifted = x - largest
        if not model.silent:
            rounded = np.where(apart > 0, model.unit * (shifted.outer + apart), 0)
            shifted = RoundingArray(shifted.mid, (shifted.rad + rounded) * OUTWARDS, model)
        powers = np.exp(shifted)
        with np.errstate(over="ignore"):
            flushed = (EXP_FLUSHES + 1) * model.tiny * np.expm1(apart)
        if not model.silent:
            powers = powers.bounded(powers.mid, (powers.rad + flushed) * OUTWARDS)
        return powers, largest[..., 0], apart


class EnclosedNormalization:
    """A normalization whose mean m and root r are one number each wherever they are used (L13'').

    It stands before the class of the layer.  Balls forget it: far from 0 the error of r
    would count in x r as well as in m r, and on the way back in all three terms.
    """

    def folded(self, weights, x, mean, r, counts=None):
        y, kept = super().folded(weights, x, mean, r, counts)
        if not _are_one_number(mean, r, (x, *weights)):
            return y, kept
        gamma, _ = self.gamma_and_beta(weights)
        at = _Moments(x, mean, r, gamma)
        operation = lambda mean, r: super(EnclosedNormalization, self).folded(weights, x, mean, r)
        return _as_narrow(y, lambda *each: operation(*each)[0], (mean, r), at.forth()), kept

    def normalize_back(self, weights, kept, yb, of_x=True):
        xb, gradients = super().normalize_back(weights, kept, yb, of_x)
        x, mean, r, _, counts = kept
        known = of_x and counts is None and _are_one_number(mean, r, (x, yb, *weights))
        if not known:
            return xb, gradients
        gamma, _ = self.gamma_and_beta(weights)
        at = _Moments(x, mean, r, gamma)

        def operation(mean, r):
            _, kept = super(EnclosedNormalization, self).folded(weights, x, mean, r)
            return super(EnclosedNormalization, self).normalize_back(weights, kept, yb)[0]

        carried = at.back(yb, self.over, self.count(x))
        return _as_narrow(xb, operation, (mean, r), carried), gradients


def _are_one_number(mean, r, others):
    """Say whether what a normalization has beside its moments is exact, and these are not."""
    if not isinstance(r, RoundingArray) or (mean.is_exact and r.is_exact):
        return False
    compilers = r.model.compilers
    return all(ball.is_exact for ball in others) and not any(c in REMAKES for c in compilers)


class _Moments:
    """How far a normalization's results are apart for any m and r in their balls (L13'').

    Each is a bound of its own formula's, with what its own evaluation rounds.
    """

    def __init__(self, x, mean, r, gamma):
        self.x, self.m, self.r = (narrowed(ball.mid) for ball in (x, mean, r))
        self.of_m, self.of_r = mean.rad, r.rad
        self.gamma = 1.0 if gamma is None else narrowed(gamma.mid)
        self.apart = self.x - self.m
        self.size = np.abs(self.x) + np.abs(self.m)
        self.unit = x.model.format.radius_unit
        self.largest = self.r + self.of_r

    def forth(self):
        """Return it for x r gamma + (beta - m r gamma)."""
        apart = np.abs(self.apart) + 16 * self.unit * self.size
        return np.abs(self.gamma) * (self.of_r * apart + self.largest * self.of_m)

    def back(self, yb, over, n):
        """Return it for what flows back to the x of n numbers, with A and S as the lemma has them.

        over: the axes of the moments.
        """
        total = lambda values: np.sum(values, axis=over, keepdims=True)
        a, r, of_m, of_r = narrowed(yb.mid) * self.gamma, self.r, self.of_m, self.of_r
        A, S = total(a), total(a * self.apart)
        sizes = np.abs(a), total(np.abs(a)), total(np.abs(a) * self.size)
        rounds = (n + 16) * self.unit
        by_r = np.abs(a - A / n - 3 * r * r * S * self.apart / n)
        by_r = by_r + rounds * (sizes[0] + (sizes[1] + 3 * r * r * sizes[2] * self.size) / n)
        by_m = np.abs(A * self.apart + S) + rounds * (sizes[1] * self.size + sizes[2])
        square = sizes[2] * self.size / n * (3 * r + of_r) * of_r * of_r
        by_m = self.largest**3 / n * of_m * (by_m + sizes[1] * of_m)
        return by_r * of_r + square + by_m


def _as_narrow(y, operation, moments, carried):
    """Return the balls y, as narrow as what they carry of m and r allows.

    operation: makes them of m and r, by sums and products: what it rounds is its radius less
        what its operands carry, as in Newton-Schulz' steps (L11).
    carried: what m and r do carry.
    """
    model = y.model
    ours = [y._same(ball.mid, ball.rad) for ball in moments]
    points = [y._same(ball.mid, no_radius(ball.rad)) for ball in moments]
    with model.symmetric_balls():
        honest = operation(*ours)
        with model.propagation_only():
            both, own = operation(*ours), operation(*points)
    rounded = np.maximum(honest.rad - both.rad * INWARDS, 0)
    rad = (rounded + own.rad + carried) * model.outwards(64)
    narrow = (rad < y.rad) & np.isfinite(y.rad) & (size_of(own.mid - y.mid) == 0)
    found = copy(y)
    found.rad = np.where(narrow, rad, y.rad)
    return found


# What encloses a part of this name.
ENCLOSED = {
    **dict.fromkeys((*KERNELS, *MORE_ROUNDINGS), Enclosed),
    **dict.fromkeys(DIFFERENCES, EnclosedDifference),
    **dict.fromkeys(CALLS_RSQRT, EnclosedInverseRoot),
    "newton_schulz": EnclosedNewtonSchulz,
    "log_sum_exp": EnclosedLogSumExp,
}


def enclose(part):
    """Return ``part``, a network, an optimizer or a piece of one, with kernels enclosed.

    So are the parts of its parts: a SiLU has a sigmoid inside.
    """
    if isinstance(part, tuple):
        return tuple(enclose(each) for each in part)
    if is_dataclass(part):
        inside = {f.name: enclose(getattr(part, f.name)) for f in fields(part)}
        part = replace(part, **inside)
    if hasattr(part, "normalize_back") and not isinstance(part, EnclosedNormalization):
        return standing_before(part, EnclosedNormalization)
    around = ENCLOSED.get(getattr(part, "name", None))
    return around(part) if around else part


def standing_before(part, kind):
    """Return a part with a class before its own in the line of inheritance, by the same name."""
    both = type(type(part).__name__, (kind, type(part)), {})
    return both(**{field.name: getattr(part, field.name) for field in fields(part)})


def with_balls(part, model):
    """Return an optimizer, or a piece of one, with its hyperparameters as balls.

    What is no dataclass, as a model of a defect may be, makes balls of its own.
    """
    if not is_dataclass(part):
        return part
    balls = {field.name: _ball(getattr(part, field.name), model) for field in fields(part)}
    return replace(part, **balls)


def _ball(value, model):
    """Return a number as a ball; a count, a choice or a position stays what it is."""
    if isinstance(value, float):
        return model.decimal(value)
    if isinstance(value, tuple):
        return tuple(_ball(v, model) for v in value)
    return with_balls(value, model)
