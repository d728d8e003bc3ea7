"""One layer of neurons: the 2-2, 3-3, 2-1 and 1-1 networks (seed 001, 411-414).

======  ==================================  =====================
book    Keras                               shape
======  ==================================  =====================
X       inputs                              (..., batch, inputs)
W, B    kernel, bias of ``Dense``           (inputs, units), (1, units)
Z, Y    layer output before and after its   (..., batch, units)
        activation
T, E    targets, loss                       (..., batch, units), (...,)
Yb      gradient of E with respect to Z;    like Z, W, B
        so Wb, Bb
======  ==================================  =====================
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from refimpl.networks.network import Network, Propagation
from refimpl.networks.output import Output


@dataclass(frozen=True)
class OneLayer(Network):
    """X -> Y."""

    output: Any = Output()

    weight_names: ClassVar = ("W", "B")
    activation_names: ClassVar = ("Z", "Y")
    flow_names: ClassVar = ("Yb",)
    flows_to: ClassVar = ("Z",)
    sums: ClassVar = {"Y": "Z"}

    def forward(self, weights, X):
        W, B = weights
        Z = X @ W + B  # (1)
        Y = self.output.forward(Z)  # (2)
        return Z, Y

    def propagate(self, weights, X, T):
        """Return the activations, the error, the gradients, and what flows back."""
        Z, Y = self.forward(weights, X)
        E = self.output.error(Z, Y, T)  # (3)
        Yb = self.output.backward(Z, Y, T)  # (4)
        Wb = X.mT @ Yb  # (5)
        Bb = np.sum(Yb, axis=-2, keepdims=True)  # (6)
        return Propagation((Z, Y), E, (Wb, Bb), (Yb,))
