"""No number of a weight below 0."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class NonNeg:
    """w <- max(w, 0)."""

    def forward(self, w):
        return np.maximum(w, 0)  # (1)
