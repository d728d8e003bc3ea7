"""Bounds of float64 functions, derived from the algorithms: running error analysis.

Nobody publishes how far Eigen's float64 ``exp``, ``log`` and ``tanh`` may be off, and
there are too many float64 to try them all.  Their algorithms are published: this file
walks through each with exact balls and carries a bound of the error along (Higham 2002,
3.3).  The argument's range is cut into pieces; over each piece

* the *approximation* error, of the rational function before any rounding, is bounded
  by a Taylor series with Lagrange's remainder;
* the *rounding* error is that of every single operation, without fused multiply-add; one
  that is fused leaves out a rounding and nothing else.

Sources: Eigen, ``Core/arch/Default/GenericPacketMathFunctions.h`` (``pexp_double``,
``plog_double``, ``ptanh_double``, ``generic_expm1``, ``generic_log1p``, as in the headers
that come with TensorFlow 2.21), ``Core/MathFunctionsImpl.h``
(``generic_rsqrt_newton_step``); XLA, ``codegen/intrinsic/exp.cc`` and ``tanh.cc``, which
take Eigen's constants, ``rsqrt.cc`` beside them, and ``EmitExpm1`` and ``EmitLog1p`` in
``service/elemental_ir_emitter.cc``.

    python -m equivalence.measure.analysis
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise

from flint import arb, arb_series, ctx

BITS = 200
TERMS = 24
U = arb(2) ** -53

EXP_P = (1.26177193074810590878e-4, 3.02994407707441961300e-2, 9.99999999999999999910e-1)
EXP_Q = (
    3.00198505138664455042e-6,
    2.52448340349684104192e-3,
    2.27265548208155028766e-1,
    2.00000000000000000009,
)
EXP_C1, EXP_C2 = 0.693145751953125, 1.42860682030941723212e-6
EXP_LARGEST_N = 1075

LOG_P = (
    1.01875663804580931796e-4,
    4.97494994976747001425e-1,
    4.70579119878881725854,
    1.44989225341610930846e1,
    1.79368678507819816313e1,
    7.70838733755885391666,
)
LOG_Q = (
    1.0,
    1.12873587189167450590e1,
    4.52279145837532221105e1,
    8.29875266912776603211e1,
    7.11544750618563894466e1,
    2.31251620126765340583e1,
)
LOG_EXPONENTS = range(-1075, 1025)
LOG_LARGEST_M = (math.sqrt(2) - 1) * (1 + 2.0**-50)
LOG_SMALLEST_M = math.sqrt(0.5) - 1 - 2.0**-50
LN2 = 0.6931471805599453094

LOG1P_P = (
    4.5270000862445199635215e-5,
    4.9854102823193375972212e-1,
    6.5787325942061044846969,
    2.9911919328553073277375e1,
    6.0949667980987787057556e1,
    5.7112963590585538103336e1,
    2.0039553499201281259648e1,
)
LOG1P_Q = (
    1.0,
    1.5062909083469192043167e1,
    8.3047565967967209469434e1,
    2.2176239823732856465394e2,
    3.0909872225312059774938e2,
    2.1642788614495947685003e2,
    6.0118660497603843919306e1,
)
LOG1P_IS_SMALL = 0.41421356237309504880
LIBM_ULP = 1.0  # the table's row of XLA's log

TANH_P = (
    2.6158007860482230e-23,
    7.6534862268749319e-19,
    3.1309488231386680e-15,
    4.2303918148209176e-12,
    2.4618379131293676e-09,
    6.8644367682497074e-07,
    9.3839087674268880e-05,
    5.9809711724441161e-03,
    1.5184719640284322e-01,
)
TANH_Q = (
    6.463747022670968018e-21,
    5.782506856739003571e-17,
    1.293019623712687916e-13,
    1.123643448069621992e-10,
    4.492975677839633985e-08,
    8.785185266237658698e-06,
    8.295161192716231542e-04,
    3.437448108450402717e-02,
    4.851805297361760360e-01,
    1.0,
)
TANH_CLAMPS = (17.6610191624600077, 17.714196154005176)  # with and without FMA
TANH_SERIES = (arb(1), -arb(1) / 3, arb(2) / 15, -arb(17) / 315, arb(62) / 2835)
RSQRT14 = arb(2) ** -14  # Intel SDM: the largest relative error of VRSQRT14PD


@dataclass(frozen=True)
class Bound:
    """The largest error, in ULP of the result and relative to it, in units of u."""

    ulp: float
    relative: float

    def __or__(self, other):
        return Bound(max(self.ulp, other.ulp), max(self.relative, other.relative))


NOTHING = Bound(0.0, 0.0)


class Computed:
    """A number computed in float64: its exact value, a ball, and how far it may be off."""

    def __init__(self, value, error=0):
        self.value, self.error = arb(value), arb(error)

    def _rounded(self):
        size = largest(self.value) + self.error
        return Computed(self.value, self.error + U * size)

    def __add__(self, other):
        other = computed(other)
        return Computed(self.value + other.value, self.error + other.error)._rounded()

    def __sub__(self, other):
        other = computed(other)
        return Computed(self.value - other.value, self.error + other.error)._rounded()

    def __mul__(self, other):
        other = computed(other)
        carried = largest(self.value) * other.error + largest(other.value) * self.error
        both = self.error * other.error
        return Computed(self.value * other.value, carried + both)._rounded()

    def __truediv__(self, other):
        other = computed(other)
        quotient = self.value / other.value
        carried = self.error + largest(quotient) * other.error
        nearest = other.value.abs_lower() - other.error
        return Computed(quotient, carried / nearest)._rounded()

    def scaled(self, power_of_two):
        """Return the product with a power of 2, which is exact."""
        factor = arb(power_of_two)
        return Computed(self.value * factor, self.error * abs(factor))


def computed(number):
    return number if isinstance(number, Computed) else Computed(number)


def largest(ball):
    return arb(ball).abs_upper()


def ball(low, high):
    """Return the ball of all numbers from ``low`` to ``high``."""
    low, high = arb(low), arb(high)
    middle = ((low + high) / 2).mid()
    return arb(middle, max(abs(high - middle), abs(low - middle)).abs_upper())


def ulp_at(smallest):
    """Return the spacing of the floats in the binade of a positive number."""
    return arb(2) ** (math.frexp(float(smallest))[1] - 53)


def half_ulp_below(size):
    """Return the rounding error of a result that is at most ``size``."""
    return ulp_at(float(size) * (1 + 1e-15)) / 2


def bound(error, exact):
    """Return the Bound of an absolute error of results in the ball ``exact``."""
    smallest = exact.abs_lower()
    return Bound(upper(error / ulp_at(smallest)), upper(error / smallest / U))


def upper(number):
    """Return a float that is not below a ball."""
    return math.nextafter(float(largest(number)), math.inf)


def distance(f, g, piece):
    """Return a bound of |f - g| over a ball; f and g take power series."""
    middle, radius = arb(piece.mid()), arb(piece.rad())
    at_middle = [h(arb_series([middle, 1], TERMS + 1)) for h in (f, g)]
    over_piece = [h(arb_series([piece, 1], TERMS + 1)) for h in (f, g)]
    total = arb(0)
    for k in range(TERMS):
        total += largest(at_middle[0][k] - at_middle[1][k]) * radius**k
    return total + largest(over_piece[0][TERMS] - over_piece[1][TERMS]) * radius**TERMS


def horner(coefficients, x):
    total = coefficients[0] + x * 0
    for coefficient in coefficients[1:]:
        total = total * x + coefficient
    return total


# ---------------------------------------------------------------------------- exp


def exp():
    """Return the Bound of ``pexp_double``: exp(x) = 2^n exp(r), |r| <= ln(2)/2.

    exp(r) = 1 + 2 p / (q - p), where p = r P(r^2) and q = Q(r^2).
    """

    def approximation(r):
        p, q = r * horner(EXP_P, r * r), horner(EXP_Q, r * r)
        return 2 * p / (q - p) + 1

    end = arb(2).log() / 2 + arb(2) ** -40  # n is floor(fl(x log2(e) + 1/2))
    pieces = 400
    worst = NOTHING
    for i in range(pieces):
        piece = ball(-end + 2 * end * i / pieces, -end + 2 * end * (i + 1) / pieces)
        worst |= _exp_piece(piece, distance(approximation, lambda r: r.exp(), piece))
    return worst


def _exp_piece(piece, approximation):
    # r = (x - n C1) - n C2: n C1 and the first difference are exact, since C1 has 20 bits
    # and r is a multiple of the last bit of x.
    constants = largest(arb(EXP_C1) + arb(EXP_C2) - arb(2).log()) * EXP_LARGEST_N
    reduction = constants + U * EXP_C2 * EXP_LARGEST_N + U * largest(piece)
    r = Computed(piece)
    square = r * r
    p = horner([Computed(c) for c in EXP_P], square) * r
    q = horner([Computed(c) for c in EXP_Q], square)
    twice = (p / (q - p)).scaled(2)
    exact = piece.exp()
    last = half_ulp_below(largest(exact) + twice.error)
    from_reduction = reduction * largest(exact) * (1 + reduction)
    return bound(twice.error + last + approximation + from_reduction, exact)


# ---------------------------------------------------------------------------- log


def log():
    """Return the Bound of ``plog_double``: log(x) = e ln(2) + log(1 + m).

    m lies in [1/sqrt(2) - 1, sqrt(2) - 1], and
    log(1 + m) = m - m^2/2 + m^3 P(m) / Q(m).
    """

    def approximation(m):
        return m - m * m / 2 + m**3 * horner(LOG_P, m) / horner(LOG_Q, m)

    worst = NOTHING
    for piece, exponents in _log_pieces():
        error = distance(approximation, lambda m: (1 + m).log(), piece)
        worst |= _log_piece(piece, exponents, error)
    return worst


def _log_pieces():
    """Yield pieces of m, and the exponents e that have to be looked at with each."""
    for piece in _both_sides(LOG_LARGEST_M, 60):
        if piece < LOG_SMALLEST_M:
            continue
        # Nearer to 0 the sum with e ln(2) is in the last piece below.
        exponents = LOG_EXPONENTS if largest(piece) > 2.0**-8 else (0,)
        yield piece, exponents
    yield ball(-(2.0**-8), 2.0**-8), [e for e in LOG_EXPONENTS if e]


def _log_piece(piece, exponents, approximation):
    m = Computed(piece)
    square = m * m
    cube = square * m
    p = _even_and_odd(LOG_P, m, cube)
    q = _even_and_odd(LOG_Q, m, cube)
    rest = square.scaled(-0.5) + (p * cube) / q
    exact = (1 + piece).log()
    before = rest.error + approximation
    mantissa = before + half_ulp_below(largest(exact) + before)
    worst = NOTHING
    for e in exponents:
        worst |= _log_of_exponent(e, exact, mantissa)
    return worst


def _even_and_odd(c, m, cube):
    """Evaluate a polynomial of degree 5 as Eigen does: ((c0 m + c1) m + c2) m^3 + ..."""
    high = (Computed(c[0]) * m + c[1]) * m + c[2]
    low = (Computed(c[3]) * m + c[4]) * m + c[5]
    return high * cube + low


def _log_of_exponent(e, exact, mantissa):
    """Return the Bound of e ln(2) + log(1 + m), given the error of the latter."""
    if e == 0:
        return bound(mantissa, exact)
    ln2 = arb(2).log()
    total = exact + e * ln2
    constant = largest(arb(LN2) - ln2) * abs(e)
    product = half_ulp_below(largest(arb(LN2) * e)) if abs(e) & (abs(e) - 1) else arb(0)
    before = mantissa + constant + product
    return bound(before + half_ulp_below(largest(total) + before), total)


# --------------------------------------------------------------------------- tanh


def tanh():
    """Return the Bound of ``ptanh_double``, and of XLA's, which multiplies by x last.

    tanh(x) = x P(x^2) / Q(x^2); all coefficients are positive, so that errors are
    carried relative to the sums.
    """
    edges = [0.0, *(2.0**-k for k in range(30, 6, -1))]
    while edges[-1] < TANH_CLAMPS[-1]:
        edges.append(min(edges[-1] + 0.005, TANH_CLAMPS[-1]))
    worst = NOTHING
    for low, high in pairwise(edges):
        worst |= _tanh_piece(low, high)
    for value, clamp in tanh_at_clamps():
        worst |= _tanh_beyond(value, clamp)
    return worst


def _tanh_quotient(square):
    """Return P(s) / Q(s), an approximation of tanh(sqrt(s)) / sqrt(s)."""
    return (square * horner(TANH_P, square) + 1) / horner(TANH_Q, square)


def _tanh_piece(low, high):
    square = ball(arb(low) ** 2, arb(high) ** 2)
    if high <= 2.0**-6:
        approximation = _tanh_near_zero(arb(high) ** 2)
    else:
        piece = ball(low, high)
        error = distance(
            lambda x: x * _tanh_quotient(x * x),
            lambda x: 1 - 2 / ((2 * x).exp() + 1),
            piece,
        )
        approximation = error / piece.tanh().abs_lower()
    relative = (1 + _tanh_rounding(square)) * (1 + approximation) - 1
    if low == 0:  # no smallest result: a relative error of k u is at most k ULP
        return Bound(upper(relative / U + arb(0.5)), upper(relative / U + 1))
    exact = ball(arb(low).tanh(), arb(high).tanh())
    error = relative * largest(exact)
    last = half_ulp_below(largest(exact) + error)
    return Bound(bound(error + last, exact).ulp, upper(relative / U + 1))


def _tanh_near_zero(square):
    """Return the relative error of the approximation, by the series of tanh(x) / x."""
    quotient = _tanh_quotient(arb_series([0, 1], len(TANH_SERIES) + 1))
    total = square ** len(TANH_SERIES)  # the coefficients of the rest are below 1
    for k, term in enumerate(TANH_SERIES):
        total += largest(quotient[k] - term) * square**k
    return total * (1 + square)


def _tanh_rounding(square):
    """Return the relative error by rounding, but for the last division's."""
    inner, sum_of_inner = _horner_of_positive(TANH_P, square)
    denominator, _ = _horner_of_positive(TANH_Q, square)
    product = square * sum_of_inner
    share = min(arb(1), largest(product / (product + 1)))
    # Eigen: fma(x^3, p, x), where x^3 = fl(x2 x); XLA: x fl(x2 p + 1).
    eigen = (1 + share * ((1 + inner) * (1 + U) ** 2 - 1)) * (1 + U) - 1
    xla = (1 + share * ((1 + inner) * (1 + U) - 1)) * (1 + U) ** 2 - 1
    quotient = (1 + max(eigen, xla)) / (1 - denominator)
    # x2 = x^2 (1 + d): the quotient changes by at most |d| / 2.
    return quotient * (1 + U / 2 * (1 + arb(2) ** -20)) - 1


def _horner_of_positive(coefficients, square):
    """Return the relative error of Horner's rule with positive terms, and the sum."""
    error, total = arb(0), arb(coefficients[0])
    for coefficient in coefficients[1:]:
        product = total * square
        total = product + coefficient
        share = min(arb(1), largest(product / total))
        error = (1 + share * ((1 + error) * (1 + U) - 1)) * (1 + U) - 1
    return error, total


def _tanh_beyond(value, clamp):
    """Return the Bound for arguments beyond the clamp: all give ``value``."""
    smallest = arb(clamp).tanh()
    farthest = max(largest(value - 1), largest(value - smallest))
    return bound(farthest, ball(smallest, 1 - U))


def tanh_at_clamps():
    """Yield (value, clamp): the float64 results at the clamps, with and without FMA.

    Eigen chooses its clamp by the machine, XLA always takes the second and lets LLVM
    contract a product and a sum into an FMA.
    """
    for contract in (True, False):
        x = TANH_CLAMPS[0 if contract else 1]
        square = x * x
        p, q = (float_horner(c, square, contract) for c in (TANH_P, TANH_Q))
        yield multiply_add(square * x, p, x, contract) / q, x
        x = TANH_CLAMPS[1]
        p, q = (float_horner(c, x * x, contract) for c in ((*TANH_P, 1.0), TANH_Q))
        yield x * p / q, x


def float_horner(coefficients, x, contract):
    total = coefficients[0]
    for coefficient in coefficients[1:]:
        total = multiply_add(total, x, coefficient, contract)
    return total


def multiply_add(x, y, z, contract):
    """Return x y + z in float64, rounded once or twice."""
    return float(Fraction(x) * Fraction(y) + Fraction(z)) if contract else x * y + z


# ------------------------------------------------------ functions made of the others


def rsqrt():
    """Return the Bound of 1 / sqrt(x), and of VRSQRT14PD with two Newton steps.

    One step takes g to g - g/2 (x g g - 1), whose relative error is 3/2 of the square of
    the error of g, to first order; x g and x g g round.
    """
    two_operations = Bound(1.5, 2.0)
    first = arb(3) / 2 * RSQRT14**2 * (1 + RSQRT14)
    second = (arb(3) / 2 * first**2 * (1 + first) + U * (1 + 4 * first)) / U
    return two_operations | Bound(upper(second + arb(0.5)), upper(second + 1))


def sigmoid(e):
    """Return the Bound of e / (1 + e) and 1 / (1 + 1/e): e, a sum and a division."""
    return Bound(e.relative + 1 + 0.5, e.relative + 2)


def expm1_of_kahan(e, logarithm):
    """Return the Bound of (e - 1) (x / log(e)), e = exp(x): ``generic_expm1``.

    (e - 1) / log(e) changes by e / (e - 1) - 1 / log(e), at most 1, times the relative
    change of e; then a logarithm, a difference, a division, a product.
    """
    return Bound(e.relative + logarithm.relative + 2 + 0.5, e.relative + logarithm.relative + 3)


def log1p_of_kahan(logarithm):
    """Return the Bound of x (log(w) / (w - 1)), w = fl(1 + x): ``generic_log1p``."""
    return Bound(1 + logarithm.relative + 2 + 0.5, 1 + logarithm.relative + 3)


def log1p_of_xla():
    """Return the Bound of XLA's log1p: x - x^2/2 + x^3 P(x) / Q(x) to |x| = sqrt(2) - 1.

    P and Q are meant for 1/sqrt(2) <= 1 + x only: on the left end the approximation
    itself is some 128 ULP off (jax-ml/jax issue 39707; corrected by openxla/xla pull
    request 46765).  Farther out it is log(fl(1 + x)): 1 + x rounds, which moves its
    logarithm, of at least 0.34, by u.
    """

    def approximation(x):
        return x - x * x / 2 + x**3 * horner(LOG1P_P, x) / horner(LOG1P_Q, x)

    beyond = U / ulp_at(1 - LOG1P_IS_SMALL) * 2 + LIBM_ULP
    worst = Bound(upper(beyond), upper(2 * beyond))
    for piece in _both_sides(LOG1P_IS_SMALL, 400):
        error = distance(approximation, lambda x: (1 + x).log(), piece)
        worst |= _log1p_piece(piece, error)
    return worst


def _log1p_piece(piece, approximation):
    x = Computed(piece)
    square = x * x
    p = horner([Computed(c) for c in LOG1P_P], x)
    q = horner([Computed(c) for c in LOG1P_Q], x)
    rest = square.scaled(-0.5) + (x * square) * (p / q)
    exact = (1 + piece).log()
    last = half_ulp_below(largest(exact) + approximation + rest.error)
    return bound(rest.error + approximation + last, exact)


def _both_sides(end, pieces):
    """Yield pieces of [-end, end]: even ones, and halves on the way to 0."""
    near = 2.0**-6
    edges = [near + (end - near) * i / pieces for i in range(pieces + 1)]
    top = near
    while top > 2.0**-56:
        edges += [top * (0.5 + k / 8) for k in range(4)]
        top /= 2
    edges.sort()
    for low, high in pairwise(edges):
        yield ball(low, high)
        yield ball(-high, -low)


def expm1_of_tanh(e):
    """Return the Bound of tanh(x/2) (e + 1) to |x| = 1/2, and of e - 1 beyond: XLA's.

    Beyond, one ULP of the result is at least half of one of e: at e in [1.64, 2) the
    result is above 1/2, at e in [1/2, 0.61) above 1/4.
    """
    near = NOTHING
    edges = [0.0, *(2.0**-k for k in range(30, 6, -1)), *(i / 64 for i in range(1, 17))]
    for low, high in pairwise(sorted(edges)):
        near |= _tanh_piece(low, high)
    share = arb(0.5).exp() / (1 + arb(0.5).exp())
    relative = near.relative + upper(share) * e.relative + 1
    return Bound(max(relative + 0.5, 2 * e.ulp + 0.5), max(relative, 2.6 * e.relative) + 1)


@cache
def bounds():
    """Return {(function, platform): Bound} of every row that this file derives."""
    before = ctx.prec, ctx.cap
    ctx.prec, ctx.cap = BITS, TERMS + 1
    try:
        e, logarithm, hyperbolic, root = exp(), log(), tanh(), rsqrt()
        return {
            ("exp", "eigen"): e,
            ("exp", "xla"): e,
            ("log", "eigen"): logarithm,
            ("tanh", "eigen"): hyperbolic,
            ("tanh", "xla"): hyperbolic,
            ("sigmoid", "eigen"): sigmoid(e),
            ("sigmoid", "xla"): sigmoid(e),
            ("rsqrt", "eigen"): root,
            ("rsqrt", "xla"): root,
            ("expm1", "eigen"): expm1_of_kahan(e, logarithm),
            ("log1p", "eigen"): log1p_of_kahan(logarithm),
            ("expm1", "xla"): expm1_of_tanh(e),
            ("log1p", "xla"): log1p_of_xla(),
        }
    finally:
        ctx.prec, ctx.cap = before


if __name__ == "__main__":
    for (function, platform), found in bounds().items():
        print(f"{function:8} {platform:6} {found.ulp:8.3f} ULP {found.relative:8.3f} u")
