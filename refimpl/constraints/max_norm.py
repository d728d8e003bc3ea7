"""The largest norm of a weight (Srebro and Shraibman 2005; Hinton and others 2012)."""

from dataclasses import dataclass

import numpy as np

from refimpl.checks import axis_of_a_matrix, positive
from refimpl.constraints.constraint import Constraint
from refimpl.constraints.norms import EPSILON, norms


@dataclass(frozen=True)
class MaxNorm(Constraint):
    """w <- w min(|w|, max_value) / (|w| + 1e-7).

    What is short enough gets a little shorter, too.  Raises ValueError for a max_value that
    is not above 0, and for an axis other than -2 and -1.
    """

    max_value: float = 2.0
    axis: int = -2

    def __post_init__(self):
        positive("max_value", self.max_value)
        axis_of_a_matrix(self.axis)

    def forward(self, w):
        norm = norms(w, self.axis)  # (1)
        desired = np.minimum(norm, self.max_value)  # (2)
        return w * (desired / (EPSILON + norm))  # (3)
