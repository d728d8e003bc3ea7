"""A GAN the Keras way: two compiled models that share the discriminator (seed 000, 8-6).

    the discriminator's model:  E = mean of BCE(1, D(x)) and BCE(0, D(G(z)))
    the combined model D(G(z)): E = mean of BCE(1, D(G(z)))

BCE is the binary cross-entropy of logits.  In the combined model the discriminator is held
(``trainable = False``), and its own model is not asked for the generator's gradient: so the
player who waits has the gradient 0.  Whose turn it is comes with the inputs.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from refimpl.losses import BinaryCrossentropyFromLogits
from refimpl.networks.network import Propagation
from refimpl.networks.parts import flowing, inside
from refimpl.networks.players import Players


@dataclass(frozen=True)
class GANOfModels(Players):
    """inputs (..., batch, 1 + features + noise): turn, x, z; turn is 0 for D, 1 for G.

    logits, and what else the discriminator's layers put out, have 2 batch samples: of x, 0
    in the generator's turn, and of what was made.
    """

    loss: Any = BinaryCrossentropyFromLogits()

    @property
    def activation_names(self):
        D, G = self.parts
        return (*inside("made", G), *inside("logits", D))

    @property
    def flows_to(self):
        D, G = self.parts
        return (*flowing("logits", D, True), *flowing("made", G))

    def forward(self, weights, inputs):
        """Return the activations, and what the nets kept for the way back."""
        seen = {}
        _, kept = self.told(weights, inputs, seen)
        return self.activations(seen), kept

    def told(self, weights, inputs, seen):
        """Return the logits, and what the nets kept for the way back."""
        (D, G), (ofD, ofG) = self.parts, self.of_each(weights)
        x, z = inputs[..., 1 : 1 + self.features], inputs[..., 1 + self.features :]
        made, keptG = G.forward(ofG, z, self.noting(seen, "made"))  # (1)
        both, counts = np.concatenate([x, made], axis=-2), self.counts(inputs)  # (2)
        note = self.noting(seen, "logits")
        counted = lambda label, y: note(label, self.counted(counts, y))
        logits, keptD = D.forward(ofD, both, counted)  # (3)
        return logits, (keptG, keptD)

    def counted(self, counts, y):
        """Return what a layer of the discriminator puts out, 0 where it does not count."""
        shape = *counts.shape[:-1], *(1 for _ in y.shape[len(counts.shape) - 1 :])
        return np.where(counts.reshape(shape) > 0, y, 0 * y)

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

    def playing(self, weights, inputs, held):
        """Return the weights; who waits has those that are held."""
        makes, weights = inputs[..., :1, :1] > 0, zip(self.players, weights, held)
        return tuple(
            np.where(makes, w, h) if player else np.where(makes, h, w)
            for player, w, h in weights
        )  # (6)

    def error(self, weights, inputs, held):
        """Return the error; who waits has the weights that are held."""
        logits, _ = self.told(self.playing(weights, inputs, held), inputs, {})
        return self.loss_of(logits, inputs)

    def loss_of(self, logits, inputs):
        """Return the mean of the losses that count."""
        counts = self.counts(inputs)
        S = self.loss.samples(logits, self.labels(inputs))  # (7)
        S = np.where(counts[..., 0] > 0, S, 0 * S)
        return np.sum(S, axis=-1) / np.sum(counts, axis=(-2, -1))  # (8)

    def propagate(self, weights, inputs, targets):
        """Return the activations, the error, the gradients and what flows back."""
        (D, G), (ofD, ofG), seen = self.parts, self.of_each(weights), {}
        logits, (keptG, keptD) = self.told(weights, inputs, seen)
        E = self.loss_of(logits, inputs)
        counts, makes = self.counts(inputs), inputs[..., :1, :1] > 0
        share = np.ones_like(logits[..., 0]) / np.sum(counts, axis=-2)  # (9)
        logitsb = self.loss.samples_backward(share, logits, self.labels(inputs))
        logitsb = np.where(counts > 0, logitsb, 0 * logitsb)  # (10)
        noteD, noteG = (self._noting_back(seen, name) for name in ("logits", "made"))
        bothb, ofDb = D.backward(ofD, keptD, logitsb, noteD)  # (11)
        madeb = bothb[..., inputs.shape[-2] :, :]
        madeb = np.where(makes, madeb, 0 * madeb)
        _, ofGb = G.backward(ofG, keptG, madeb, noteG)  # (12)
        ofDb = tuple(np.where(makes, 0 * g, g) for g in ofDb)  # (13)
        ofGb = tuple(np.where(makes, g, 0 * g) for g in ofGb)
        gradients = *ofDb, *ofGb
        return Propagation(self.activations(seen), E, gradients, self.flows(seen))
