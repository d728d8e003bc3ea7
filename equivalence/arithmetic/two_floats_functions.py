"""Library functions of ``TwoFloats``: each within 2^-66 of itself (L9'' in ``docs/design.md``).

Every function is reduced to an argument t of a few thousandths by a table of values that
``flint.arb`` gives at import; there the first term or two of the series are added in two
floats, and float64 is enough for the others, which are 2^-16 of the first at most.  After
Tang 1989, "Table-driven implementation of the exponential function in IEEE floating-point
arithmetic", ACM TOMS 15(2), 144-157.  What is no case of such a reduction (sines of large
numbers, and next to their zeros) is left to ``flint``, number by number.
"""

import math

import numpy as np
from flint import arb, ctx, fmpq

from equivalence.arithmetic.two_floats import (
    TwoFloats,
    answers,
    chosen,
    magnitude,
    maximum,
    minus,
    over,
    parts,
    plus,
    squared,
    times,
)

BITS = 240  # of the tables
STEPS = 256  # of a table of exponentials, logarithms or sines, between one number and the next
LARGEST_ANGLE = 2.0**20  # beyond, and so near to a zero, sines are left to flint
NEAR_ZERO = 2.0**-30


# ------------------------------------------------------------------- tables


def pair(ball):
    """Return an arb as (hi, lo), each rounded to nearest."""
    middle = ball.mid()
    high = float(middle)
    return high, float((middle - arb(high)).mid()) if math.isfinite(high) else 0.0


def table(function, numbers):
    """Return a function of numbers, which it takes as arb, as TwoFloats."""
    before, ctx.prec = ctx.prec, BITS
    try:
        found = np.array([pair(function(arb(n))) for n in numbers])
    finally:
        ctx.prec = before
    return TwoFloats(found[:, 0], found[:, 1])


def pieces(constant, bits, count):
    """Return a number as floats of so many bits, whose products with small integers are exact.

    constant: a function that returns it as an arb.
    """
    before, ctx.prec = ctx.prec, BITS
    try:
        rest, found = constant(), []
        for _ in range(count):
            unit = 2.0 ** (math.frexp(float(rest.mid()))[1] - bits)
            found.append(round(float(rest.mid()) / unit) * unit)
            rest = rest - arb(found[-1])
        return (*found, float(rest.mid()))
    finally:
        ctx.prec = before


def by_flint(function, x):
    """Return a function of ``flint.arb`` number by number."""
    before, ctx.prec = ctx.prec, 2 * BITS
    try:
        numbers = zip(x.hi.ravel().tolist(), x.low.ravel().tolist())
        found = [
            pair(function(arb(hi) + arb(lo))) if math.isfinite(hi) else (np.nan, 0.0)
            for hi, lo in numbers
        ]
    finally:
        ctx.prec = before
    found = np.array(found, np.float64).reshape(-1, 2)
    return TwoFloats(found[:, 0].reshape(x.shape), found[:, 1].reshape(x.shape))


LOG_2 = pieces(lambda: arb(2).log(), 42, 2)  # times up to 2^11
HALF_PI = pieces(lambda: arb.pi() / 2, 32, 2)  # times up to 2^21
MOST = STEPS * 35 // 100  # log(2) / 2, in steps
EXPONENTIALS = table(lambda x: (x / STEPS).exp(), range(-MOST, MOST + 1))
EXPONENTIALS_LESS_1 = table(lambda x: (x / STEPS).expm1(), range(-MOST, MOST + 1))
CENTRES = range(STEPS * 7 // 10, STEPS * 3 // 2)  # of the square root of 1/2 up to that of 2
LOGARITHMS = table(lambda x: (x / STEPS).log(), CENTRES)
ANGLES = range(-STEPS * 4 // 5, STEPS * 4 // 5 + 1)  # up to pi / 4
SINES = table(lambda x: (x / STEPS).sin(), ANGLES)
COSINES = table(lambda x: (x / STEPS).cos(), ANGLES)
ONE_THIRD = TwoFloats(*(np.float64(part) for part in pair(arb(fmpq(1, 3)))))


def reduced(x, count, constant):
    """Return x - count * constant, a difference of neighbours, and count at most 2^21."""
    first, second, third = constant
    rest = plus(x, -count * first)
    return plus(plus(rest, -count * second), -count * third)


def polynomial(x, coefficients):
    """Return a polynomial by Horner's rule, its highest coefficient first."""
    y = coefficients[0]
    for c in coefficients[1:]:
        y = y * x + c
    return y


# ------------------------------------------------------- exponentials, logarithms

# 1/3! + t/4! + ... + t^5/8!: |t| <= 2^-9, and what is left out is below 2^-93 t
EXP_TAIL = tuple(1 / math.factorial(n) for n in range(8, 2, -1))


def _exp_parts(x):
    """Return (k, j, exp(t) - 1) with x = k log 2 + j / STEPS + t, |t| <= 2^-9."""
    hi = np.clip(np.where(np.isnan(x.hi), 0, x.hi), -800, 800)
    x = chosen(x.hi == hi, x, hi)
    k = np.rint(hi / math.log(2))
    rest = reduced(x, k, LOG_2)
    j = np.rint(rest.hi * STEPS)
    t = plus(rest, -j / STEPS)
    tail = t.hi * t.hi * t.hi * polynomial(t.hi, EXP_TAIL)
    return k.astype(int), j.astype(int) + MOST, plus(t, plus(squared(t) * 0.5, tail))


def scaled(x, power):
    return x.moved(lambda part: np.ldexp(part, power))


def _known(x, y):
    """Return y, NaN where x is, and infinite where its high part is."""
    fits = np.isfinite(y.hi) & ~np.isnan(x.hi)
    if fits.all():
        return y
    return TwoFloats(np.where(np.isnan(x.hi), np.nan, y.hi), np.where(fits, y.low, 0))


@answers(np.exp)
def exp(x):
    k, j, more = _exp_parts(x)
    whole = EXPONENTIALS[j]
    return _known(x, scaled(plus(whole, times(whole, more)), k))


@answers(np.expm1)
def expm1(x):
    """exp(x) - 1; where no power of 2 is taken out, from a table of that itself."""
    k, j, more = _exp_parts(x)
    whole = EXPONENTIALS[j]
    rise = times(whole, more)
    here = plus(EXPONENTIALS_LESS_1[j], rise)
    here = chosen(j == MOST, more, here)
    if not k.any():
        return _known(x, here)
    elsewhere = plus(scaled(plus(whole, rise), k), -1.0)
    return _known(x, chosen(k == 0, here, elsewhere))


# 1/5 + s^2/7 + ...: |s| <= 2^-8, and what is left out is below 2^-80 s
ATANH_TAIL = (1 / 11, 1 / 9, 1 / 7, 1 / 5)


def _twice_atanh(s):
    """Return log((1 + s) / (1 - s)) = 2 (s + s^3/3 + s^5/5 + ...) for |s| <= 2^-8."""
    square = squared(s)
    tail = plus(ONE_THIRD, square.hi * polynomial(square.hi, ATANH_TAIL))
    return plus(s, times(times(s, square), tail)) * 2.0


@answers(np.log)
def log(x):
    hi, lo = parts(x)
    fits = (hi > 0) & np.isfinite(hi)
    if not fits.all():
        with np.errstate(all="ignore"):
            outside = np.log(hi)
        return chosen(fits, log(chosen(fits, x, 1.0)), outside)
    _, power = np.frexp(hi * math.sqrt(2))
    power = power - 1  # x / 2^power is between the square root of 1/2 and that of 2
    x = x.moved(lambda part: np.ldexp(np.ldexp(part, -(power // 2)), -(power - power // 2)))
    j = np.clip(np.rint(x.hi * STEPS), CENTRES[0], CENTRES[-1])
    centre = j / STEPS
    near = _twice_atanh(over(plus(x, -centre), plus(x, centre)))
    near = plus(near, LOGARITHMS[j.astype(int) - CENTRES[0]])
    if not power.any():
        return near
    first, second, third = LOG_2
    whole = plus(TwoFloats(power * second), power * third)
    return plus(plus(whole, power * first), near)


@answers(np.log1p)
def log1p(x):
    """log(1 + x), of numbers near 0 by a series in x / (2 + x)."""
    near = np.abs(x.hi) < 2.0**-8
    if not near.any():
        return log(plus(x, 1.0))
    small = chosen(near, x, 0.0)
    here = _twice_atanh(over(small, plus(small, 2.0)))
    if near.all():
        return here
    return chosen(near, here, log(plus(chosen(near, 1.0, x), 1.0)))


@answers(np.power)
def power(a, b):
    """exp(b log a) for a > 0; 0 or an infinity for a = 0; by |a| for a whole b."""
    a, b = TwoFloats.of(a), TwoFloats.of(b)
    with np.errstate(all="ignore"):
        plain = np.power(a.hi, b.hi)
    inside = (a.hi != 0) & np.isfinite(a.hi) & np.isfinite(b.hi)
    result = exp(times(log(chosen(inside, magnitude(a), 1.0)), chosen(inside, b, 1.0)))
    result = chosen(np.signbit(plain) & inside, -result, result)
    whole = (a.hi > 0) | (np.floor(b.hi) == b.hi)
    result = chosen(whole, result, np.nan)
    return chosen(inside, result, plain)


# ------------------------------------------------------------ hyperbolic, circular


@answers(np.tanh)
def tanh(x):
    """-e / (e + 2) with e = exp(-2 |x|) - 1, which nothing cancels in."""
    e = expm1(maximum(magnitude(x) * -2.0, -200.0))
    result = over(-e, plus(e, 2.0))
    return chosen(np.signbit(x.hi), -result, result)


# -1/3! + t^2/5! - ..., and 1/4! - t^2/6! + ...: |t| <= 2^-9, left out is below 2^-80
SINE_TAIL = (-1 / math.factorial(7), 1 / math.factorial(5), -1 / math.factorial(3))
COSINE_TAIL = (1 / math.factorial(8), -1 / math.factorial(6), 1 / math.factorial(4))


def _circular(x, quarter, function):
    """Return the sine of x + quarter * pi / 2; ``function`` is the same for flint."""
    inside = np.abs(x.hi) <= LARGEST_ANGLE
    near = chosen(inside, x, 1.0)
    k = np.rint(near.hi * (2 / math.pi))
    rest = reduced(near, k, HALF_PI)
    lost = ~inside | ((np.abs(rest.hi) < NEAR_ZERO) & (k != 0))
    j = np.rint(rest.hi * STEPS)
    t = plus(rest, -j / STEPS)
    square = squared(t)
    sine = plus(t, t.hi * square.hi * polynomial(square.hi, SINE_TAIL))
    fall = plus(square * -0.5, square.hi * square.hi * polynomial(square.hi, COSINE_TAIL))
    place = j.astype(int) - ANGLES[0]
    s, c = SINES[place], COSINES[place]
    sines = plus(s, plus(times(s, fall), times(c, sine)))
    cosines = plus(c, minus(times(c, fall), times(s, sine)))
    turn = (k.astype(int) + quarter) % 4
    result = chosen(turn % 2 == 0, sines, cosines)
    result = chosen(turn >= 2, -result, result)
    if not lost.any():
        return result
    far = by_flint(function, TwoFloats(x.hi[lost], x.low[lost]))
    hi, lo = np.array(result.hi), np.array(result.low)
    hi[lost], lo[lost] = far.hi, far.lo
    return TwoFloats(hi, lo)


@answers(np.sin)
def sin(x):
    return _circular(x, 0, arb.sin)


@answers(np.cos)
def cos(x):
    return _circular(x, 1, arb.cos)
