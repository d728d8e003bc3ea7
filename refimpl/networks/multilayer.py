"""Any number of Dense layers in a row: 1-4-4-1 and 3-2-1 (seed 004).

The layers are counted from 1; ``kernel1`` has the shape (inputs, units1),
``bias1`` (1, units1), ``layer1`` (..., batch, units1).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from refimpl.activations import Linear
from refimpl.networks.network import Network, Propagation
from refimpl.networks.output import Output


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
        activations = self.forward(weights, inputs)
        total, layer = activations[-2:]
        error = self.output.error(total, layer, targets)  # (3)
        totalb = self.output.backward(total, layer, targets)  # (4)
        gradients, flows = (), ()
        for k in reversed(range(self.depth)):
            below = activations[2 * k - 1] if k else inputs
            kernelb = below.mT @ totalb  # (5)
            biasb = np.sum(totalb, axis=-2, keepdims=True)  # (6)
            gradients, flows = (kernelb, biasb, *gradients), (*flows, totalb)
            if k:
                layerb = totalb @ weights[2 * k].mT  # (7)
                totalb = self.hidden.backward(layerb, activations[2 * k - 2], below)  # (8)
        return Propagation(activations, error, gradients, flows)
