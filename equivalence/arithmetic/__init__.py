"""Arithmetics that run the reference code unchanged: exact and rounding balls."""

from equivalence.arithmetic.decision import Decision
from equivalence.arithmetic.exact import ExactArray
from equivalence.arithmetic.rounding import Model, RoundingArray

__all__ = ["Decision", "ExactArray", "Model", "RoundingArray"]
