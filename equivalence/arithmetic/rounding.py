"""Rounding balls: everything that an honest float implementation may return.

A ball is a midpoint and a radius.  The midpoint is computed in a wider format
than the run's (float64 for float32, extended precision or sums of two floats for
float64: ``midpoints``), and each operation

1. carries the radii of its operands to its result, outwards, and
2. adds what one rounding at the working precision may do, by the rounding model.

If the operands' balls contain the operands of an implementation, the result's
ball contains its result: by induction over the operations of a training step
its ball contains every honest implementation's.  ``docs/design.md`` has the
proof, operation by operation; the comments here name its lemmas (L1) ... (L12).

A ball that cannot be bounded, because a divisor may be 0 or a value may overflow, has
an infinite radius, and the model notes why.
"""

from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np

from equivalence.arithmetic import bounds, library, products, special
from equivalence.arithmetic.bounds import largest_ulp
from equivalence.arithmetic.decision import Decision, Undecided
from equivalence.arithmetic.dispatch import DispatchedArray
from equivalence.arithmetic.history import (
    Factor,
    Factors,
    Origin,
    Product,
    Term,
    as_product,
    together,
)
from equivalence.arithmetic.midpoints import midpoint_format
from equivalence.arithmetic.precisions import precision_of
from equivalence.arithmetic.two_floats import TwoFloats, narrowed, size_of, sums_exactly

# Radii are sums and products of at most a dozen non-negative floats of their
# format, each within a few of its units; this factor owns their own
# rounding (L9).  ``Model.outwards`` is the one for sums of many.
OUTWARDS = 1 + 2.0**-45
# What the midpoint's own rounding may be, in units of the midpoint's format: 8 for a
# library function of up to 4 ULP (SVML), 2 for what follows it.
OWN_UNITS = 10
# Above so many times the smallest normal number of the midpoints' format, what an underflow of
# theirs costs is less than 2^-47 of OWN_UNITS, of which OUTWARDS has four times as much.
ABSORBS = 2.0**110
# oneDNN's vector exp scales by 2^(n-1) and doubles: below 2 tiny it gives 0.  Seen as
# tf.nn.softmax([0, -87.2]) = [1, 0], where the exact second value is 1.35e-38.
EXP_FLUSHES = 2

# fdlibm, and glibc before 2.35, in e_hypot.c: "error less than 1 ulps"; since then a root
# that is corrected once, which is better (Borges 2021, "Algorithm 1014", ACM TOMS 47:9).
HYPOT_ULP = 1

# TF32 has 10 bits of fraction.  A tensor core takes the upper 19 bits of a float32: the
# operand is rounded to nearest where the library converts it first (cvt.rna.tf32.f32) and
# cut off where it does not (NVIDIA, "NVIDIA A100 Tensor Core GPU Architecture", 2020, p. 27;
# PTX ISA, cvt and mma).  Cut off, it loses less than 2^-10 of itself.
TF32_LOSS = 2.0**-10
# Tensor cores add in float32 with truncation instead of rounding (Fasi, Higham, Mikaitis
# and Pranesh 2021, "Numerical behavior of NVIDIA tensor cores", PeerJ CS 7:e330): an
# error of 2 u an addition, where rounding has u.  Taken for all sums of such a run.
TF32_ADDS = 2


@dataclass
class Model:
    """The rounding model of one run: a working precision and its platforms.

    dtype: the name of a row of ``precisions``, the working precision.
    platforms: whose library functions may be at work, for example
        ("numpy", "eigen"); the largest error among them counts.
    compilers: which graph compilers rewrote the program, of "grappler", "xla",
        "cuda"; what each does is in ``bounds``, from ``JOINS_ADDEND`` on.
    notes: why radii became infinite, in order of appearance, filled by the run.
    undecided: how many comparisons rounding decides, counted by the run; both answers are
        in the balls.
    tf32: the operands of float32 matmuls may be rounded to TF32; see ``TF32_LOSS``.
    """

    dtype: str
    platforms: tuple = ("numpy", "eigen")
    compilers: tuple = ()
    notes: list = field(default_factory=list)
    undecided: int = 0
    silent: bool = False  # inside ``propagation_only``
    symmetric: bool = False  # inside ``symmetric_balls``
    tf32: bool = False
    # No partial sum overflowed, as is known of a sum that is a number (L18').
    finite_sums: bool = False

    @cached_property
    def unit(self):
        """u: half the distance from 1 to the next float; 2^-24 or 2^-53."""
        return precision_of(self.dtype).unit

    @cached_property
    def normal(self):
        """The smallest normal float: below it rounding is not relative."""
        return precision_of(self.dtype).tiny

    @cached_property
    def tiny(self):
        """What a result below ``normal`` may lose: all of it, by flushing (L8), or less (L18)."""
        return precision_of(self.dtype).lost

    @cached_property
    def largest(self):
        return precision_of(self.dtype).largest

    @cached_property
    def format(self):
        """The Format of the midpoints and radii."""
        return midpoint_format(self.dtype)

    @cached_property
    def largest_whole(self):
        """Up to which sums of whole numbers are exact as computed in the radius's format (L6').

        A radius that has no more bits than the run rounds 1 / u + 1 to 1 / u.
        """
        return 1 / self.unit - (self.format.radius_unit >= self.unit)

    @cached_property
    def largest_sum(self):
        """What magnitudes may sum to, as computed, without a partial sum that overflows (L5).

        2^-20 owns the rounding of 2^33 terms, where the radius has no more bits than the run.
        """
        return self.largest * (1 - 2.0**-20 * (self.format.radius_unit >= self.unit))

    @cached_property
    def wide(self):
        return self.format.kind

    @cached_property
    def wide_unit(self):
        return self.format.unit

    def does(self, rewrite):
        """Say whether a compiler at work rewrites so; ``rewrite`` is a table of ``bounds``."""
        return any(compiler in rewrite for compiler in self.compilers)

    def relative(self, function):
        """Return the largest relative error of one call of ``function``.

        An error of k ULP is at most 2 k u relative, since the spacing of floats
        at y is at most 2 u |y|.
        """
        return 2 * self.unit * largest_ulp(function, self.platforms, self.dtype)

    def gamma(self, n):
        """Return n u / (1 - n u), Higham 2002, Lemma 3.1; with TF32 n stands for 2 n.

        From n u = 1/2 on, as half precision has it for some hundreds of roundings, (1 + u)^n - 1.
        """
        n = n * (TF32_ADDS if self.tf32 else 1)
        share = n * self.unit
        few = share / (1 - np.minimum(share, 0.5))
        if np.max(share, initial=0) < 0.5:
            return few
        return np.where(share < 0.5, few, np.expm1(share) * OUTWARDS)

    def gamma_of_sum(self, n):
        """Return ``gamma``, and n u where that is 1/2 or more, for sums to nearest (L18).

        Jeannerod and Rump 2013, "Improved error bounds for inner products in floating-point
        arithmetic", SIAM J. Matrix Anal. Appl. 34:2: n u, in any order and of any length.
        """
        share = n * self.unit
        if self.tf32 or np.max(share, initial=0) < 0.5:
            return self.gamma(n)
        return np.where(share < 0.5, self.gamma(n), share)

    def rounds_in_sum(self, terms, magnitude, size):
        """Return what the additions of a sum may round, in any order (L5).

        terms: how many are not 0, or the ``gammas`` of them. magnitude: the sum of |t|.
        size: what |sum| is at most.
        """
        of_each, half = self.gammas(terms)
        largest = magnitude * half
        largest += size / 2
        return largest * of_each

    def gammas(self, terms):
        """Return the Gammas of sums of so many terms that are not 0."""
        if isinstance(terms, products.Gammas):
            return terms
        if np.ndim(terms) == 0:
            of_each = self.gamma_of_sum(max(terms - 1, 0))
            return products.Gammas(of_each, 0.5 + self.gamma_of_sum(terms))
        most = np.max(terms, initial=0)
        table = self.gamma_of_sum(np.maximum(np.arange(-1.0, most), 0))
        return products.Gammas(table[terms], 0.5 + self.gamma_of_sum(most))

    def rounds_in_products(self, terms, magnitude, size):
        """The same of a sum of products, each of which may round before it is added (L4)."""
        rounding = self.rounds_in_sum(terms, magnitude, size)
        rounding += self.gamma(1) * magnitude
        return rounding

    def rounds_in_pieces(self, terms, magnitude, carried, mid):
        """Return the radius of a sum of products and of sums of them, taken in pieces (L5'')."""
        rad = carried + self.wide_gamma(terms + 1) * magnitude
        if not self.silent:
            rad = rad + self.rounds_in_products(terms, magnitude, size_of(mid) + rad)
            rad = rad + 2 * terms * self.tiny
        return rad * self.outwards(terms)

    def wide_gamma(self, n):
        return n * self.wide_unit / (1 - n * self.wide_unit)

    def radius_gamma(self, n):
        return n * self.format.radius_unit / (1 - n * self.format.radius_unit)

    def outwards(self, n):
        """Return the factor that owns the rounding of radii that are sums of n terms.

        Every term is at least 0 and a product of two factors, one of them a sum of two:
        what was computed is at least 1 - gamma(n + 8) of the true radius, in units w of
        the radius's format, in whatever order it was summed.  With F = 1 + 2^-45 +
        gamma(n + 2),

            F (1 - gamma(n + 8)) >= 1 + 2^-45 - 7 w - (gamma(n + 8) + 2^-45) gamma(n + 8),

        which is above 1, with room for the rounding of F and of the product by it, as
        long as gamma(n + 8)^2 is below 2^-46: for w = 2^-53, up to n = 2^29.  ``OUTWARDS``
        alone ends at n = 250.
        """
        return OUTWARDS + self.radius_gamma(n + 2)

    @cached_property
    def wide_tiny(self):
        """The smallest normal number of the midpoints: what their underflow may cost."""
        return self.format.tiny

    def note(self, why):
        if why not in self.notes:
            self.notes.append(why)

    def anew(self):
        """Return the same model with nothing noted, for a thread of its own."""
        other = copy(self)
        other.notes, other.undecided = [], 0
        return other

    def take_notes(self, other):
        """Note what another noted, and count the comparisons that were undecided there."""
        for why in other.notes:
            self.note(why)
        self.undecided += other.undecided

    @contextmanager
    def propagation_only(self):
        """Within, radii are only carried: no rounding at the working precision."""
        before, self.silent = self.silent, True
        try:
            yield
        finally:
            self.silent = before

    @contextmanager
    def symmetric_balls(self):
        """Within, a radius is what the lemmas add up to, also where the sign is known."""
        before, self.symmetric = self.symmetric, True
        try:
            yield
        finally:
            self.symmetric = before

    def on_one_side(self, mid, rad, one_sign):
        """Return balls without the part beyond 0, where all results have one sign (L8').

        No rounding takes a number to the other side of 0, nor does flushing: from 0 to the
        farther end is a ball that holds the same results, and its root is a number.
        """
        if self.symmetric:
            return mid, rad
        crossing = one_sign & (rad > np.abs(mid)) & np.isfinite(rad)
        if not crossing.any():
            return mid, rad
        half = (size_of(mid) + rad) * (OUTWARDS / 2)
        middle = np.copysign(half, narrowed(mid))
        return np.where(crossing, middle, mid), np.where(crossing, half, rad)

    @contextmanager
    def calling(self, function):
        """Within, the operation itself calls a function that compilers put in elsewhere."""
        before, self.compilers = self.compilers, (*self.compilers, function)
        try:
            yield
        finally:
            self.compilers = before

    def array(self, values):
        """Return floats as balls: exact, but for subnormals, which may be flushed."""
        mid = self.format.of(values)
        given = getattr(values, "dtype", None) == precision_of(self.dtype).dtype
        # Half as much memory to go through; half precision's arithmetic is slow.
        floats = values if given and self.dtype in ("float32", "float64") else mid
        ball = RoundingArray(mid, self._flushed(mid, floats), self)
        if not np.isfinite(floats).all():
            ball = ball._finite()
        ball.given = given
        return ball

    def _flushed(self, mid, floats):
        """Return the radius of floats: 0, but for what may be flushed to 0 (L8).

        floats: the midpoints, in whatever format.
        """
        size = size_of(floats)
        small = size < size.dtype.type(self.tiny)
        if small.any() and size[small].any():
            return np.where(small, size_of(mid), 0)
        return no_radius(narrowed(mid))

    def decimal(self, value):
        """Return a hyperparameter as a ball: the number, or its nearest float (L7)."""
        mid = self.format.of(value)
        exact = mid == mid.astype(precision_of(self.dtype).dtype)
        nearest = np.where(exact, 0, self.unit * size_of(mid))
        return RoundingArray(mid, np.maximum(nearest, self._flushed(mid, mid)), self)._finite()


def no_radius(like):
    """Return the radii of exact balls: one 0 that stands in all places, and is in memory once.

    Operations know it by that, and leave out what an exact operand cannot carry.
    """
    return np.broadcast_to(np.zeros((), like.dtype), like.shape)


class RoundingArray(DispatchedArray):
    """An array of balls under one Model; see the module's docstring."""

    given = False  # whether all midpoints are floats of the run, as they were given
    # What a compiler may rewrite together with the next operation.
    _product = None  # of a matmul, what returns its Product, for an addition that joins its sum
    terms = None  # of a sum, for an addition in another order
    signed = None  # of sums and differences, for a constant that goes elsewhere
    factors = None  # of a product, for a constant that goes elsewhere
    origin = None
    added = None  # of a sum or matmul, what returns its Product: for a sum of its terms and more
    stacked = None  # of a stack, the balls in it, and how they were joined
    # What bounds the sign of an addition: of b - a both, and of a share of it as well.
    difference = None
    share = None

    def __init__(self, mid, rad, model):
        if model.wide is TwoFloats:
            mid, rad = TwoFloats.of(mid), np.asarray(narrowed(rad), np.float64)
        self.mid = mid
        self.rad = rad
        self.model = model

    # ------------------------------------------------------------- the frame

    def lift(self, value):
        """Return ``value`` as balls: a number by its nearest float, a Decision as 1 or 0."""
        if isinstance(value, RoundingArray):
            return value
        if isinstance(value, Decision):
            return self.where(value, self.model.decimal(1), self.model.decimal(0))
        return self.model.decimal(value)

    @property
    def shape(self):
        return self.mid.shape

    @property
    def dtype(self):
        """The working precision: of what the balls enclose."""
        return precision_of(self.model.dtype).dtype

    @property
    def product(self):
        return self._product and self._product()

    @property
    def is_exact(self):
        """Whether the radii are ``no_radius``; false of others that are 0, too."""
        return not any(self.rad.strides) and self.rad.size > 0 and self.rad.flat[0] == 0

    def _moved(self, move):
        """Return the same numbers in another shape: roots stay roots."""
        mid = move(self.mid)
        moved = self._same(mid, no_radius(narrowed(mid)) if self.is_exact else move(self.rad))
        moved.given = self.given
        moved.terms = self.terms and self.terms.moved(move)
        moved.signed = self.signed and self.signed.moved(move)
        moved.factors = self.factors and self.factors.moved(move)
        moved.origin = self.origin and self.origin.moved(move)
        added = self.added
        moved.added = added and (lambda: added().moved(move))
        return moved

    def _joined(self, arrays, join):
        mid = join([a.mid for a in arrays])
        exact = all(a.is_exact for a in arrays)
        rad = no_radius(narrowed(mid)) if exact else join([a.rad for a in arrays])
        joined = self._same(mid, rad)
        joined.given = all(a.given for a in arrays)
        added = [a.added for a in arrays]
        if all(added):
            joined.added = lambda: together([of() for of in added], join)
        if mid.ndim > self.mid.ndim and any(added):
            joined.stacked = arrays, join
        return joined

    def astype(self, dtype):
        """Return whole numbers as integers of NumPy; raise ValueError for others."""
        if (self.rad != 0).any() or (self.mid != np.floor(self.mid)).any():
            raise Undecided("a number that is used as an index is not known to be whole")
        return self.mid.astype(dtype)

    def nearest(self):
        """Return the balls rounded once to the working precision, as a cast to it does (L18)."""
        exact = (self.rad == 0) & self._representable(self.mid)
        return self._round(self.mid, self.rad, self.model.unit, exact | self._zero)

    def _from(self, name, *operands):
        """Return this ball, marked as made by an operation of these operands."""
        self.origin = Origin(name, tuple(x._broadcast(self.shape) for x in operands))
        return self

    def _broadcast(self, shape):
        return self._same(np.broadcast_to(self.mid, shape), np.broadcast_to(self.rad, shape))

    def _made_by(self, name):
        return self.origin is not None and self.origin.name == name

    def _is_constant(self):
        """Say whether all elements are one number, so that it may be a constant to a compiler."""
        if self.mid.size == 0 or self.mid.flat[0] != self.mid.flat[-1]:
            return False
        return bool((self.mid == self.mid.flat[0]).all())

    def _is(self, number):
        """Say whether every element is exactly that number."""
        if self.mid.size == 0 or self.mid.flat[0] != number:
            return False
        return bool(((self.mid == number) & (self.rad == 0)).all())

    def _same(self, mid, rad):
        return RoundingArray(mid, rad, self.model)

    def ones_like(self):
        return self._same(np.ones_like(self.mid), no_radius(self.rad))

    def zeros_like(self):
        return self._same(np.zeros_like(self.mid), no_radius(self.rad))

    def _finite(self):
        """Return the balls; unbounded where the number given is infinite or NaN."""
        if np.isfinite(self.mid).all():
            return self
        self.model.note("a number that is infinite or NaN")
        rad = np.where(np.isfinite(self.mid), self.rad, np.inf)
        return self._same(np.where(np.isfinite(self.mid), self.mid, 0), rad)

    @property
    def _zero(self):
        """Where a ball is exactly 0."""
        return (self.mid == 0) if self.is_exact else (self.mid == 0) & (self.rad == 0)

    @property
    def _has_sign(self):
        """Where a ball lies on one side of 0, which may belong to it."""
        return np.abs(self.mid) >= self.rad

    @property
    def _positive(self):
        """Where no number of a ball is below 0."""
        return self.mid >= self.rad

    def _positive_where(self, known):
        """Return the balls cut at 0 where ``known()`` says that nothing is below it (L8')."""
        if self.is_exact or not (self.rad > np.abs(self.mid)).any():
            return self
        cut = copy(self)  # with all that it remembers
        cut.mid, cut.rad = self.model.on_one_side(self.mid, self.rad, known())
        moved, added = size_of(cut.mid - self.mid), self.added
        product = self._product
        cut._product = product and (lambda: product().around(moved))
        cut.added = added and (lambda: added().around(moved))
        return cut

    @property
    def outer(self):
        """The largest magnitude in each ball."""
        return size_of(self.mid) if self.is_exact else size_of(self.mid) + self.rad

    @property
    def inner(self):
        """The smallest magnitude in each ball."""
        if self.is_exact:
            return size_of(self.mid)
        return np.maximum(narrowed(np.abs(self.mid) - self.rad), 0)

    def _round(self, mid, carried, relative, exact=False, smallest=1, one_sign=None):
        """Close an operation: one rounding at the working precision.

        carried: the radius that the operands bring along.
        relative: the operation's largest relative error.
        exact: where the exact result is a float, which no rounding moves (L6).
        smallest: what may be flushed to zero lies below so many ``tiny`` (L8).
        one_sign: a function that says where the operands leave no doubt about the result's
            sign (L8').
        """
        model, size = self.model, size_of(mid)
        largest = np.max(size, initial=0)
        relative = 0.0 if model.silent else relative
        own = model.wide_unit * OWN_UNITS
        carried = narrowed(carried)
        rad = size * ((own + relative) * OUTWARDS)
        if np.ndim(carried) or carried:
            rad += carried * ((1 + relative) * OUTWARDS)
        floor = 0.0 if model.silent else smallest * model.normal
        if floor < model.wide_tiny * ABSORBS:
            rad += model.wide_tiny * OUTWARDS
        if model.wide is TwoFloats:
            size *= 1 - 4 * model.format.radius_unit  # not above the midpoint
        size -= rad
        small = size < floor  # what may be flushed, or has an end beyond 0
        if np.any(exact):
            small, rad = small & ~np.asarray(exact), np.where(exact, carried, rad)
        if small.any():
            lost = 0.0 if model.silent else smallest * model.tiny
            rad = np.where(small, rad + lost, rad)  # (L8)
            size = size_of(mid)
            computed = size * own + model.wide_tiny + carried
            known = size >= computed * OUTWARDS
            known = known if one_sign is None else known | one_sign()
            mid, rad = model.on_one_side(mid, rad, known)
        if 2 * largest > model.largest and np.all(relative <= model.unit):
            (mid, rad), largest = self._below_infinity(mid, rad, carried), None
        return self.bounded(mid, rad, largest)

    def _below_infinity(self, mid, rad, carried):
        """Cut balls on one side of 0 at the largest float, which one rounding does not pass (L1'').

        carried: the radius of what is rounded.
        """
        model, size = self.model, narrowed(size_of(mid))
        beyond = (size + rad > model.largest) & (rad < size / 2)
        if not np.any(beyond) or model.format.radius_unit >= model.unit:
            return mid, rad
        own = OWN_UNITS * model.wide_unit + 8 * model.format.radius_unit  # (L9)
        before = (size + carried) * (1 + np.asarray(own, size.dtype))
        last = model.largest + np.asarray(model.largest, size.dtype) * (model.unit / 2)
        beyond = beyond & (before <= last)
        # Both ends are floats whose exponents are at most two apart: half their distance is exact.
        float_kind = np.float64 if model.dtype == "float64" else np.float32
        low = np.nextafter(np.where(beyond, size - rad, 0).astype(float_kind), float_kind(0))
        half = (model.largest - low.astype(model.format.radius)) / 2
        middle = np.where(narrowed(mid) < 0, half - model.largest, model.largest - half)
        return np.where(beyond, middle, mid), np.where(beyond, half, rad)

    def bounded(self, mid, rad, largest=None):
        """Return the balls; give an infinite radius to what is not a number or may overflow.

        largest: of the midpoints' magnitudes, where it is known.
        """
        middle, rad = narrowed(mid), narrowed(rad)
        if largest is None:
            largest = max(np.max(middle, initial=0), -np.min(middle, initial=0))
        if not largest + np.max(rad, initial=0) <= self.model.largest:
            bad = ~(
                size_of(mid) + rad <= (np.inf if self.model.finite_sums else self.model.largest)
            )
            if (np.isfinite(rad) & bad).any() or (bad.any() and self._overflowed(rad)):
                self.model.note("overflow")
            mid, rad = np.where(bad, 0, mid), np.where(bad, np.inf, rad)
        return self._same(mid, rad)

    def _overflowed(self, rad):
        """Say whether a radius is infinite because midpoints have no more range than the run.

        Their overflow is the run's; an operand that was infinite has left a note before.
        """
        return self.model.wide is TwoFloats and not self.model.notes and np.isinf(rad).any()

    def _representable(self, mid):
        """Say where a midpoint is a normal float of the working precision."""
        back = mid.astype(self.dtype)
        return (back == mid) & (size_of(mid) >= self.model.tiny)

    # ---------------------------------------------------------- IEEE operations

    def add(a, b):
        total = a._plus(b)
        if a.model.does(bounds.REORDERS_SUMS) and not total._product:
            terms = a._terms() + b._terms()
            total = total._in_any_order(terms)._with_constants(a, b)
            total.terms = terms
        if a.model.does(bounds.KNOWS_EXPM1) and (a._is(1) or b._is(1)):
            total._from("add 1", a if b._is(1) else b)
        return total._mean_of(a, b)._mean_of(b, a)

    def _mean_of(self, start, share):
        """Return start + (other - start) c, cut at 0 where neither is below it (L8'').

        ``share`` is that product, if it is one, with 0 <= c <= 1.
        """
        if share.share is None or share.share[1] is not start:
            return self
        other, _ = share.share
        return self._positive_where(lambda: start._positive & other._positive)

    def _plus(a, b):
        model = a.model
        if model.does(bounds.JOINS_ADDEND) and (a._product or b._product):
            return a._join(b) if a._product else b._join(a)

        def same_sign():
            signs = np.sign(a.mid) * np.sign(b.mid)  # the midpoints' product may underflow
            return a._has_sign & b._has_sign & (signs >= 0)

        mid = a.mid + b.mid
        if a.is_exact and b.is_exact:
            carried, exact = 0.0, np.True_
        else:
            carried = b.rad if a.is_exact else a.rad if b.is_exact else a.rad + b.rad
            exact = carried == 0
        if exact.any():
            exact = exact & (a._representable(mid) | (mid == 0))
            if exact.any():
                exact = exact & sums_exactly(a.mid, b.mid, mid)
        return a._round(mid, carried, model.relative("add"), exact, one_sign=same_sign)  # (L1)

    def _terms(self):
        """Return the terms of a chain of additions that ends here."""
        return self.terms or Term(self)

    def _in_any_order(self, terms):
        """Return a sum, widened to what more than two terms give in any order (L1')."""
        if terms.most <= 2:
            return self
        model, count = self.model, terms.count
        rad = terms.carried + model.wide_gamma(count + 1) * terms.magnitude
        rad = rad + size_of(self.mid - terms.mid)
        if not model.silent:
            rad = rad + model.rounds_in_sum(count, terms.magnitude, size_of(self.mid) + rad)
            rad = rad + count * model.tiny
        rad = rad * model.outwards(count)
        rad = np.where(count > 2, np.maximum(self.rad, rad), self.rad)
        fits = np.where(count > 2, terms.magnitude, 0)
        return self.bounded(self.mid, self._unless_overflow(fits, rad))

    def _with_constants(self, a, b):
        """Return a + b, widened where a constant among sums and differences may move."""
        signed = (a.signed or Term(a)) + (b.signed or Term(b))
        total = self._in_any_order(signed) if signed.constant else self
        total.signed = signed
        return total

    def subtract(a, b):
        opposite = b.negative()
        difference = a._plus(opposite)
        if a.model.does(bounds.REORDERS_SUMS) and not difference._product:
            difference = difference._with_constants(a, opposite)
        if a._made_by("exp") and b._is(1) and a.model.does(bounds.KNOWS_EXPM1):
            (x,) = a.origin.operands
            return difference._or(x.expm1())
        difference.difference = a, b
        return difference

    def negative(self):
        negative = self._same(-self.mid, self.rad)
        negative.signed, negative.factors = self.signed and -self.signed, self.factors
        return negative

    def positive(self):
        return self

    def absolute(self):
        mid = np.maximum((self.inner + self.outer) / 2, 0)
        crossing = self.inner == 0
        rad = np.where(crossing, self.outer / 2, self.rad) * OUTWARDS
        return self._same(np.where(crossing, mid, np.abs(self.mid)), rad)

    def multiply(a, b):
        mid = a.mid * b.mid
        if a._are_floats and b._are_floats and not a.model.does(bounds.FOLDS_FACTORS):
            # 48 bits at most: what is a float is the product itself.
            zero = mid == 0
            exact = (a._representable(mid) | zero) if zero.any() else a._representable(mid)
            return a._multiplied(b, mid, 0.0, exact, 0)
        if a.is_exact or b.is_exact:
            carried = size_of(a.mid) * b.rad if a.is_exact else a.rad * size_of(b.mid)
        else:
            carried = size_of(a.mid) * b.rad + a.rad * b.outer  # (L2)
        exact, elsewhere = carried == 0, 0
        if exact.any():
            zero = a._zero | b._zero
            plain = ~zero & (a.rad == 0) & (b.rad == 0)
            if plain.any():
                simple = a._power_of_two() | b._power_of_two()
                plain = plain & (simple | (a._short() & b._short())) & a._representable(mid)
                elsewhere = plain & ~simple
            exact = exact & (zero | plain)
        return a._multiplied(b, mid, carried, exact, elsewhere)

    @property
    def _are_floats(self):
        """Whether these are exact, and have at most 24 bits."""
        return self.given and self.is_exact and self.model.wide == np.float64

    def _multiplied(a, b, mid, carried, exact, elsewhere):
        relative = a.model.relative("multiply") + a._merged_exponents(b, 1)
        product = a._round(mid, carried, relative, exact, one_sign=a._signs_known(b))
        if a.model.does(bounds.FOLDS_FACTORS):
            product = product._folded(Factors(a._factors(), b._factors(), elsewhere))
        for factor, other in ((a, b), (b, a)):
            if factor.difference and other._is_share():
                product.share = factor.difference
        return product

    def _signs_known(a, b):
        """Return a function that says where the sign of a product or quotient is known."""
        return lambda: a._has_sign & b._has_sign

    def _is_share(self):
        """Say whether all numbers lie from 0 to 1."""
        return self.mid.size == 1 and bool(self.rad <= self.mid) and bool(self.mid + self.rad <= 1)

    def _factors(self):
        return self.factors or Factor(self)

    def _folded(self, factors):
        """Return a product, widened to what its factors give in any order; and they.

        A product of some of them that is flushed costs ``tiny`` times the others.  If
        this product is exact, so are all of some of its factors, which have fewer bits;
        else one that was exact may round.
        """
        model, product = self.model, self
        if factors.count > 2 and factors.constant and not model.silent:
            flushed = (factors.smallest < model.normal) & ~self._zero
            rad = self.rad + np.where(flushed, model.tiny * factors.largest, 0)
            rounded = factors.exact * model.relative("multiply") * self.outer
            rad = np.where(self.rad > 0, rad + rounded, rad)
            mid, rad = model.on_one_side(self.mid, rad, self._has_sign)
            product = self.bounded(mid, self._unless_overflow(factors.largest, rad))
        product.factors = factors
        return product

    def _merged_exponents(a, b, sign):
        """Return what the rounding of x + y adds to exp(x) exp(y), or of x - y."""
        both = a._made_by("exp") and b._made_by("exp")
        if not both or not a.model.does(bounds.MERGES_EXP):
            return 0.0
        (x,), (y,) = a.origin.operands, b.origin.operands
        return a.model.unit * (size_of(x.mid + sign * y.mid) + x.rad + y.rad)

    def _power_of_two(self):
        leading = narrowed(self.mid)
        fraction, _ = np.frexp(leading)
        return ((np.abs(fraction) == 0.5) | (fraction == 0)) & (self.mid == leading)

    def _short(self, mid=None):
        """Say where a midpoint has at most 24 bits, so that a product of two is exact."""
        mid = self.mid if mid is None else mid
        with np.errstate(over="ignore"):
            return mid.astype(np.float32) == mid

    def divide(a, b):
        if (b.inner == 0).any():
            a.model.note("division by a number that may be 0")
        constant = b._is_constant()
        halving = constant and b._power_of_two().all() and not b.rad.any()
        inverts = constant and not halving and a.model.does(bounds.INVERTS_CONSTANT)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            mid = a.mid / b.mid
            carried = (a.rad + size_of(mid) * b.rad) / b.inner  # (L3)
        carried = np.where(b.inner == 0, np.inf, carried)
        exact = a.rad == 0
        if exact.any():
            exact = exact & halving & a._representable(mid)
            exact = exact | (a._zero & (carried == 0))
            if not (inverts or a._divides_otherwise(b)):
                exact = exact | a._quotient_is_float(b, mid)
        relative = a.model.relative("divide_by_constant" if inverts else "divide")
        relative = relative + a._merged_exponents(b, -1)
        if b._made_by("sqrt") and a.model.does(bounds.INVERTS_ROOT):
            relative = relative + a.model.relative("rsqrt")
        if a._is(1) and a.model.does(bounds.TAKES_RECIPROCAL):
            relative = np.maximum(relative, a.model.relative("reciprocal"))
        if not a.model.silent:
            carried = carried + a._lost_by_inverting(b, constant)
        quotient = a._round(mid, carried, relative, exact, one_sign=a._signs_known(b))
        if constant and a.model.does(bounds.FOLDS_FACTORS):
            quotient = quotient._folded(a._factors() * Factor(b, inverted=True))
        if a.model.does(bounds.MERGES_DIVISIONS):
            quotient = quotient._merged_division(a, b)._from("divide", a, b)
        return quotient

    def _divides_otherwise(a, b):
        """Say whether a compiler may compute a / b by another function or quotient."""
        does = a.model.does
        return (
            (b._made_by("sqrt") and does(bounds.INVERTS_ROOT))
            or ((b._made_by("exp") or b._made_by("power")) and does(bounds.INVERTS_EXP))
            or ((a._made_by("divide") or b._made_by("divide")) and does(bounds.MERGES_DIVISIONS))
            or (a._is(1) and does(bounds.TAKES_RECIPROCAL))
        )

    def _quotient_is_float(a, b, mid):
        """Say where a / b is a float, which every correctly rounded division returns (L6).

        A quotient and a divisor of 24 bits have a product that the midpoint's format holds.
        """
        if a.model.relative("divide") > a.model.unit:
            return False
        back = mid * b.mid == a.mid
        exact = (a.rad + b.rad == 0) & a._short(mid) & b._short() & back
        return exact & a._representable(mid)

    def _lost_by_inverting(a, b, constant):
        """Return what a / b loses where 1 / b, or a part of it, is flushed to 0."""
        model, lost = a.model, np.zeros((), a.model.format.radius)
        inverse = 1 / np.where(b.outer > 0, b.outer, 1)
        if constant and model.does(bounds.INVERTS_CONSTANT):
            lost = lost + np.where(inverse < 1.01 * model.normal, a.outer * model.tiny, 0)
        if model.does(bounds.INVERTS_EXP) and (b._made_by("exp") or b._made_by("power")):
            floor, cost = EXP_FLUSHES * model.normal, EXP_FLUSHES * model.tiny
            lost = lost + np.where(inverse < 1.01 * floor, a.outer * cost, 0)
        if a._is(1) and model.does(bounds.TAKES_RECIPROCAL):
            lost = lost + bounds.CORRECTION * model.tiny
        return lost

    def _merged_division(self, a, b):
        """Return a / b, unbounded where a product that a compiler may form leaves the range.

        a / b / c becomes a / (b c), a / (b / c) becomes a c / b; where the first
        quotient was exact, the product's rounding comes on top.
        """
        above, below = [a], [b]
        if a._made_by("divide"):
            numerator, divisor = a.origin.operands
            above, below = [numerator], [divisor, b]
        if b._made_by("divide"):
            numerator, divisor = b.origin.operands
            above, below = [*above, divisor], [*below[:-1], numerator]
        model = self.model
        if model.silent or len(above) + len(below) == 2:
            return self
        # A quotient that was exact has brought no rounding, its product will.
        exact = sum((x.rad == 0).astype(int) for x in (a, b) if x._made_by("divide"))
        rad = self.rad + exact * model.relative("multiply") * self.outer
        if len(above) == 2:
            top, least = above[0].outer * above[1].outer, above[0].inner * above[1].inner
            rad = np.where(top > model.largest, np.inf, rad)
            lost = model.tiny / np.prod([x.inner for x in below], axis=0)
            rad = rad + np.where((least < model.normal) & (top > 0), lost, 0)
        if len(below) == 2:
            most, least = below[0].outer * below[1].outer, below[0].inner * below[1].inner
            rad = np.where((most > model.largest) | (least < model.normal), np.inf, rad)
        if (np.isinf(rad) & ~np.isinf(self.rad)).any():
            model.note("a product of divisors that may leave the range")
        return self.bounded(self.mid, rad * OUTWARDS)

    def square(self):
        if self._are_floats:
            return self.multiply(self)
        carried = 2 * size_of(self.mid) * self.rad + self.rad * self.rad
        mid, carried = self.model.on_one_side(self.mid * self.mid, carried * OUTWARDS, True)
        exact = self.rad == 0
        if exact.any():
            simple = self.model.wide == np.float64 or self._power_of_two()
            exact = exact & ((simple & self._representable(mid)) | self._zero)
        relative = self.model.relative("multiply")
        return self._round(mid, carried, relative, exact, one_sign=lambda: np.True_)

    def sqrt(self):
        if (self.mid < self.rad).any():
            self.model.note("square root of a number that may be negative")
        low = np.maximum(narrowed(self.mid - self.rad), 0)
        with np.errstate(invalid="ignore", divide="ignore"):
            mid = np.sqrt(self.mid)
            carried = np.where(self.rad == 0, 0, self.rad / (np.sqrt(low) + narrowed(mid)))
        carried = np.where(self.mid < self.rad, np.inf, carried)
        relative, signs = self.model.relative("sqrt"), self._signs_known(self)
        return self._round(mid, carried, relative, self._zero, one_sign=signs)._from("sqrt")

    def hypot(a, b):
        """The root of the sum of two squares, or a libm's function of its own (L15)."""
        root = a.square().add(b.square()).sqrt()
        if a.model.silent:
            return root
        more = 2 * a.model.unit * HYPOT_ULP * root.outer
        return root.bounded(root.mid, (root.rad + more) * OUTWARDS)

    def reciprocal(self):
        """1 / x; that of a square root is a function of its own to TensorFlow: tf.math.rsqrt.

        Some layers call it themselves, so that it is at work without any compiler: its
        error comes on top of the division's, as where a compiler puts it in.
        """
        with self.model.calling("rsqrt"):
            return self.lift(1) / self

    # ------------------------------------------------------------------- sums

    def as_operand(self):
        """Return the balls of what a matmul really multiplies: TF32 loses low bits (L4'')."""
        if not self.model.tf32 or self.model.silent:
            return self
        return self._same(self.mid, (self.rad + TF32_LOSS * self.outer) * OUTWARDS)

    def matmul(a, b):
        model = a.model
        a, b = a.as_operand(), b.as_operand()
        mid, own = products.midpoint(a.mid, b.mid)
        a_outer, b_outer = a.outer, b.outer
        bound, carried = products.bound(a_outer, b_outer), 0.0
        if not b.is_exact and b.rad.any():
            carried = products.bound(size_of(a.mid), b.rad).values  # (L4)
        if not a.is_exact and a.rad.any():
            carried = carried + products.bound(a.rad, b_outer).values
        terms = products.terms_that_meet(a_outer, b_outer, mid.shape)
        rad = products.radius(model, bound, terms, mid, carried, own)
        exact, rows = bound.zero(), a._all_whole(-1)
        if rows.any():
            whole = rows[..., :, None] & b._all_whole(-2)[..., None, :]
            exact = exact | (whole & (bound.values <= model.largest_whole))  # (L6')
        if exact.any():
            rad = np.where(exact, 0, rad)
        if not bound.largest + np.max(rad, initial=0) <= model.largest_sum:
            ball = a.bounded(mid, a._unless_overflow(bound.values, rad))
        else:
            ball = a._same(mid, rad)

        @cache
        def product():
            return Product(terms.of_each, bound.values, carried + np.zeros_like(rad))

        ball._product = ball.added = product
        return ball._cut_by_lines(a, b)

    def _cut_by_lines(self, a, b):
        """Return balls of a @ b, cut at 0 where nothing of a row and of a column is below it."""
        columns = b._positive.all(axis=-2)
        if not columns.any():
            return self
        rows = a._positive.all(axis=-1)
        return self._positive_where(lambda: rows[..., :, None] & columns[..., None, :])

    def _join(self, addend):
        """Return a matmul plus an addend that may be any term of its sum (L4')."""
        if addend.product or addend.terms or self.product.joined:
            return self._join_products(addend)
        model, product = self.model, self.product
        mid = self.mid + addend.mid
        terms = product.terms + 1
        both, carried = product.magnitude + addend.outer, product.carried + addend.rad
        rad = carried + model.wide_gamma(terms + 1) * both
        if not model.silent:
            rad = rad + model.rounds_in_sum(terms, both, size_of(mid) + rad)
            rad = rad + model.gamma(1) * product.magnitude + 2 * terms * model.tiny
        rad = rad * model.outwards(terms)
        rad = np.where(product.magnitude == 0, addend.rad, rad)
        joined = self.bounded(mid, self._unless_overflow(both, rad))
        return joined._summed(Product(terms, both, carried, joined=True))

    def _summed(self, product):
        """Return this sum, marked as one that the next addition may join, in any order."""
        if self.model.does(bounds.REORDERS_SUMS):
            self._product = lambda: product
        return self

    def _join_products(self, other):
        """Return the sum of two matmuls, or of a matmul and more than one addend.

        Either matmul may be the first term of the other's sum.  In whatever order, every
        product goes through at most as many roundings as there are terms: gamma of that
        number (Higham 3.5).
        """
        model, a, b = self.model, self.product, as_product(other)
        mid = self.mid + other.mid
        terms, magnitude = a.terms + b.terms, a.magnitude + b.magnitude
        carried = a.carried + b.carried
        rad = model.rounds_in_pieces(terms, magnitude, carried, mid)
        rad = np.where(magnitude == 0, 0, rad)
        joined = self.bounded(mid, self._unless_overflow(magnitude, rad))
        return joined._summed(Product(terms, magnitude, carried, joined=True))

    def _unless_overflow(self, magnitude, rad):
        """Return the radius of a sum, infinite where a partial sum may overflow."""
        if self.model.finite_sums:
            return rad
        fits = magnitude <= self.model.largest_sum
        if (np.isfinite(magnitude) & ~fits).any():
            self.model.note("overflow")
        return np.where(fits, rad, np.inf)

    @property
    def _whole(self):
        """Where a ball is exactly a whole number."""
        whole = self.mid == np.floor(self.mid)
        return whole if self.is_exact else whole & (self.rad == 0)

    def _all_whole(self, axis, keepdims=False):
        """Say of each line along an axis, or several, whether all of it is exactly whole."""
        along = {"axis": axis, "keepdims": keepdims}
        axes = range(self.ndim) if axis is None else np.atleast_1d(axis)
        first = [slice(None)] * self.ndim
        for k in axes:
            first[k] = slice(0, 1)
        if not self[tuple(first)]._whole.any():  # as in most arrays that are not whole
            return np.zeros(np.sum(np.broadcast_to(np.int8(0), self.shape), **along).shape, bool)
        return np.all(self._whole, **along)

    def _sums_exactly(self, magnitude, axis, keepdims):
        """Say where no partial sum rounds, in whatever order (L6').

        Sums of whole numbers are whole, and a float as long as they are at most 1 / u.
        """
        whole = self._all_whole(axis, keepdims)
        return whole & (magnitude <= self.model.largest_whole)

    def sum(self, axis=None, keepdims=False):
        mid = np.sum(self.mid, axis=axis, keepdims=keepdims)
        n = self.mid.size // max(mid.size, 1)
        magnitude = np.sum(self.outer, axis=axis, keepdims=keepdims)
        if self.is_exact:
            carried = np.zeros_like(magnitude)
        else:
            carried = np.sum(self.rad, axis=axis, keepdims=keepdims)
        if n == 1:
            return self._same(mid, carried)
        zero = self._zero
        terms = np.full(magnitude.shape, n)
        if zero.any():
            terms -= np.sum(zero, axis=axis, keepdims=keepdims)
        exact = (terms <= 1) | self._sums_exactly(magnitude, axis, keepdims)
        total = self._same(mid, carried)._of_terms(n, terms, magnitude, exact)
        total.added = lambda: Product(terms, magnitude, carried)
        if self.stacked and axis in _stacking_axes(self.mid.ndim, *self.stacked):
            move = (lambda array: np.expand_dims(array, axis)) if keepdims else None
            total = total._of_all_terms(self.stacked[0], exact, move)
        return total._positive_where(lambda: np.all(self._positive, axis=axis, keepdims=keepdims))

    def _of_terms(self, n, terms, magnitude, exact):
        """Return sums in any order of n numbers each; these carry what their terms do (L5).

        terms: how many are not 0; magnitude: the sum of |t|; exact: where no partial sum rounds,
            as where only one addend is not exactly 0, so that each is 0 or that addend.
        """
        model, mid, carried = self.model, self.mid, self.rad
        rad = carried + model.wide_gamma(n) * magnitude
        if not model.silent:
            rad = rad + model.rounds_in_sum(terms, magnitude, size_of(mid) + rad)
            rad = rad + n * model.tiny
        rad = np.where(exact, carried, rad * model.outwards(n))
        return self.bounded(mid, self._unless_overflow(magnitude, rad))

    def prod(self, axis=None, keepdims=False):
        """Return the product in any order (L5')."""
        model, along = self.model, {"axis": axis, "keepdims": keepdims}
        with np.errstate(over="ignore", invalid="ignore"):
            mid, outer = np.prod(self.mid, **along), np.prod(self.outer, **along)
            n = self.mid.size // max(mid.size, 1)
            most = np.prod(np.maximum(self.outer, 1), **along)
            least = np.prod(np.where(self._zero, 1, np.minimum(self.inner, 1)), **along)
            if n == 1:
                return self._same(mid, np.sum(self.rad, **along))
            carried = np.maximum(outer - np.abs(mid), 0)
            rounding = model.wide_gamma(4 * n + 4) * outer + n * model.wide_tiny * most
            if not model.silent:
                flushed = np.where(least < 2 * model.normal, 2 * n * model.tiny * most, 0)
                rounding = rounding + model.gamma(n - 1) * outer + flushed
            rad = (carried + rounding) * model.outwards(n)
        whole = np.all(self._whole, **along) & (most <= 1 / model.unit)  # (L6')
        rad = np.where(whole | np.any(self._zero, **along), 0, rad)
        largest = most if model.silent else most * (1 + model.gamma(n))
        product = self.bounded(mid, self._unless_overflow(largest, rad))
        return product._positive_where(lambda: np.all(self._positive, **along))

    def _of_all_terms(self, addends, exact, move):
        """Return the sum of a stack, widened to any order of its addends' own terms (L5'').

        exact: where one addend alone is not 0, or no partial sum rounds.
        move: brings an addend to the shape of the sum, None where it has it.
        """
        each = [addend.added() if addend.added else as_product(addend) for addend in addends]
        if move:
            each = [product.moved(move) for product in each]
        if all(np.max(product.terms, initial=0) <= 1 for product in each):
            return self
        model, terms = self.model, sum(product.terms for product in each)
        magnitude = sum(product.magnitude for product in each)
        carried = sum(product.carried for product in each)
        rad = model.rounds_in_pieces(terms, magnitude, carried, self.mid)
        rad = np.where(exact, self.rad, np.maximum(self.rad, rad))
        total = self.bounded(self.mid, self._unless_overflow(magnitude, rad))
        total.added = lambda: Product(terms, magnitude, carried)
        return total

    # ------------------------------------------------ library functions (L10)

    def exp(self):
        with np.errstate(over="ignore", invalid="ignore"):
            mid = np.exp(self.mid)
            carried = np.asarray(narrowed(mid) * np.expm1(self.rad))
            # Where the midpoint underflows in the wide format, its ball's end may not.  The
            # end's argument is rounded, by w |mid + rad| at most: where its exponential is
            # a normal number, 760 w (longdouble: 11400 w) of that, so twice is ample.
            under = ~np.asarray(mid >= self.model.wide_tiny)
            if under.any():
                ends = np.asarray(narrowed(self.mid) + self.rad)[under]
                carried[under] = 2 * np.exp(ends) + self.model.wide_tiny
        if np.isinf(mid).any():
            self.model.note("overflow")
        result = self._round(mid, carried, self.model.relative("exp"), smallest=EXP_FLUSHES)
        return result._from("exp", self)

    def _or(self, other):
        """Return balls that hold both."""
        (low, high), (other_low, other_high) = self._ends(), other._ends()
        return self._between(np.minimum(low, other_low), np.maximum(high, other_high))

    def log(self):
        if (self.mid <= self.rad).any():
            self.model.note("logarithm of a number that may not be positive")
        with np.errstate(divide="ignore", invalid="ignore"):
            mid = np.log(self.mid)
            share = self.rad / narrowed(self.mid)
            # Near 1 the share's rounding would count; there mid - rad is exact (Sterbenz).
            far = np.log(narrowed(self.mid) / narrowed(self.mid - self.rad))
            carried = np.where(share > 0.5, far, -np.log1p(-np.minimum(share, 0.5)))
        carried = np.where(self.mid <= self.rad, np.inf, carried)
        # log(1) is 0, and near it the error is one of the result: no more rounding
        result = self._round(mid, carried, self.model.relative("log"))
        if self._made_by("add 1") and self.model.does(bounds.KNOWS_EXPM1):
            (x,) = self.origin.operands
            return result._or(x.log1p())
        return result

    def tanh(self):
        mid = np.tanh(self.mid)
        with np.errstate(over="ignore", invalid="ignore"):
            slope = 1 / np.square(np.cosh(self.inner))  # the largest in the ball
            carried = np.where(np.isinf(self.rad), np.inf, np.minimum(self.rad * slope, 2))
        return self._round(mid, carried, self.model.relative("tanh"), self._zero)

    def cos(self):
        mid = np.cos(self.mid)
        return self._round(mid, self._swung(narrowed(np.sin(self.mid))), self.model.relative("cos"))

    def sin(self):
        mid = np.sin(self.mid)
        carried = self._swung(narrowed(np.cos(self.mid)))
        return self._round(mid, carried, self.model.relative("sin"), self._zero)

    def _swung(self, slope):
        """Return what a cosine or sine carries: its slope changes by no more than ``rad``."""
        steepest = np.minimum(np.abs(slope) + self.rad, 1)
        return np.where(np.isinf(self.rad), np.inf, np.minimum(self.rad * steepest, 2))

    def expm1(self):
        """exp(x) - 1: a radius r carries exp(x + r) - exp(x) at most."""
        with np.errstate(over="ignore", invalid="ignore"):
            mid = np.expm1(self.mid)
            slope = narrowed(np.exp(self.mid))
            carried = np.where(self.rad == 0, 0, slope * np.expm1(self.rad))
        if np.isinf(mid).any():
            self.model.note("overflow")
        return self._round(mid, carried, self.model.relative("expm1"), self._zero)

    def log1p(self):
        """log(1 + x), unbounded where x may be -1 or less."""
        low = narrowed(1 + self.mid - self.rad)
        if (low <= 0).any():
            self.model.note("logarithm of a number that may not be positive")
        with np.errstate(divide="ignore", invalid="ignore"):
            mid = np.log1p(self.mid)
            carried = np.where(self.rad == 0, 0, np.log1p(self.rad / low))
        carried = np.where(low <= 0, np.inf, carried)
        return self._round(mid, carried, self.model.relative("log1p"), self._zero)

    def erfc(self):
        """1 - erf(x); its slope is -2 / sqrt(pi) exp(-x^2), steepest at the smallest |x|."""
        model = self.model
        mid = special.wide_erfc(self.mid)
        square = np.square(self.inner)
        slope = (special.SLOPE * np.exp(-square)).astype(model.format.radius)
        slope = slope * (1 + 4 * model.format.radius_unit * square)  # the square is rounded
        carried = np.where(self.rad == 0, 0, self.rad * slope * OUTWARDS)
        carried = np.minimum(carried, np.where(np.isinf(self.rad), np.inf, 2))
        carried = carried + special.OWN_UNITS * model.wide_unit * size_of(mid)
        size = np.abs(np.log2(np.maximum(narrowed(mid), model.wide_tiny)))
        relative = model.relative("erfc") + model.relative("erfc_per_log2") * size
        return self._round(mid, carried, relative)

    def by_library(self, row):
        """A function of ``library.LIBRARY``: flint encloses the ball, and a kernel rounds."""
        mid, carried = library.enclosed(row, self.mid, self.rad)
        if np.isinf(carried).any():
            self.model.note(f"{row.name} where it has no bound")
        exact = (mid == 0) & (self.rad == 0)
        relative = self.model.relative(row.name)
        ball = self._round(mid, carried, relative, exact)
        if row.size is None or self.model.silent:
            return ball
        with np.errstate(all="ignore"):
            size = row.size(narrowed(self.mid), narrowed(self.rad))
        return self.bounded(ball.mid, ball.rad + relative * size * OUTWARDS)

    def power(a, b):
        """a ** b for a > 0, for a = 0 and b > 0, and for any a where b is a whole number.

        A power by an even number is one of |a|; by an odd one it has a's sign, and rises with a
        where b > 0; where b < 0 it does on either side of 0, where it has no bound.
        """
        model = a.model
        even = (b.rad == 0) & (np.mod(b.mid, 2) == 0)
        odd = (b.rad == 0) & (np.mod(b.mid, 2) == 1)
        base = np.where(even, np.abs(a.mid), a.mid)
        low, high = base - a.rad, base + a.rad
        low = np.where(even, np.maximum(low, 0), low)
        zero = (a.mid == 0) & (a.rad == 0) & (b.mid > 0)
        bad = (low < 0) | ((low == 0) & ~zero & ((b.mid <= 0) | (b.rad > 0)))
        bad = np.where(odd, (b.mid < 0) & (low <= 0) & (high >= 0), bad)
        if bad.any():
            model.note("a power of a number that may not be positive")
        with np.errstate(all="ignore"):
            mid = base**b.mid
            middle = narrowed(mid)
            ends = np.zeros_like(middle)
            if a.rad.any():
                ends = np.maximum(size_of(high**b.mid - mid), size_of(low**b.mid - mid))
            carried = ends
            if b.rad.any():
                positive = (narrowed(np.where(end > 0, end, 1)) for end in (low, high))
                logs = np.maximum(*(np.abs(np.log(end)) for end in positive))
                logs = logs + 2 * model.format.radius_unit  # an end's own rounding, near 1
                carried = ends + (middle + ends) * np.expm1(b.rad * logs)
            # The ends' own rounding is raised to the power too; the midpoint may underflow.
            middle = size_of(middle)
            own = (OWN_UNITS + size_of(b.mid)) * model.wide_unit * (middle + ends)
            carried = carried + own + model.wide_tiny
            results = np.maximum(middle - carried, model.tiny), middle + carried
            size = np.maximum(*(np.abs(np.log2(result)) for result in results))
        carried = np.where(bad, np.inf, carried)
        relative = model.relative("power") + model.relative("power_per_log2") * size
        if model.does(bounds.TAKES_RECIPROCAL):
            relative, lost = a._as_other_function(b, relative)
            carried = carried + lost
        result = a._round(np.where(bad, 0, mid), np.where(zero, 0, carried), relative, zero)
        return result._from("power")

    def _as_other_function(a, b, relative):
        """Return what x ** -1 or x ** -1/2 may be off as functions of their own."""
        model, lost = a.model, 0.0
        if b._is(-1):
            relative = np.maximum(relative, model.relative("reciprocal"))
            lost = a.lift(1)._lost_by_inverting(a, False)
        if b._is(-0.5):
            relative = np.maximum(relative, model.relative("rsqrt"))
        return relative, lost

    # ---------------------------------------------------------- whole numbers

    def floor(self):
        """Return the whole number below; unbounded where two come into question."""
        return self._to_whole(np.floor)

    def rint(self):
        """Return the nearest whole number, the even one of two; unbounded as ``floor``."""
        return self._to_whole(np.rint)

    def _to_whole(self, step):
        low, high = (step(end) for end in self._ends())
        crossing = ~(low == high)
        if crossing.any():
            self.model.note(f"a {step.__name__} that rounding decides")
        return self._same(np.where(crossing, 0, low), np.where(crossing, np.inf, 0 * low))

    def floor_divide(a, b):
        """Return floor(a / b) of numbers that are exact, as counts of steps are.

        The quotient is rounded before its floor is taken, which gives the same unless a whole
        number is as near as that; a quotient that is whole itself is returned as it is (L6).
        """
        model = a.model
        with np.errstate(invalid="ignore", divide="ignore"):
            quotient = a.mid / b.mid
            slack = (model.relative("divide_by_constant") + model.unit) * np.abs(quotient)
            low, high = np.floor(quotient - slack), np.floor(quotient + slack)
            whole = (np.mod(a.mid, b.mid) == 0) & (np.abs(quotient) <= 1 / model.unit)
        exact = (a.rad + b.rad == 0) & (b.mid != 0) & (whole | (low == high))
        if not exact.all():
            model.note("a whole quotient that rounding decides")
        mid = np.where(exact, np.where(whole, quotient, low), 0)
        return a._same(mid, np.where(exact, 0, np.inf))

    def ceil(self):
        return self.negative().floor().negative()

    def mod(a, b):
        """a - b floor(a / b), for an exact b; unbounded where two quotients come into question.

        The remainder with a's sign is a float.  Where a and b have different signs, b is
        added to it, and rounded; if that gives b, NumPy returns b and TensorFlow 0.
        """
        rounding = a.model.relative("add")
        with np.errstate(invalid="ignore", divide="ignore"):
            mid = np.mod(a.mid, b.mid)
        size, exact = size_of(mid), a.rad + b.rad == 0
        one_sign = (a.mid >= 0) == (b.mid > 0)
        room = size_of(b.mid) * (1 - np.where(one_sign, 0, 2 * rounding))
        above = 1 + 8 * a.model.format.radius_unit  # what these radii round
        crossing = ~exact & ((size <= a.rad * above) | ((size + a.rad) * above >= room))
        crossing = crossing | (size >= room) | (b.rad > 0) | (b.mid == 0)
        if crossing.any():
            a.model.note("a remainder that rounding decides")
        carried = np.where(crossing, np.inf, a.rad + 0 * mid)
        exact = exact & ~crossing & one_sign
        return a._round(np.where(crossing, 0, mid), carried, rounding, exact)

    # ------------------------------------------------------------ comparisons

    @property
    def _may_be_flushed(self):
        """Where a comparison may take an operand, or a part of its ball, for 0 (L12')."""
        return ~self._zero & (self.inner < self.model.tiny)

    def greater(a, b):
        difference = a.mid - b.mid
        distance = a.rad + b.rad + 4 * a.model.format.radius_unit * size_of(difference)
        exact = (a.rad + b.rad) == 0
        known = exact | (size_of(difference) > distance)
        # Of two subnormals, or of one and 0, the larger may be taken for an equal (L12').
        flushed = (a.inner < a.model.tiny) & (b.inner < a.model.tiny) & ~(a._zero & b._zero)
        return Decision(difference > 0, known & ((difference < 0) | ~flushed))

    def less(a, b):
        return RoundingArray.greater(b, a)

    def greater_equal(a, b):
        return ~RoundingArray.less(a, b)

    def less_equal(a, b):
        return ~RoundingArray.greater(a, b)

    def equal(a, b):
        apart = RoundingArray.greater(a, b) | RoundingArray.less(a, b)
        return ~apart

    def not_equal(a, b):
        return ~RoundingArray.equal(a, b)

    def isfinite(self):
        """Say where every number of a ball is finite; not known where it has no bounds."""
        return Decision(np.ones(self.shape, bool), np.isfinite(self.mid) & np.isfinite(self.rad))

    @staticmethod
    def where(condition, x, y):
        if not isinstance(condition, Decision):
            condition = Decision(condition, np.ones_like(condition, dtype=bool))
        mid = np.where(condition.yes, x.mid, y.mid)
        rad = np.where(condition.yes, x.rad, y.rad)
        # A kernel may choose by multiplying with 0, and infinity times 0 is not 0.
        rad = np.where(np.isinf(x.rad) | np.isinf(y.rad), np.inf, rad)
        chosen = RoundingArray(mid, rad, x.model)
        if condition.known.all():
            return chosen
        either = x._or(y)  # whichever way an implementation decides (L12)
        known, open_ball = condition.known, np.isinf(rad)
        x.model.undecided += int((~np.broadcast_to(known, rad.shape)).sum())
        mid = np.where(known, mid, either.mid)
        return RoundingArray(mid, np.where(known | open_ball, rad, either.rad), x.model)

    def maximum(a, b):
        low, high = map(np.maximum, a._ends(), b._ends())
        flushed = np.minimum(a._flushed_low(), b._flushed_low())
        larger, lowest = a._between(low, high)._or_any_flushed(low, flushed)
        return larger._positive_where(lambda: (a._positive | b._positive) & (lowest >= 0))

    def minimum(a, b):
        return RoundingArray.maximum(a.negative(), b.negative()).negative()

    def _flushed_low(self):
        """Return the lower ends of what a comparison may take for 0, infinity elsewhere."""
        flushed = self._may_be_flushed | self._zero
        if not flushed.any():
            return np.broadcast_to(np.inf, flushed.shape)
        low = np.where(self._positive, np.maximum(self.mid - self.rad, 0), self._ends()[0])
        return np.where(flushed, low, np.inf)

    def _or_any_flushed(self, least, lowest):
        """Return the larger of numbers, and what a comparison that flushes takes for it (L12').

        least: the lower ends of the largest numbers.
        lowest: the lower ends that ``_flushed_low`` gives of them, the lowest of each place.
        """
        tiny = self.model.tiny
        lowest = np.where(least < tiny, np.maximum(lowest, -tiny), np.inf)
        low, high = self._ends()
        wider = lowest < low
        if not wider.any():
            return self, lowest
        widened = self._between(np.where(wider, lowest, low), high)
        mid, rad = (
            np.where(wider, new, old)
            for new, old in ((widened.mid, self.mid), (widened.rad, self.rad))
        )
        return self._same(mid, rad), lowest

    def sign(self):
        sign = np.sign(self.mid)
        crossing = (self.rad > 0) & (np.abs(self.mid) <= self.rad)
        self.model.undecided += int(crossing.sum())
        rad = np.where(np.isinf(self.rad), np.inf, 1.0)
        return self._same(np.where(crossing, 0, sign), np.where(crossing, rad, 0.0 * self.mid))

    def max(self, axis=None, keepdims=False):
        along = {"axis": axis, "keepdims": keepdims}
        low, high = (np.max(end, **along) for end in self._ends())
        flushed = np.min(self._flushed_low(), **along)
        return self._between(low, high)._or_any_flushed(low, flushed)[0]

    def _ends(self):
        """Return the ends of the balls, outwards; both are the midpoint of an exact ball."""
        if self.is_exact or not self.rad.any():
            return self.mid, self.mid
        low = np.nextafter(self.mid - self.rad, -np.inf)
        high = np.nextafter(self.mid + self.rad, np.inf)
        exact = self.rad == 0
        return np.where(exact, self.mid, low), np.where(exact, self.mid, high)

    def _between(self, low, high):
        exact = low == high
        mid = np.where(exact, low, low / 2 + high / 2)
        slack = self.model.wide_unit * 4 * np.maximum(size_of(low), size_of(high))
        slack = slack + self.model.wide_tiny  # halves may underflow
        rad = np.where(exact, 0, (narrowed(high - low) / 2 + slack) * OUTWARDS)
        return self.bounded(mid, rad)


def _stacking_axes(ndim, arrays, join):
    """Return along which axis balls were stacked, counted from either end."""
    marks = join([np.broadcast_to(np.int32(k), a.shape) for k, a in enumerate(arrays)])
    counting = (k for k, n in enumerate(marks.shape) if n == len(arrays) and _counts(marks, k))
    axis = next(counting, 0)
    return axis, axis - ndim


def _counts(marks, axis):
    """Say whether an array counts 0, 1, 2, ... along an axis."""
    first = np.moveaxis(marks, axis, 0).reshape(marks.shape[axis], -1)
    return bool((first == np.arange(len(first))[:, None]).all())
