"""The norm 1 for a weight."""

from dataclasses import dataclass

from refimpl.checks import axis_of_a_matrix
from refimpl.constraints.constraint import Constraint
from refimpl.constraints.norms import EPSILON, norms


@dataclass(frozen=True)
class UnitNorm(Constraint):
    """w <- w / (|w| + 1e-7).  Raises ValueError for an axis other than -2 and -1."""

    axis: int = -2

    def __post_init__(self):
        axis_of_a_matrix(self.axis)

    def forward(self, w):
        return w / (EPSILON + norms(w, self.axis))  # (1)
