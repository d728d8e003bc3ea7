"""Generative adversarial nets (seed 000, 8-4 and 8-5; Goodfellow and others 2014).

    G(z) makes a sample of noise, D(x) is the logit of "x is real"
    the discriminator's turn:  E = 1/batch sum -log s(D(x)) - log(1 - s(D(G(z))))
    the generator's turn:      E = 1/batch sum -log s(D(G(z)))      (their section 3)

s is the sigmoid, and -log s(d) is softplus(-d), -log(1 - s(d)) softplus(d).  Whose turn it
is comes with the inputs.  The gradients are those of E for all weights; the optimizer
(``InTurn``) moves the weights of the player whose turn it is, and no others.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from refimpl.activations import Softplus
from refimpl.networks.network import Propagation, behind
from refimpl.networks.parts import flowing, inside
from refimpl.networks.players import Players


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
        made, keptG = G.forward(ofG, z, self.noting(seen, "made"))  # (1)
        real_logit, kept_real = D.forward(ofD, x, self.noting(seen, "real_logit"))  # (2)
        made_logit, kept_made = D.forward(ofD, made, self.noting(seen, "made_logit"))  # (3)
        return (real_logit, made_logit), (keptG, kept_real, kept_made)

    def propagate(self, weights, inputs, targets):
        """Return the activations, the error and the gradients."""
        (D, G), (ofD, ofG) = self.parts, self.of_each(weights)
        seen = {}
        logits, (keptG, kept_real, kept_made) = self.made(weights, inputs, seen)
        real_logit, made_logit = logits
        turn, batch = inputs[..., :1], inputs.shape[-2]
        sign = 1 - 2 * turn  # D wants the logit of what was made low, G wants it high
        real = self.softplus.forward(-real_logit)  # (4)
        made = self.softplus.forward(sign * made_logit)  # (5)
        each = np.where(turn > 0, made, real + made)
        E = np.sum(each, axis=(-2, -1)) / batch  # (6)
        share = np.ones_like(real) / batch
        real_logitb = -self.softplus.backward(share, -real_logit, real)  # (7)
        real_logitb = np.where(turn > 0, 0 * share, real_logitb)
        made_logitb = sign * self.softplus.backward(share, sign * made_logit, made)  # (8)
        note_real, note_made, noteG = (
            self._noting_back(seen, name) for name in ("real_logit", "made_logit", "made")
        )
        _, from_real = D.backward(ofD, kept_real, real_logitb, note_real)  # (9)
        madeb, from_made = D.backward(ofD, kept_made, made_logitb, note_made)  # (10)
        from_real = self.shared(seen, "real_logit", from_real)
        from_made = self.shared(seen, "made_logit", from_made)
        ofDb = tuple(a + b for a, b in zip(from_real, from_made))  # (11)
        _, ofGb = G.backward(ofG, keptG, madeb, noteG)  # (12)
        gradients = *ofDb, *ofGb
        return Propagation(self.activations(seen), E, gradients, self.flows(seen))
