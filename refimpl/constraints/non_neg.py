"""No number of a weight below 0."""

from dataclasses import dataclass

import numpy as np

from refimpl.constraints.constraint import Constraint


@dataclass(frozen=True)
class NonNeg(Constraint):
    """w <- max(w, 0)."""

    def forward(self, w):
        return np.maximum(w, 0)  # (1)
