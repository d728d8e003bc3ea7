"""The Newton-Schulz iteration of Muon (Jordan et al. 2024): X is driven to U V'.

With X = U S V' a step X <- a X + (b A + c A^2) X, A = X X', is U p(S) V' with
p(s) = a s + b s^3 + c s^5: it acts on the singular values alone.  Jordan's a, b
and c bring all s from 0.01 to 1 between 0.68 and 1.21 in five steps, where they
stay without converging.  It begins with X / (|X| + 1e-7), whose singular values
are at most 1.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np


@dataclass(frozen=True)
class NewtonSchulz:
    """X of any shape (..., rows, columns) -> nearly U V' of the same shape."""

    name: ClassVar = "newton_schulz"

    def forward(self, x, a, b, c, steps):
        """Return x after ``steps`` steps, taken with its longer side across."""
        tall = x.shape[-2] > x.shape[-1]
        x = x.mT if tall else x  # (1)
        x = x / self.length(x)  # (2)
        for _ in range(steps):
            x = self.odd(x, self.even(self.gram(x), b, c), a)
        return x.mT if tall else x  # (3)

    def length(self, x):
        norm = np.sqrt(np.sum(np.square(x), axis=(-2, -1), keepdims=True))  # (4)
        return norm + 1e-7  # (5)

    def gram(self, x):
        return x @ x.mT  # (6)

    def even(self, gram, b, c):
        return b * gram + (c * gram) @ gram  # (7)

    def odd(self, x, even, a):
        return a * x + even @ x  # (8)
