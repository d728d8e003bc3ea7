"""Arithmetics that run the reference code unchanged: exact and rounding balls.

Importing them registers the rules by which they answer NumPy; see ``dispatch``.
"""

from equivalence.arithmetic import composed, elementary, moves  # noqa: F401  (they register)
from equivalence.arithmetic.decision import Decision
from equivalence.arithmetic.exact import ExactArray
from equivalence.arithmetic.rounding import Model, RoundingArray

__all__ = ["Decision", "ExactArray", "Model", "RoundingArray"]
