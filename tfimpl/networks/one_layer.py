"""One layer of neurons: the 2-2, 3-3, 2-1 and 1-1 networks (seed 001, 411-414)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import keras
import tensorflow as tf

from tfimpl.gradients import back
from tfimpl.networks.network import Network, Propagation
from tfimpl.networks.output import Output


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
        with tf.GradientTape() as tape:
            tape.watch(weights)
            Z, Y = self.forward(weights, X)
            E = self.output.error(Z, Y, T)  # (3)
        (Wb, Bb), (Yb,) = back(tape, E, weights, (Z,))  # (4)-(6)
        return Propagation((Z, Y), E, (Wb, Bb), (Yb,))

    def model(self, weights, dtype):
        """Return the Keras model, and the names of the outputs of its layers."""
        inputs, units = weights[0].shape
        X = keras.Input((inputs,), dtype=dtype)
        Y = keras.layers.Dense(units, self.output.activation.keras(), dtype=dtype)
        return keras.Sequential([X, Y]), ("Y",)

    def functional(self, weights, dtype):
        """Return the same model by Keras's Functional API (seed 000, 1-15)."""
        inputs, units = weights[0].shape
        X = keras.Input((inputs,), dtype=dtype)
        Y = keras.layers.Dense(units, self.output.activation.keras(), dtype=dtype)(X)
        return keras.Model(X, Y), ("Y",)
