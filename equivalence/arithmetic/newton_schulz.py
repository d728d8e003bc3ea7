"""A norm-wise enclosure of the Newton-Schulz iteration (L11 in ``docs/design.md``).

Elementwise balls forget that the elements of X X' and of X belong together, and grow
a thousandfold in every step.  But a step maps X = U S V' to U p(S) V' with
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
        polynomial = OddQuintic(a.mid, b.mid, c.mid)
        x, begun, stretch = self._normalised(x)
        spectrum = Spectrum.around(x, begun + stretch * (norm(x) + begun))
        first, slopes, rounded = spectrum, [], []
        for _ in range(steps):
            x, error = self._step(x, a, b, c, spectrum, polynomial)
            slopes.append(polynomial.slopes(spectrum))
            rounded.append(error)
            spectrum = polynomial.images(spectrum, largest(slopes[-1]), error)
        return within(x, growth(first, begun, stretch, slopes, rounded))

    def _normalised(self, x):
        """Return x / length as (midpoint, error, stretch).

        What an honest implementation returns is a matrix within ``error`` of the
        midpoint, times one number within ``stretch`` of 1: the rounding of the length.
        """
        length = self.iteration.length(x)
        known = length.rad < length.mid
        stretch = np.where(known, length.rad / (length.mid - length.rad), np.inf)
        quotient = x / exact(length)
        return exact(quotient), radius_norm(quotient) * (1 + stretch), stretch

    def _step(self, x, a, b, c, spectrum, polynomial):
        """Return the midpoint of a step, and how far an honest step is from f, and it."""
        part, top, apart = self.iteration, spectrum.top, spectrum.width
        gram, error_1 = rounding(part.gram, (within(x, apart),))
        apart = 2 * top * apart + error_1
        even, error_2 = rounding(part.even, (within(gram, apart),), (b, c))
        apart = polynomial.even_slope(top**2 + error_1) * apart + error_2
        step, error_3 = rounding(part.odd, (within(x, spectrum.width), within(even, apart)), (a,))
        error = polynomial.of_gram(spectrum, error_1) + top * error_2 + error_3
        return step, error


def growth(first, begun, stretch, slopes, rounded):
    """Return the radius after all steps: to what each source of error grows until then.

    first: the Spectrum before the first step.
    begun, stretch: see ``EnclosedNewtonSchulz._normalised``.
    slopes, rounded: of each step, between all pairs, and what it rounded.
    """
    gain, radius = np.ones_like(first.pairs[0] * first.pairs[1]), 0
    for slope, error in zip(reversed(slopes), reversed(rounded)):
        radius = radius + largest(gain) * error
        gain = gain * slope
    radius = radius + largest(gain) * begun
    own = np.diagonal(gain, axis1=-2, axis2=-1) * (np.abs(first.centres) + first.width[..., 0])
    return radius + stretch * np.sqrt(np.sum(np.square(own), axis=-1))[..., None, None]


@dataclass(frozen=True)
class Spectrum:
    """Where the singular values of all matrices of a ball lie.

    centres: (..., m), in no order and of either sign, which only an odd or even
        function of them may be asked for.
    width: (..., 1, 1), how far from its centre a singular value may be, and how far a
        matrix from its midpoint.
    """

    centres: np.ndarray
    width: np.ndarray

    @classmethod
    def around(cls, x, radius):
        """Return the Spectrum of all matrices within ``radius`` of the midpoint of x."""
        centres, error = singular_values(x)
        return cls(centres, radius + error)

    @property
    def top(self):
        """The largest singular value, (..., 1, 1)."""
        return np.max(np.abs(self.centres), axis=-1)[..., None, None] + self.width

    @property
    def pairs(self):
        """x, (..., m, 1), and all y that it meets, (..., 1, 2 m)."""
        s = self.centres
        return s[..., :, None], np.concatenate([s, -s], axis=-1)[..., None, :]


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
        (x, y), t = spectrum.pairs, spectrum.top
        xx, xy, yy = x * x, x * y, y * y
        cubic, quintic = xx + xy + yy, xx * xx + xx * xy + xx * yy + xy * yy + yy * yy
        terms = abs(self.a) + 3 * abs(self.b) * t**2 + 5 * abs(self.c) * t**4
        change = 3 * abs(self.b) * t + 10 * abs(self.c) * t**3
        middle = np.abs(self.a + self.b * cubic + self.c * quintic)
        return middle + 2 * spectrum.width * change + EVALUATION * terms

    def images(self, spectrum, slope, error):
        """Return the Spectrum of all matrices within ``error`` of f of the ball's.

        slope: the largest of ``slopes``.
        """
        s, t = spectrum.centres, spectrum.top
        centres = s * (self.a + s * s * (self.b + self.c * s * s))
        terms = abs(self.a) * t + abs(self.b) * t**3 + abs(self.c) * t**5
        width = slope * spectrum.width + error + EVALUATION * terms
        return Spectrum(centres, width)

    def even_slope(self, t):
        """Return a Lipschitz constant of G -> b G + c G^2 where |G| <= t."""
        return abs(self.b) + 2 * abs(self.c) * t

    def of_gram(self, spectrum, error):
        """Return what an error in X X' does to (b G + c G^2) X.

        In the singular vectors of X it is multiplied by (b + c (x^2 + y^2)) y, but for
        its own square.
        """
        x, y = (np.abs(v) for v in (spectrum.centres[..., :, None], spectrum.centres[..., None, :]))
        t, width = spectrum.top, spectrum.width
        terms = abs(self.b) + 2 * abs(self.c) * t**2
        middle = np.abs(self.b + self.c * (x * x + y * y))
        slope = middle + 4 * abs(self.c) * t * width + EVALUATION * terms
        return largest(slope * (y + width)) * error + abs(self.c) * t * error**2


# ------------------------------------------------------------------ balls and norms


def exact(x):
    """Return the midpoint of a ball, as a ball of radius 0."""
    return RoundingArray(x.mid, np.zeros_like(x.mid), x.model)


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
    return np.sqrt(sums) * (1 + model.wide_gamma(terms + 2))


def largest(values):
    return np.max(values, axis=(-2, -1), keepdims=True)


def rounding(operation, balls, decimals=()):
    """Return the midpoint of an operation, and what rounding may do to it, in the norm.

    That is what an honest implementation rounds on whatever operands in ``balls``, and
    the midpoint's own error.  For sums and products of balls the radius with rounding
    less the radius that the operands carry bounds the former (L11).  decimals: hyper-
    parameters, whose rounding counts here.
    """
    model = balls[0].model
    numbers = [exact(d) for d in decimals]
    honest = operation(*balls, *decimals)
    with model.propagation_only():
        carried = operation(*balls, *numbers)
        own = operation(*(exact(ball) for ball in balls), *numbers)
    error = np.maximum(honest.rad - carried.rad * INWARDS, 0)
    return exact(own), _frobenius(error, model) + radius_norm(own)


def singular_values(x):
    """Return numbers (..., m) and how far from them the singular values of x may be.

    LAPACK's U S V' is not trusted.  With E = U S V' - X (Weyl), and |U'U - I| and
    |VV' - I| for how far U and V are from orthogonal (Ostrowski; Horn, Johnson 1991,
    Theorem 3.3.16), |s_i(X) - S_i| <= |E| + S_1 (|U'U - I| + |VV' - I|).
    """
    model = x.model
    u, s, vt = (
        RoundingArray(part.astype(model.wide), np.zeros(part.shape, model.wide), model)
        for part in np.linalg.svd(x.mid.astype(np.float64), full_matrices=False)
    )
    one = np.eye(s.shape[-1])
    with model.propagation_only():
        skew = norm(u.mT @ u - one) + norm(vt @ vt.mT - one)
        apart = norm(u * s[..., None, :] @ vt - x)
    skew = np.where(skew < 0.5, skew, np.inf)
    return s.mid, apart + np.max(s.mid, axis=-1)[..., None, None] * skew
