"""Generative adversarial nets (seed 000, 8-4 and 8-5; Goodfellow and others 2014)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import tensorflow as tf

from tfimpl.activations import Softplus
from tfimpl.networks.network import Propagation
from tfimpl.networks.players import Players


@dataclass(frozen=True)
class GAN(Players):
    """inputs (..., batch, 1 + features + noise): turn, x, z; turn is 0 for D, 1 for G."""

    softplus: Any = Softplus()

    activation_names: ClassVar = ("made", "real_logit", "made_logit")

    def forward(self, weights, inputs):
        """Return the activations, and what the nets kept for the way back."""
        (D, G), (ofD, ofG) = self.parts, self.of_each(weights)
        x, z = inputs[..., 1 : 1 + self.features], inputs[..., 1 + self.features :]
        made, keptG = G.forward(ofG, z)  # (1)
        real_logit, kept_real = D.forward(ofD, x)  # (2)
        made_logit, kept_made = D.forward(ofD, made)  # (3)
        return (made, real_logit, made_logit), (keptG, kept_real, kept_made)

    def propagate(self, weights, inputs, targets):
        """Return the activations, the error and the gradients."""
        with tf.GradientTape() as tape:
            tape.watch(weights)
            activations, _ = self.forward(weights, inputs)
            _, real_logit, made_logit = activations
            turn = inputs[..., :1]
            sign = 1 - 2 * turn  # D wants the logit of what was made low, G wants it high
            real = self.softplus.forward(-real_logit)  # (4)
            made = self.softplus.forward(sign * made_logit)  # (5)
            each = tf.where(turn > 0, made, real + made)
            E = tf.reduce_sum(each, axis=(-2, -1)) / inputs.shape[-2]  # (6)
        gradients = tape.gradient(E, weights)  # (7)-(12)
        return Propagation(activations, E, tuple(gradients))
