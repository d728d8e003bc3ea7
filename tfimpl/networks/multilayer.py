"""Any number of Dense layers in a row: 1-4-4-1 and 3-2-1 (seed 004)."""

from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from tfimpl.activations import Linear
from tfimpl.gradients import back
from tfimpl.networks.network import Network, Propagation
from tfimpl.networks.output import Output


@dataclass(frozen=True)
class Multilayer(Network):
    """inputs -> layer1 -> ... -> layerN, all but the last with one activation."""

    depth: int
    hidden: Any = Linear()
    output: Any = Output()

    @property
    def weight_names(self):
        layers = range(1, self.depth + 1)
        return tuple(f"{part}{k}" for k in layers for part in ("kernel", "bias"))

    @property
    def activation_names(self):
        layers = range(1, self.depth + 1)
        return tuple(f"{part}{k}" for k in layers for part in ("sum", "layer"))

    @property
    def flows_to(self):
        return tuple(f"sum{k}" for k in range(self.depth, 0, -1))

    @property
    def sums(self):
        return {f"layer{k}": f"sum{k}" for k in range(1, self.depth + 1)}

    def forward(self, weights, inputs):
        activations = []
        layer = inputs
        for k in range(self.depth):
            kernel, bias = weights[2 * k : 2 * k + 2]
            total = layer @ kernel + bias  # (1)
            last = k == self.depth - 1
            layer = (self.output if last else self.hidden).forward(total)  # (2)
            activations += [total, layer]
        return tuple(activations)

    def propagate(self, weights, inputs, targets):
        """Return the activations, the error, the gradients, and what flows back."""
        with tf.GradientTape() as tape:
            tape.watch(weights)
            activations = self.forward(weights, inputs)
            total, layer = activations[-2:]
            error = self.output.error(total, layer, targets)  # (3)
        sums = activations[-2::-2]
        gradients, flows = back(tape, error, weights, sums)  # (4)-(8)
        return Propagation(activations, error, gradients, flows)

    def model(self, weights, dtype):
        """Return the Keras model, and the names of the outputs of its layers."""
        kernels = weights[::2]
        layers = [keras.Input((kernels[0].shape[0],), dtype=dtype)]
        for k, kernel in enumerate(kernels):
            last = k == self.depth - 1
            activation = self.output.activation if last else self.hidden
            layers.append(
                keras.layers.Dense(kernel.shape[1], activation.keras(), dtype=dtype)
            )
        return keras.Sequential(layers), self.activation_names[1::2]
