"""The answer to a comparison of balls: yes, no, or cannot be decided."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Decision:
    """``yes`` and ``known`` are boolean arrays of one shape; ``yes`` counts where known.

    ``np.where`` on a Decision gives what holds both answers where it is not known, never a
    guess.  ``&``, ``|`` and ``~`` combine Decisions, and Decisions with boolean arrays; one
    that is known to be no decides an ``&`` alone.
    """

    yes: np.ndarray
    known: np.ndarray

    def __and__(self, other):
        other = _decision(other)
        no = (self.known & ~self.yes) | (other.known & ~other.yes)
        return Decision(self.yes & other.yes, (self.known & other.known) | no)

    def __or__(self, other):
        return ~(~self & ~_decision(other))

    def __invert__(self):
        return Decision(~np.asarray(self.yes, dtype=bool), self.known)

    __rand__, __ror__ = __and__, __or__

    def __bool__(self):
        """Return the answer to a comparison of two numbers, for an ordinary ``if``.

        Raises ValueError where rounding decides it.
        """
        if not np.all(self.known):
            raise ValueError("rounding decides the branch that is to be taken")
        return bool(self.yes)

    def __array_function__(self, function, types, args, kwargs):
        if function is not np.where:
            return NotImplemented
        condition, x, y = args
        array = x if hasattr(x, "lift") else y
        return type(array).where(condition, array.lift(x), array.lift(y))


def _decision(answer):
    """Return ``answer`` as a Decision; a boolean array is one that is known."""
    if isinstance(answer, Decision):
        return answer
    answer = np.asarray(answer, dtype=bool)
    return Decision(answer, np.ones_like(answer))
