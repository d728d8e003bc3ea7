"""One hidden layer: the 2-2-2 networks (seed 001, 415-418)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import keras
import tensorflow as tf

from tfimpl.activations import Linear
from tfimpl.gradients import back
from tfimpl.networks.network import Network, Propagation
from tfimpl.networks.output import Output


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
        with tf.GradientTape() as tape:
            tape.watch(weights)
            A, H, Z, O = self.forward(weights, I)
            E = self.output.error(Z, O, T)  # (5)
        (WHb, BHb, WOb, BOb), (Ob, Hb) = back(tape, E, weights, (Z, A))  # (6)-(11)
        return Propagation((A, H, Z, O), E, (WHb, BHb, WOb, BOb), (Ob, Hb))

    def model(self, weights, dtype):
        """Return the Keras model, and the names of the outputs of its layers."""
        (inputs, hidden), (_, units) = weights[0].shape, weights[2].shape
        I = keras.Input((inputs,), dtype=dtype)
        H = keras.layers.Dense(hidden, self.hidden.keras(), dtype=dtype)
        O = keras.layers.Dense(units, self.output.activation.keras(), dtype=dtype)
        return keras.Sequential([I, H, O]), ("H", "O")
