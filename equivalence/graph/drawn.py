"""Numbers that a stateful generator drew: taken as recorded, and held in their range and shape.

A generator that keeps its state in the kernel, or a kernel that draws until it accepts, gives
numbers that no operand says.  What is checked is what every draw must be: numbers below 1, whole
numbers of a range, the same rows in another order.  A row each says which.
"""

from collections.abc import Callable
from dataclasses import dataclass
from zlib import crc32

import numpy as np

# Box and Muller of float32 numbers of at least 1e-7 (tensorflow/core/lib/random/
# random_distributions.h, BoxMullerFloat): the root of -2 log 1e-7 is 5.678, also in float64.
FARTHEST = 5.68
# kTruncateValue of the same file.
TRUNCATED = 2.0


@dataclass(frozen=True)
class Draw:
    """What one kind of operation draws.

    shape: of its operands and attributes, the shape that is due.
    inside: of the numbers and the operands, which of them may have been drawn.
    draw: of a NumPy generator, a shape and the operands, numbers of the kind.
    """

    shape: Callable
    inside: Callable
    draw: Callable


def _whole(shape):
    return tuple(int(n) for n in np.ravel(shape))


def _given(place):
    return lambda operands: _whole(operands[place])


def _uniform(place):
    return Draw(
        _given(place),
        lambda x, operands: (x >= 0) & (x < 1),
        lambda rng, shape, operands: rng.random(shape),
    )


def _normal(place):
    return Draw(
        _given(place),
        lambda x, operands: np.abs(x) <= FARTHEST,
        lambda rng, shape, operands: np.clip(rng.normal(size=shape), -FARTHEST, FARTHEST),
    )


def _truncated(place):
    return Draw(
        _given(place),
        lambda x, operands: np.abs(x) <= TRUNCATED,
        lambda rng, shape, operands: np.clip(rng.normal(size=shape), -TRUNCATED, TRUNCATED),
    )


def _integers(place):
    """From the operand behind the shape up to but not the next."""
    return Draw(
        _given(place),
        lambda x, operands: (x >= operands[place + 1]) & (x < operands[place + 2]),
        lambda rng, shape, operands: rng.integers(operands[place + 1], operands[place + 2], shape),
    )


def _of_counts(shape, place):
    """Numbers that are not negative, of a distribution with an operand's parameters."""
    return Draw(
        shape,
        lambda x, operands: np.isfinite(x) & (x >= 0),
        lambda rng, shape, operands: rng.gamma(
            np.broadcast_to(np.maximum(operands[place], 1e-3), shape)
        ),
    )


def _behind(operands):
    """The shape that is asked for, and behind it that of the parameters."""
    return (*_whole(operands[0]), *np.shape(operands[1]))


def _same_rows(x, operands):
    """Say whether these are the rows of the operand, each as often, in any order."""
    order = lambda a: np.sort(np.reshape(a, (len(a), -1)).view([("", a.dtype)] * _width(a)), axis=0)
    rows = np.ascontiguousarray(x), np.ascontiguousarray(operands[0])
    return np.array_equal(*(order(each) for each in rows)) if len(x) else True


def _width(array):
    return max(array.size // max(len(array), 1), 1)


_SHUFFLE = Draw(
    lambda operands: np.shape(operands[0]),
    _same_rows,
    lambda rng, shape, operands: rng.permutation(operands[0]),
)
_CLASSES = Draw(
    lambda operands: (len(operands[0]), int(operands[1])),
    lambda x, operands: (x >= 0) & (x < np.shape(operands[0])[1]),
    lambda rng, shape, operands: rng.integers(0, np.shape(operands[0])[1], shape),
)

DRAWN = {
    "RandomUniform": _uniform(0),
    "RandomStandardNormal": _normal(0),
    "TruncatedNormal": _truncated(0),
    "RandomUniformInt": _integers(0),
    "RandomShuffle": _SHUFFLE,
    "Multinomial": _CLASSES,
    "StatelessMultinomial": _CLASSES,
    "RandomGamma": _of_counts(_behind, 1),
    "RandomPoissonV2": _of_counts(_behind, 1),
    "StatelessRandomGammaV3": _of_counts(_given(0), 4),
    "StatelessTruncatedNormalV2": _truncated(0),
    "StatefulUniform": _uniform(2),
    "StatefulStandardNormalV2": _normal(2),
    "StatefulTruncatedNormal": _truncated(2),
    "StatefulUniformInt": _integers(2),
}


def is_drawn(kind, operands, value):
    """Return of each number whether the kind may have drawn it; False for another shape."""
    row = DRAWN[kind]
    if tuple(np.shape(value)) != tuple(row.shape(operands)):
        return False
    return row.inside(np.asarray(value), operands)


def draw(kind, operands, name, dtype=np.float64):
    """Return numbers as the kind draws them, always the same for one name."""
    row = DRAWN[kind]
    rng = np.random.default_rng(crc32(name.encode()))
    return np.asarray(row.draw(rng, row.shape(operands), operands), dtype)
