"""How the time of a step grows with its work, and where TensorFlow overtakes NumPy."""

from dataclasses import dataclass

import numpy as np

# An exponent is fitted where a step takes at least so many times the shortest one:
# below, the time of a call is what is measured, not the work.
BEYOND_OVERHEAD = 10


@dataclass(frozen=True)
class Growth:
    """seconds ~ work ^ exponent, once the work outweighs the call.

    overhead: the shortest step, in seconds.  exponent, error: of the least-squares line
    through the logarithms and its standard error; None with less than 3 points.
    points: how many the line goes through.  rate: operations a second of the largest step.
    """

    overhead: float
    exponent: float | None
    error: float | None
    points: int
    rate: float


def growth(records):
    """Return the Growth of one engine's records of many sizes."""
    work = np.array([r.flops for r in records], float)
    seconds = np.array([r.seconds for r in records])
    overhead = seconds.min()
    largest = work.argmax()
    far = seconds >= BEYOND_OVERHEAD * overhead
    rate = work[largest] / seconds[largest]
    if far.sum() < 3 or len(set(work[far])) < 2:
        return Growth(overhead, None, None, int(far.sum()), rate)
    exponent, error = _slope(np.log(work[far]), np.log(seconds[far]))
    return Growth(overhead, exponent, error, int(far.sum()), rate)


def _slope(x, y):
    """Return the slope of the least-squares line and its standard error."""
    x, y = x - x.mean(), y - y.mean()
    slope = (x @ y) / (x @ x)
    residual = y - slope * x
    variance = (residual @ residual) / (len(x) - 2)
    return float(slope), float(np.sqrt(variance / (x @ x)))


@dataclass(frozen=True)
class Crossover:
    """Where an engine overtakes NumPy, as work a step; it lies between the two.

    slower: the largest record that NumPy wins, or None; faster: the smallest record
    from which on the engine wins every one, or None.
    """

    slower: object
    faster: object


def crossover(records):
    """Return the Crossover of one engine's records of many sizes."""
    ordered = sorted((r for r in records if r.ratio is not None), key=lambda r: r.flops)
    slower = max((k for k, r in enumerate(ordered) if r.ratio < 1), default=None)
    if slower is None:
        return Crossover(None, ordered[0] if ordered else None)
    rest = ordered[slower + 1 :]
    return Crossover(ordered[slower], rest[0] if rest else None)


def steps_to_pay(record, numpy):
    """Return after how many steps an engine's first call is paid back, or None if never.

    Until then NumPy, which compiles nothing, is ahead.
    """
    gain = numpy.seconds - record.seconds
    return None if gain <= 0 else (record.build + record.first_call) / gain
