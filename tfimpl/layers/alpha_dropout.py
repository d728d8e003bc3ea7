"""Alpha dropout (Klambauer, Unterthiner, Mayr and Hochreiter 2017, section 3.3)."""

from dataclasses import dataclass

import tensorflow as tf

from tfimpl.layers.dropout import Dropout

ALPHA = 1.6732632423543772848170429916717  # of SELU
SCALE = 1.0507009873554804934193349852946
LOWEST = -ALPHA * SCALE  # what SELU goes to far below 0


@dataclass(frozen=True)
class AlphaDropout(Dropout):
    """Keras: ``AlphaDropout``."""

    def forward(self, weights, x):
        (state,) = weights
        keep = self.keeps(state, x)
        a = self.factor()  # (1)
        b = -a * LOWEST * self.rate  # (2)
        return a * tf.where(keep, x, tf.constant(LOWEST, x.dtype)) + b, (x, state)  # (3)

    def factor(self):
        """Return a."""
        return ((1 - self.rate) * (1 + self.rate * LOWEST**2)) ** -0.5  # (4)

    def backward(self, weights, kept, yb):
        x, _ = kept
        return self.pull_back(weights, x, yb)  # (5)
