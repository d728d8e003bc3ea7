"""One hidden layer: the 2-2-2 networks (seed 001, 415-418).

======  ==================================  =====================
book    Keras                               shape
======  ==================================  =====================
I       inputs                              (..., batch, inputs)
WH, BH  kernel, bias of the hidden layer    (inputs, hidden), (1, hidden)
A, H    the hidden layer before and after   (..., batch, hidden)
        its activation
WO, BO  kernel, bias of the output layer    (hidden, units), (1, units)
Z, O    the output layer before and after   (..., batch, units)
        its activation
T, E    targets, loss                       (..., batch, units), (...,)
Ob, Hb  gradients of E with respect to Z    like Z, A
        and A
WOb     gradient of E with respect to WO;   like WO, BO, WH, BH
        so BOb, WHb, BHb
======  ==================================  =====================
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from refimpl.activations import Linear
from refimpl.networks.network import Network, Propagation
from refimpl.networks.output import Output


@dataclass(frozen=True)
class TwoLayer(Network):
    """I -> H -> O."""

    hidden: Any = Linear()
    output: Any = Output()

    weight_names: ClassVar = ("WH", "BH", "WO", "BO")
    activation_names: ClassVar = ("A", "H", "Z", "O")
    flow_names: ClassVar = ("Ob", "Hb")
    flows_to: ClassVar = ("Z", "A")
    sums: ClassVar = {"H": "A", "O": "Z"}

    def forward(self, weights, I):
        WH, BH, WO, BO = weights
        A = I @ WH + BH  # (1)
        H = self.hidden.forward(A)  # (2)
        Z = H @ WO + BO  # (3)
        O = self.output.forward(Z)  # (4)
        return A, H, Z, O

    def propagate(self, weights, I, T):
        """Return the activations, the error, the gradients, and what flows back."""
        WH, BH, WO, BO = weights
        A, H, Z, O = self.forward(weights, I)
        E = self.output.error(Z, O, T)  # (5)
        Ob = self.output.backward(Z, O, T)  # (6)
        Hb = self.hidden.backward(Ob @ WO.mT, A, H)  # (7)
        WHb = I.mT @ Hb  # (8)
        BHb = np.sum(Hb, axis=-2, keepdims=True)  # (9)
        WOb = H.mT @ Ob  # (10)
        BOb = np.sum(Ob, axis=-2, keepdims=True)  # (11)
        return Propagation((A, H, Z, O), E, (WHb, BHb, WOb, BOb), (Ob, Hb))
