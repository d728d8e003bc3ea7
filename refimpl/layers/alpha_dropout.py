"""Alpha dropout (Klambauer, Unterthiner, Mayr and Hochreiter 2017, section 3.3)."""

from dataclasses import dataclass

import numpy as np

from refimpl.layers.dropout import Dropout

ALPHA = 1.6732632423543772848170429916717  # of SELU
SCALE = 1.0507009873554804934193349852946
LOWEST = -ALPHA * SCALE  # what SELU goes to far below 0


@dataclass(frozen=True)
class AlphaDropout(Dropout):
    """y = a x + b where x is kept, else a l + b, with l the lowest number of SELU.

        a = ((1 - rate) (1 + rate l^2))^(-1/2),  b = -a l rate

    so that mean 0 and variance 1 stay what they are.
    """

    def forward(self, weights, x):
        (state,) = weights
        keep = self.keeps(state, x)
        a = self.factor()  # (1)
        b = -a * LOWEST * self.rate  # (2)
        return a * np.where(keep, x, LOWEST) + b, (keep, state)  # (3)

    def factor(self):
        """Return a."""
        return ((1 - self.rate) * (1 + self.rate * LOWEST**2)) ** -0.5  # (4)

    def backward(self, weights, kept, yb):
        keep, _ = kept
        return np.where(keep, self.factor() * yb, 0), ()  # (5)
