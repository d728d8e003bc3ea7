"""The largest norm of a weight (Srebro and Shraibman 2005; Hinton and others 2012)."""

from dataclasses import dataclass

import tensorflow as tf

from tfimpl.constraints.constraint import Constraint
from tfimpl.constraints.norms import EPSILON, norms


@dataclass(frozen=True)
class MaxNorm(Constraint):
    """Keras: ``MaxNorm``."""

    max_value: float = 2.0
    axis: int = -2

    def forward(self, w):
        norm = norms(w, self.axis)  # (1)
        desired = tf.minimum(norm, self.max_value)  # (2)
        return w * (desired / (EPSILON + norm))  # (3)
