"""How sharp a certificate is: the smallest relative error that it would have found.

An element v in the ball of midpoint m and radius r could have been wrong by the factor
1 + d, and by 1 - d, without leaving the ball only if d |v| <= r + |v - m|.  So every d above

    (r + |v - m|) / |v|

would have been found.  An element counts where it is not negligible: at least 2^-10 of the
largest magnitude of its tensor in that step.  That a bound is used to 100 % says nothing of
its sharpness: one rounding of a subtraction uses all of its half ULP.
"""

from typing import NamedTuple

import numpy as np

from equivalence.arithmetic.two_floats import size_of
from equivalence.steps.trajectory import STAGES

NEGLIGIBLE = 2.0**-10


class Resolution(NamedTuple):
    """The smallest relative errors that would have been found in the tensors of one stage.

    median: that of the least sharp tensor, over its elements; worst: of any element.
    tensor: the least sharp one.
    """

    median: float
    worst: float
    tensor: str


def measure_resolution(trajectory, balls):
    """Return stage -> Resolution of what was recorded, where something is not 0.

    balls: stage -> name -> balls of the same shape, as ``certificate.Enclosures`` has them.
    """
    found = {}
    for stage in STAGES:
        tensors = [
            Resolution(float(np.median(shares)), float(shares.max()), name)
            for name, values in trajectory.computed(stage).items()
            if (shares := smallest_errors(values, balls[stage][name])).size
        ]
        if tensors:
            found[stage] = least_sharp(tensors)
    return found


def least_sharp(resolutions):
    """Return one Resolution for several of one stage."""
    median, _, tensor = max(resolutions)
    return Resolution(median, max(each.worst for each in resolutions), tensor)


def smallest_errors(values, ball, largest=None):
    """Return the smallest relative error that is found, of each element that counts.

    values: (S, ...), of S steps; the result is flat.  largest: of the whole tensor, where
    these values are a part of it.
    """
    size = np.abs(np.asarray(values, np.float64))
    counts = that_count(size, largest)
    mid, rad = (np.broadcast_to(part, size.shape)[counts] for part in (ball.mid, ball.rad))
    with np.errstate(invalid="ignore"):
        away = size_of(np.asarray(values)[counts] - mid) + rad
    return np.asarray(np.where(np.isinf(rad), np.inf, away) / size[counts], np.float64)


def that_count(size, largest=None):
    """Say of magnitudes, (S, ...), which are not negligible in the tensor of their step.

    largest: as in ``smallest_errors``.
    """
    if largest is None:
        largest = size.max(axis=tuple(range(1, size.ndim)), keepdims=True, initial=0)
    return (size >= NEGLIGIBLE * largest) & (size > 0) & np.isfinite(size)
