"""The Newton-Schulz iteration of Muon (Jordan et al. 2024): X is driven to U V'."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf


@dataclass(frozen=True)
class NewtonSchulz:
    """X of any shape (..., rows, columns) -> nearly U V' of the same shape."""

    name: ClassVar = "newton_schulz"

    def forward(self, x, a, b, c, steps):
        """Return x after ``steps`` steps, taken with its longer side across."""
        tall = x.shape[-2] > x.shape[-1]
        x = tf.linalg.matrix_transpose(x) if tall else x  # (1)
        x = x / self.length(x)  # (2)
        for _ in range(steps):
            x = self.odd(x, self.even(self.gram(x), b, c), a)
        return tf.linalg.matrix_transpose(x) if tall else x  # (3)

    def length(self, x):
        norm = tf.sqrt(tf.reduce_sum(tf.square(x), (-2, -1), keepdims=True))  # (4)
        return norm + 1e-7  # (5)

    def gram(self, x):
        return x @ tf.linalg.matrix_transpose(x)  # (6)

    def even(self, gram, b, c):
        return b * gram + (c * gram) @ gram  # (7)

    def odd(self, x, even, a):
        return a * x + even @ x  # (8)
