"""Generative adversarial nets (seed 000, 8-4 and 8-5; Goodfellow and others 2014)."""

from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from tfimpl.activations import Softplus
from tfimpl.gradients import back
from tfimpl.networks.network import Propagation, behind
from tfimpl.networks.parts import flowing, inside
from tfimpl.networks.players import Players


@dataclass(frozen=True)
class GAN(Players):
    """inputs (..., batch, 1 + features + noise): turn, x, z; turn is 0 for D, 1 for G."""

    softplus: Any = Softplus()

    @property
    def activation_names(self):
        D, G = self.parts
        names = inside("made", G), inside("real_logit", D), inside("made_logit", D)
        return tuple(name for part in names for name in part)

    @property
    def flows_to(self):
        D, G = self.parts
        of_real = *flowing("real_logit", D), *self.shares["real_logit"]
        of_made = *flowing("made_logit", D, True), *self.shares["made_logit"]
        return (*of_real, *of_made, *flowing("made", G))

    @property
    def shares(self):
        D, _ = self.parts
        return {name: behind(name, D.weight_names) for name in ("real_logit", "made_logit")}

    def forward(self, weights, inputs):
        """Return the activations, and what the nets kept for the way back."""
        seen = {}
        _, kept = self.made(weights, inputs, seen)
        return self.activations(seen), kept

    def made(self, weights, inputs, seen):
        """Return both logits, and what the nets kept for the way back."""
        (D, G), (ofD, ofG) = self.parts, self.of_each(weights)
        x, z = inputs[..., 1 : 1 + self.features], inputs[..., 1 + self.features :]
        for_real = self.shared(seen, "real_logit", ofD)
        for_made = self.shared(seen, "made_logit", ofD)
        made, keptG = G.forward(ofG, z, self.noting(seen, "made"))  # (1)
        note_real, note_made = (
            self.noting(seen, name) for name in ("real_logit", "made_logit")
        )
        real_logit, kept_real = D.forward(for_real, x, note_real)  # (2)
        made_logit, kept_made = D.forward(for_made, made, note_made)  # (3)
        return (real_logit, made_logit), (keptG, kept_real, kept_made)

    def propagate(self, weights, inputs, targets):
        """Return the activations, the error and the gradients."""
        with tf.GradientTape() as tape:
            tape.watch(weights)
            seen = {}
            (real_logit, made_logit), _ = self.made(weights, inputs, seen)
            turn = inputs[..., :1]
            sign = 1 - 2 * turn  # D wants the logit of what was made low, G wants it high
            real = self.softplus.forward(-real_logit)  # (4)
            made = self.softplus.forward(sign * made_logit)  # (5)
            each = tf.where(turn > 0, made, real + made)
            E = tf.reduce_sum(each, axis=(-2, -1)) / inputs.shape[-2]  # (6)
        gradients, flows = back(tape, E, weights, self.flows(seen))  # (7)-(12)
        return Propagation(self.activations(seen), E, gradients, flows)
