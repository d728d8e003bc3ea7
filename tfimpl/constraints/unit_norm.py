"""The norm 1 for a weight."""

from dataclasses import dataclass

from tfimpl.constraints.constraint import Constraint
from tfimpl.constraints.norms import EPSILON, norms


@dataclass(frozen=True)
class UnitNorm(Constraint):
    """Keras: ``UnitNorm``."""

    axis: int = -2

    def forward(self, w):
        return w / (EPSILON + norms(w, self.axis))  # (1)
