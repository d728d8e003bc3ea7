"""A norm-wise enclosure of the Newton-Schulz iteration (L11 in ``docs/design.md``).

Balls of elements forget that the elements of X X' and of X belong together: after
five steps from a 3 by 4 matrix in float32 they are 24 wide, where the numbers are
below 1.3, and the norm-wise ball 6e-5.  A step maps X = U S V' to U p(S) V' with
p(s) = a s + b s^3 + c s^5, and for any two matrices X and Y of one shape

    |f(X) - f(Y)| <= max |p[x, y]| |X - Y|,    p[x, y] = (p(x) - p(y)) / (x - y),

in the Frobenius norm, over the singular values x of X and those of Y with both signs.
So a ball of matrices, a midpoint and a radius in this norm, is carried through a step
by the largest of these *slopes*.  What a step rounds is carried by the products of the
slopes of the steps after it, pair by pair.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from equivalence.arithmetic.rounding import OUTWARDS, RoundingArray
from equivalence.arithmetic.two_floats import narrowed

# A radius of one operation is above its real value by less than this factor of it,
# OUTWARDS and all; so much is taken off before one radius is subtracted from another.
INWARDS = 1 - 2.0**-40
# The share of the magnitudes of a polynomial's terms that its evaluation may round.
EVALUATION = 2.0**-45


@dataclass(frozen=True)
class EnclosedNewtonSchulz:
    """A Newton-Schulz iteration whose ``forward`` encloses balls norm-wise."""

    iteration: Any

    def forward(self, x, a, b, c, steps):
        if not isinstance(x, RoundingArray):
            return self.iteration.forward(x, a, b, c, steps)
        tall = x.shape[-2] > x.shape[-1]
        with np.errstate(all="ignore"):
            y = self._lying(x.mT if tall else x, *(x.lift(k) for k in (a, b, c)), steps)
        return y.mT if tall else y

    def _lying(self, x, a, b, c, steps):
        """Return the ball after ``steps`` steps from a ball x that is not tall."""
        polynomial = OddQuintic(*(narrowed(k.mid) for k in (a, b, c)))
        x, begun, stretch = self._normalised(x)
        spectrum = Spectrum.around(x, begun, stretch)
        first, slopes, rounded = spectrum, [], []
        for _ in range(steps):
            apart = growth(first, begun, stretch, slopes, rounded)
            x, error = self._step(x, a, b, c, spectrum, apart, polynomial)
            slopes.append(polynomial.slopes(spectrum))
            rounded.append(error)
            spectrum = polynomial.images(spectrum, error)
        return within(x, growth(first, begun, stretch, slopes, rounded))

    def _normalised(self, x):
        """Return x / length as (midpoint, error, stretch).

        What an honest implementation returns is a matrix within ``error`` of the
        midpoint, times one number within ``stretch`` of 1: the rounding of the length.
        """
        length = self.iteration.length(x)
        known = length.rad < length.mid
        rest = narrowed(length.mid - length.rad)
        stretch = np.where(known, length.rad / rest, np.inf)
        quotient = x / exact(length)
        return exact(quotient), radius_norm(quotient) * (1 + stretch), stretch

    def _step(self, x, a, b, c, spectrum, apart, polynomial):
        """Return the midpoint of a step, and how far an honest step is from f, and it.

        apart: how far an honest x is from the midpoint x.
        """
        part, top = self.iteration, spectrum.top
        gram, error_1 = rounding(part.gram, (within(x, apart),))
        gram_apart = 2 * top * apart + error_1
        even, error_2 = rounding(part.even, (within(gram, gram_apart),), (b, c))
        even_apart = polynomial.even_slope(top**2 + error_1) * gram_apart + error_2
        step, error_3 = rounding(part.odd, (within(x, apart), within(even, even_apart)), (a,))
        error = polynomial.of_gram(spectrum, error_1) + top * error_2 + error_3
        return step, error


def growth(first, begun, stretch, slopes, rounded):
    """Return how far an honest matrix is from the midpoint after the steps taken so far.

    first: the Spectrum before the first step.
    begun, stretch: see ``EnclosedNewtonSchulz._normalised``.
    slopes, rounded: of each step, between all pairs, and what it rounded.
    """
    x, y = pairs(first.centres, -1)
    gain, radius = np.ones_like(x * y), 0
    for slope, error in zip(reversed(slopes), reversed(rounded)):
        radius = radius + largest(gain) * error
        gain = gain * slope
    radius = radius + largest(gain) * begun
    own = diagonal(gain) * (np.abs(first.centres) + first.widths)
    return radius + stretch * np.sqrt(np.sum(np.square(own), axis=-1))[..., None, None]


@dataclass(frozen=True)
class Spectrum:
    """Where the singular values of all matrices of a ball lie.

    centres: (..., m), in no order and of either sign, which only an odd or even
        function of them may be asked for.
    widths: (..., m), how far from its centre each singular value may be.
    """

    centres: np.ndarray
    widths: np.ndarray

    @classmethod
    def around(cls, x, error, stretch):
        """Return the Spectrum of what is within ``error`` of x, times 1 +- ``stretch``."""
        centres, unknown = singular_values(x)
        widths = (error + unknown)[..., 0] + np.zeros_like(centres)
        return cls(centres, widths + stretch[..., 0] * (centres + widths))

    @property
    def top(self):
        """The largest singular value, (..., 1, 1)."""
        return np.max(np.abs(self.centres) + self.widths, axis=-1)[..., None, None]


@dataclass(frozen=True)
class OddQuintic:
    """p(s) = a s + b s^3 + c s^5, and what of it bounds a step."""

    a: np.ndarray
    b: np.ndarray
    c: np.ndarray

    def slopes(self, spectrum):
        """Return a bound of |p[x, y]| for each pair of singular values in their intervals.

        p[x, y] = a + b (x^2 + x y + y^2) + c (x^4 + x^3 y + x^2 y^2 + x y^3 + y^4), whose
        derivatives by x and by y are at most 3 |b| t + 10 |c| t^3 up to t.
        """
        x, y = pairs(spectrum.centres, -1)
        x_width, y_width = pairs(spectrum.widths, 1)
        t = np.maximum(np.abs(x) + x_width, np.abs(y) + y_width)
        xx, xy, yy = x * x, x * y, y * y
        cubic, quintic = xx + xy + yy, xx * xx + xx * xy + xx * yy + xy * yy + yy * yy
        terms = abs(self.a) + 3 * abs(self.b) * t**2 + 5 * abs(self.c) * t**4
        change = 3 * abs(self.b) * t + 10 * abs(self.c) * t**3
        middle = np.abs(self.a + self.b * cubic + self.c * quintic)
        return middle + (x_width + y_width) * change + EVALUATION * terms

    def images(self, spectrum, error):
        """Return the Spectrum of all matrices within ``error`` of f of the ball's."""
        s, widths = spectrum.centres, spectrum.widths
        centres = s * (self.a + s * s * (self.b + self.c * s * s))
        t = np.abs(s) + widths
        terms = abs(self.a) * t + abs(self.b) * t**3 + abs(self.c) * t**5
        widths = diagonal(self.slopes(spectrum)) * widths + error[..., 0] + EVALUATION * terms
        return Spectrum(centres, widths)

    def even_slope(self, t):
        """Return a Lipschitz constant of G -> b G + c G^2 where |G| <= t."""
        return abs(self.b) + 2 * abs(self.c) * t

    def of_gram(self, spectrum, error):
        """Return what an error in X X' does to (b G + c G^2) X.

        In the singular vectors of X it is multiplied by (b + c (x^2 + y^2)) y, but for
        its own square.
        """
        x, y = pairs(spectrum.centres, -1)
        x_width, y_width = pairs(spectrum.widths, 1)
        x_end, y_end = np.abs(x) + x_width, np.abs(y) + y_width
        terms = abs(self.b) + abs(self.c) * (x_end**2 + y_end**2)
        middle = np.abs(self.b + self.c * (x * x + y * y))
        change = 2 * abs(self.c) * (x_end * x_width + y_end * y_width)
        slope = middle + change + EVALUATION * terms
        return largest(slope * y_end) * error + abs(self.c) * spectrum.top * error**2


# ------------------------------------------------------------------ balls and norms


def exact(x):
    """Return the midpoint of a ball, as a ball of radius 0."""
    return RoundingArray(x.mid, np.zeros_like(x.rad), x.model)


def within(x, radius):
    """Return the midpoint of a ball with a radius in the norm as that of every element."""
    if not np.isfinite(radius).all():
        x.model.note("a Newton-Schulz iteration whose error has no bound")
    radius = np.where(np.isfinite(radius), radius * OUTWARDS, np.inf)
    return x.bounded(x.mid, np.broadcast_to(radius, x.shape))


def norm(x):
    """Return the largest Frobenius norm in a ball, (..., 1, 1)."""
    return _frobenius(x.outer, x.model)


def radius_norm(x):
    """Return the Frobenius norm of the radii of a ball."""
    return _frobenius(x.rad, x.model)


def _frobenius(values, model):
    terms = values.shape[-1] * values.shape[-2]
    sums = np.sum(np.square(values), axis=(-2, -1), keepdims=True)
    return np.sqrt(sums) * (1 + model.radius_gamma(terms + 2))


def largest(values):
    return np.max(values, axis=(-2, -1), keepdims=True)


def pairs(values, sign):
    """Return what singular values have as x, (..., m, 1), and as all y, (..., 1, 2 m).

    Each x meets every y with both signs.  sign: of the values' second half: -1 for the
    singular values themselves, 1 for widths.
    """
    return values[..., :, None], np.concatenate([values, sign * values], axis=-1)[..., None, :]


def diagonal(values):
    """Return what stands where a singular value meets itself, (..., m)."""
    return np.diagonal(values, axis1=-2, axis2=-1)


def rounding(operation, balls, decimals=()):
    """Return the midpoint of an operation, and what rounding may do to it, in the norm.

    That is what an honest implementation rounds on whatever operands in ``balls``, and
    the midpoint's own error.  For sums and products of balls the radius with rounding
    less the radius that the operands carry bounds the former (L11).  decimals: hyper-
    parameters, whose rounding counts here.
    """
    model = balls[0].model
    numbers = [exact(d) for d in decimals]
    with model.symmetric_balls():
        honest = operation(*balls, *decimals)
    with model.propagation_only(), model.symmetric_balls():
        carried = operation(*balls, *numbers)
        own = operation(*(exact(ball) for ball in balls), *numbers)
    error = np.maximum(honest.rad - carried.rad * INWARDS, 0)
    return exact(own), _frobenius(error, model) + radius_norm(own)


def singular_values(x):
    """Return numbers (..., m) and how far from them the singular values of x may be.

    LAPACK's U S V' is not trusted, and neither are U and V orthogonal.  By Weyl's
    inequality and s_i(A B) <= s_i(A) |B|,
    |s_i(X) - S_i| <= |U S V' - X| + S_1 (|U'U - I| + |V'V - I|) (L11).
    """
    model = x.model
    u, s, vt = (
        RoundingArray(model.format.of(part), np.zeros(part.shape, model.format.radius), model)
        for part in np.linalg.svd(x.mid.astype(np.float64), full_matrices=False)
    )
    one = np.eye(s.shape[-1])
    with model.propagation_only():
        skew = norm(u.mT @ u - one) + norm(vt @ vt.mT - one)
        apart = norm(u * s[..., None, :] @ vt - x)
    skew = np.where(skew < 0.5, skew, np.inf)
    s = narrowed(s.mid)
    return s, apart + np.max(s, axis=-1)[..., None, None] * skew
