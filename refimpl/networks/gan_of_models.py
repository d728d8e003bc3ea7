"""A GAN the Keras way: two compiled models that share the discriminator (seed 000, 8-6).

    the discriminator's model:  E = mean of BCE(1, D(x)) and BCE(0, D(G(z)))
    the combined model D(G(z)): E = mean of BCE(1, D(G(z)))

BCE is the binary cross-entropy of logits.  In the combined model the discriminator is held
(``trainable = False``), and its own model is not asked for the generator's gradient: so the
player who waits has the gradient 0.  Whose turn it is comes with the inputs.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from refimpl.losses import BinaryCrossentropyFromLogits
from refimpl.networks.network import Propagation
from refimpl.networks.players import Players


@dataclass(frozen=True)
class GANOfModels(Players):
    """inputs (..., batch, 1 + features + noise): turn, x, z; turn is 0 for D, 1 for G.

    logits are (..., 2 batch, 1), of x, 0 in the generator's turn, and of what was made.
    """

    loss: Any = BinaryCrossentropyFromLogits()

    activation_names: ClassVar = ("made", "logits")

    def forward(self, weights, inputs):
        """Return the activations, and what the nets kept for the way back."""
        (D, G), (ofD, ofG) = self.parts, self.of_each(weights)
        x, z = inputs[..., 1 : 1 + self.features], inputs[..., 1 + self.features :]
        made, keptG = G.forward(ofG, z)  # (1)
        both, counts = np.concatenate([x, made], axis=-2), self.counts(inputs)  # (2)
        logits, keptD = D.forward(ofD, both)  # (3)
        return (made, np.where(counts > 0, logits, 0 * logits)), (keptG, keptD)

    def counts(self, inputs):
        """Return 1 for each logit that counts: x only in the discriminator's turn."""
        turn = inputs[..., :1]
        return np.concatenate([1 - turn, np.ones_like(turn)], axis=-2)  # (4)

    def labels(self, inputs):
        """Return what each logit shall be: real, and what was made as its player wants."""
        turn = inputs[..., :1]
        return np.concatenate([np.ones_like(turn), turn], axis=-2)  # (5)

    def held(self, weights, inputs):
        """Return what the rule takes for constant: the weights, of the player who waits."""
        return tuple(weights)

    def error(self, weights, inputs, held):
        """Return the error; who waits has the weights that are held."""
        makes, weights = inputs[..., :1, :1] > 0, zip(self.players, weights, held)
        weights = tuple(
            np.where(makes, w, h) if player else np.where(makes, h, w)
            for player, w, h in weights
        )  # (6)
        (_, logits), _ = self.forward(weights, inputs)
        counts = self.counts(inputs)
        S = self.loss.samples(logits, self.labels(inputs))  # (7)
        S = np.where(counts[..., 0] > 0, S, 0 * S)
        return np.sum(S, axis=-1) / np.sum(counts, axis=(-2, -1))  # (8)

    def propagate(self, weights, inputs, targets):
        """Return the activations, the error and the gradients."""
        (D, G), (ofD, ofG) = self.parts, self.of_each(weights)
        (made, logits), (keptG, keptD) = self.forward(weights, inputs)
        E = self.error(weights, inputs, weights)
        counts, makes = self.counts(inputs), inputs[..., :1, :1] > 0
        share = np.ones_like(logits[..., 0]) / np.sum(counts, axis=-2)  # (9)
        logitsb = self.loss.samples_backward(share, logits, self.labels(inputs))
        logitsb = np.where(counts > 0, logitsb, 0 * logitsb)  # (10)
        bothb, ofDb = D.backward(ofD, keptD, logitsb)  # (11)
        _, ofGb = G.backward(ofG, keptG, bothb[..., inputs.shape[-2] :, :])  # (12)
        ofDb = tuple(np.where(makes, 0 * g, g) for g in ofDb)  # (13)
        ofGb = tuple(np.where(makes, g, 0 * g) for g in ofGb)
        return Propagation((made, logits), E, (*ofDb, *ofGb))
