"""Gated linear unit (Dauphin and others 2017, equation 1)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from refimpl.activations.activation import Activation
from refimpl.activations.sigmoid import Sigmoid


@dataclass(frozen=True)
class GLU(Activation):
    """x = (a, b), two halves of the last axis; y = a sigmoid(b), half as wide as x."""

    sigmoid: Any = Sigmoid()

    name: ClassVar = "glu"

    def forward(self, x):
        n = x.shape[-1] // 2
        a, b = x[..., :n], x[..., n:]  # (1)
        return a * self.sigmoid.forward(b)  # (2)

    def backward(self, yb, x, y):
        n = x.shape[-1] // 2
        a, b = x[..., :n], x[..., n:]  # (3)
        s = self.sigmoid.forward(b)  # (4)
        ab = yb * s  # (5)
        bb = self.sigmoid.backward(yb * a, b, s)  # (6)
        column = np.arange(2 * n)
        return np.where(column < n, ab[..., column % n], bb[..., column % n])  # (7)
