"""Sums of products that are nearer to the true ones than L4's radius is, by lower bounds of it.

The radius of a sum is so many roundings of the magnitudes of its terms.  Some of the terms have
no more magnitude than all, and often that is enough; else all of them are looked at.
"""

from functools import lru_cache

import numpy as np

from equivalence.arithmetic.one_rounding import median
from equivalence.arithmetic.rounding import Model
from equivalence.graph.to_the_bit import size_of
from equivalence.judge.resolution import NEGLIGIBLE

# What float64 rounds in what stands for the true result.
INWARDS = 1 - 2.0**-30
# So many numbers of an array are held at once.
LARGE = 1 << 17


class Sums:
    """Sums of products of two arrays, as ``gather`` makes them of arrays like x and y.

    axes: of x and of y, along which the factors of a sum lie.
    n: how many terms a sum has at most.
    terms: a function that gives how many are other than 0 at most, None where all are n.
    """

    def __init__(self, x, y, axes, n, gather, terms):
        self.x, self.y, self.axes, self.n = x, y, axes, n
        self.gather, self.terms = gather, terms

    def is_near(self, value, model):
        """Say whether all numbers are as near as L4 has it, with lower bounds of its radius."""
        away, size = self._away(value)
        inner, gammas = self.x.shape[self.axes[0]], self._gammas(model)
        # The narrow sum is off by gamma of n itself (Higham 2002, (3.13)), as is what follows it.
        lower = np.float32((1 - 1.01 * (self.n + 4) * model.unit) ** 2 * INWARDS)
        # Of terms >= 0, some sum to no more than all.
        few = -(-max(self.n // 16, 16) * inner // self.n)
        for count in (few, inner) if 4 * few <= inner else (inner,):
            magnitude = self._magnitude(count) * lower
            if (away <= magnitude * (gammas / 2 + model.unit)).all():
                return True
        bound = (magnitude + size) * (gammas / 2) + magnitude * model.unit
        return bool((away <= bound * INWARDS).all())

    def measure(self, value, model, largest):
        """Return (usage, sharp to) by L4's radius: see ``one_rounding.hold``."""
        away, size = self._away(value)
        gammas = self._gammas(model)
        magnitude = self._magnitude(self.x.shape[self.axes[0]]).astype(np.float64)
        magnitude *= 1 + 1.01 * (self.n + 4) * model.unit
        rad = gammas * (magnitude * model.gammas(self.n).half + size / 2)
        rad += model.gamma(1) * magnitude
        usage = float(np.max(away / np.maximum(rad, np.finfo(np.float64).tiny), initial=0))
        size = np.abs(value)
        counts = size >= max(NEGLIGIBLE * largest, np.finfo(np.float32).tiny)
        errors = ((away + rad) / np.where(counts, size, 1))[counts]
        return usage, (median(errors) if errors.size else None)

    def _away(self, value):
        """Return how far numbers are from the true ones, and the magnitudes of these."""
        mid = self.gather(self.x.astype(np.float64), self.y.astype(np.float64))
        away = mid - value
        return np.abs(away, out=away), np.abs(mid, out=mid)

    def _magnitude(self, count):
        """Return the sums of the magnitudes of the first terms, as float32 has them."""
        x, y = (
            np.abs(a[(slice(None),) * (axis % a.ndim) + (slice(count),)])
            for a, axis in zip((self.x, self.y), self.axes)
        )
        return self.gather(x, y)

    def _gammas(self, model):
        """Return L5's gammas: of zeros there are fewer terms."""
        table, terms = _table(self.n, model.dtype), self.terms()
        return table[self.n] if terms is None else table[terms]


@lru_cache(maxsize=256)
def _table(n, dtype):
    """Return the gammas of sums of 0 to n terms."""
    return Model(dtype).gammas(np.arange(n + 1)).of_each.astype(np.float32)


def cannot_overflow(x, y, n, model):
    """Say whether no partial sum of n products can be infinite, nor a number be none."""
    return bool(size_of(x) * size_of(y) * n <= model.largest / 4)
