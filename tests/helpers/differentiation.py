"""Written gradients held against exact differentiation (``equivalence.judge.derivative``)."""

import numpy as np

from equivalence.judge.derivative import AGREE, SMALLEST, differentiate


def normal(rng, *shape):
    return rng.normal(size=shape)


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
