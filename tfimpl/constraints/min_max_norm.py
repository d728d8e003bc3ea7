"""The smallest and the largest norm that a weight may have."""

from dataclasses import dataclass

import tensorflow as tf

from tfimpl.constraints.constraint import Constraint
from tfimpl.constraints.norms import EPSILON, norms


@dataclass(frozen=True)
class MinMaxNorm(Constraint):
    """Keras: ``MinMaxNorm``."""

    min_value: float = 0.0
    max_value: float = 1.0
    rate: float = 1.0
    axis: int = -2

    def forward(self, w):
        norm = norms(w, self.axis)  # (1)
        nearest = tf.minimum(tf.maximum(norm, self.min_value), self.max_value)  # (2)
        desired = self.rate * nearest + (1 - self.rate) * norm  # (3)
        return w * (desired / (EPSILON + norm))  # (4)
