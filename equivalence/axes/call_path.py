"""A softmax whose logits are lost on the way to the loss.

Keras's softmax leaves its logits on the tensor that it returns, and the
cross-entropy computes with them.  Where the model is called through a function of
its own, as in engine ``split``, only the probabilities come out; then the
cross-entropy divides them by their sum, clips them at 1e-7 and takes the logarithm.
For moderate logits both agree to rounding.  For logits 40, 0, -40 and the third
class the loss is 80 on the one path and 16.1 on the other, and the gradient on the
other is 0: such a net never learns.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from refimpl.activations import Softmax

NAME = "Keras's softmax loses its logits on this call path"
EPSILON = 1e-7  # keras.config.epsilon()


@dataclass(frozen=True)
class ClippedCrossentropy:
    """E = -1/batch sum_batch sum_k t_k log clip(o_k / sum_j o_j).

    keras/src/backend/tensorflow/nn.py, categorical_crossentropy, from probabilities.
    """

    epsilon: float = EPSILON

    def forward(self, O, T):
        batch = O.shape[-2]
        sample = -np.sum(T * np.log(self._clipped(O)), axis=-1)
        return np.sum(sample, axis=-1) / batch

    def backward(self, O, T):
        """Return dE/dO; what is clipped has no gradient."""
        batch = O.shape[-2]
        Eb = np.ones_like(O) / batch
        clipped = self._clipped(O)
        total = np.sum(O, axis=-1, keepdims=True)
        share = O / total
        shareb = -(T * Eb) / clipped
        shareb = np.where(share < self.epsilon, 0, shareb)
        shareb = np.where(share > 1 - self.epsilon, 0, shareb)
        totalb = np.sum(shareb * (-share / total), axis=-1, keepdims=True)
        return shareb / total + totalb

    def _clipped(self, O):
        share = O / np.sum(O, axis=-1, keepdims=True)
        return np.minimum(np.maximum(share, self.epsilon), 1 - self.epsilon)


@dataclass(frozen=True)
class Probabilities:
    """The end of a network as the loss sees it that has probabilities only."""

    activation: Any = Softmax()
    loss: Any = ClippedCrossentropy()

    def forward(self, Z):
        return self.activation.forward(Z)

    def error(self, Z, O, T):
        return self.loss.forward(O, T)

    def backward(self, Z, O, T):
        return self.activation.backward(self.loss.backward(O, T), Z, O)


def leaves_logits(network):
    """Say whether a network ends in a softmax that leaves its logits for the loss."""
    return type(getattr(network, "output", None)).__name__ == "SoftmaxOutput"


def without_logits(program):
    """Return the program whose loss has the probabilities only."""
    network = replace(program.network, output=Probabilities())
    return replace(program, network=network)
