"""The largest of several inputs, element by element."""

from dataclasses import dataclass

import tensorflow as tf

from tfimpl.layers.merge import Merge


@dataclass(frozen=True)
class Maximum(Merge):
    """Keras: ``Maximum``."""

    def forward(self, weights, x):
        y, *others = self.aligned(x)
        for each in others:
            y = tf.maximum(y, each)  # (1)
        return y, x

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (2)-(4)
