"""The answer to a comparison of balls: yes, no, or cannot be decided."""

from dataclasses import dataclass

import numpy as np

from equivalence.arithmetic.dispatch import (
    RULES,
    DispatchedArray,
    answer_function,
    missing,
    name_of,
)


class Undecided(ValueError):
    """Rounding decides what has to be known; the message says what."""


@dataclass(frozen=True)
class Decision:
    """``yes`` and ``known`` are boolean arrays of one shape; ``yes`` counts where known.

    ``np.where`` on a Decision gives what holds both answers where it is not known, never a
    guess.  ``&``, ``|`` and ``~`` combine Decisions, and Decisions with boolean arrays; one
    that is known to be no decides an ``&`` alone.
    """

    yes: np.ndarray
    known: np.ndarray

    @classmethod
    def of(cls, answer):
        """Return ``answer`` as a Decision.

        A boolean array is one that is known, numbers are a yes where they are not 0.
        """
        if isinstance(answer, Decision):
            return answer
        if isinstance(answer, DispatchedArray):
            return answer != 0
        answer = np.asarray(answer, dtype=bool)
        return Decision(answer, np.ones_like(answer))

    def __and__(self, other):
        other = Decision.of(other)
        no = (self.known & ~self.yes) | (other.known & ~other.yes)
        return Decision(self.yes & other.yes, (self.known & other.known) | no)

    def __or__(self, other):
        return ~(~self & ~Decision.of(other))

    def __invert__(self):
        return Decision(~np.asarray(self.yes, dtype=bool), self.known)

    __rand__, __ror__ = __and__, __or__

    def __bool__(self):
        """Return the answer to a comparison of two numbers, for an ordinary ``if``.

        Raises ValueError where rounding decides it.
        """
        if not np.all(self.known):
            raise Undecided("rounding decides the branch that is to be taken")
        return bool(self.yes)

    def any(self, axis=None, keepdims=False):
        """Return whether one is a yes: known where one is known to be, or all are known."""
        along = {"axis": axis, "keepdims": keepdims}
        yes = np.any(self.yes & self.known, **along)
        return Decision(yes, yes | np.all(self.known, **along))

    def all(self, axis=None, keepdims=False):
        return ~(~self).any(axis, keepdims)

    def choose(self, x, y):
        """Return ``np.where`` of ordinary arrays; raise ValueError where rounding decides."""
        if not np.all(self.known):
            raise Undecided("rounding decides between numbers that are no balls: lift them first")
        return np.where(self.yes, x, y)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        if any(isinstance(x, DispatchedArray) for x in inputs):
            return NotImplemented  # theirs to answer, with this as 0s and 1s
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        if function not in RULES or RULES[function].kind != "composed":
            raise missing(function, type(self))
        return answer_function(function, type(self), inputs, kwargs)

    def __array_function__(self, function, types, args, kwargs):
        if function not in (np.where, np.any, np.all):
            raise TypeError(
                f"{name_of(function)} takes numbers, not the answer to a comparison of balls: make "
                "numbers of it by np.where(answer, np.ones_like(x), np.zeros_like(x))"
            )
        return answer_function(function, type(self), args, kwargs)
