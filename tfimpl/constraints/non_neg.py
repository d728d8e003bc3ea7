"""No number of a weight below 0."""

from dataclasses import dataclass

import tensorflow as tf

from tfimpl.constraints.constraint import Constraint


@dataclass(frozen=True)
class NonNeg(Constraint):
    """Keras: ``NonNeg``."""

    def forward(self, w):
        return tf.maximum(w, 0)  # (1)
