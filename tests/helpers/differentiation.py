"""Differentiation itself, against which every written gradient is held.

Over exact balls of 512 bits a central difference with the step 2**-128 leaves an
error of 2**-256 times a sixth of the third derivative: to 60 digits it is the
derivative.
"""

import numpy as np
from flint import arb

from equivalence.arithmetic import ExactArray

BITS = 512
STEP = arb(2) ** -128
AGREE = arb(10) ** -60
SMALLEST = arb(10) ** -20  # of a gradient that is 0 throughout


def normal(rng, *shape):
    return rng.normal(size=shape)


def differentiate(function, x):
    """Return the gradient of ``function`` at the ExactArray x.

    function: (..., *shape of x) -> (...), evaluated at all shifted points at once.
    """
    count = x.values.size
    shifts = ExactArray(np.eye(count).reshape(count, *x.shape)) * ExactArray(STEP)
    ahead, behind = function(x + shifts), function(x - shifts)
    return ExactArray(((ahead - behind).values / (2 * STEP)).reshape(x.shape))


def assert_agree(what, gradient, x, function):
    """Hold ``gradient`` against differentiation: to 60 digits of its largest element."""
    exact = differentiate(function, x).values
    scale = max(abs(e).mid() for e in exact.ravel()) + SMALLEST
    apart = np.abs(gradient.values - exact)
    bad = np.argwhere(~np.asarray(apart <= AGREE * scale, dtype=bool))
    if len(bad):
        at = tuple(int(i) for i in bad[0])
        found, wanted = gradient.values[at].str(12), exact[at].str(12)
        raise AssertionError(
            f"{what}{list(at)}: backward gives {found}, the derivative is {wanted}"
        )


def summed(y):
    return np.sum(y, axis=(-2, -1))
