"""The smallest and the largest norm that a weight may have."""

from dataclasses import dataclass

import numpy as np

from refimpl.checks import axis_of_a_matrix, fraction_or_one, not_negative, positive
from refimpl.constraints.constraint import Constraint
from refimpl.constraints.norms import EPSILON, norms


@dataclass(frozen=True)
class MinMaxNorm(Constraint):
    """The norm goes the part ``rate`` of the way to the nearest that is allowed.

    What is 0 stays 0, whatever min_value says.  Raises ValueError for a negative min_value,
    a max_value that is not above 0, a rate outside of 0 to 1, and an axis not -2 or -1.
    """

    min_value: float = 0.0
    max_value: float = 1.0
    rate: float = 1.0
    axis: int = -2

    def __post_init__(self):
        not_negative("min_value", self.min_value)
        positive("max_value", self.max_value)
        fraction_or_one("rate", self.rate)
        axis_of_a_matrix(self.axis)

    def forward(self, w):
        norm = norms(w, self.axis)  # (1)
        nearest = np.minimum(np.maximum(norm, self.min_value), self.max_value)  # (2)
        desired = self.rate * nearest + (1 - self.rate) * norm  # (3)
        return w * (desired / (EPSILON + norm))  # (4)
