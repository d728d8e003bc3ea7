"""A GAN the Keras way: two compiled models that share the discriminator (seed 000, 8-6)."""

from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from tfimpl.gradients import back
from tfimpl.losses import BinaryCrossentropyFromLogits
from tfimpl.networks.network import Propagation
from tfimpl.networks.parts import flowing, inside
from tfimpl.networks.players import Players


@dataclass(frozen=True)
class GANOfModels(Players):
    """inputs (..., batch, 1 + features + noise): turn, x, z; turn is 0 for D, 1 for G."""

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
        # Its own model is not asked for the gradient of what was made.
        made = tf.where(inputs[..., :1, :1] > 0, made, tf.stop_gradient(made))
        both, counts = tf.concat([x, made], axis=-2), self.counts(inputs)  # (2)
        note = self.noting(seen, "logits")
        counted = lambda label, y: note(label, self.counted(counts, y))
        logits, keptD = D.forward(ofD, both, counted)  # (3)
        return logits, (keptG, keptD)

    def counted(self, counts, y):
        """Return what a layer of the discriminator puts out, 0 where it does not count."""
        shape = *counts.shape[:-1], *(1 for _ in y.shape[len(counts.shape) - 1 :])
        return tf.where(tf.reshape(counts, shape) > 0, y, 0 * y)

    def counts(self, inputs):
        """Return 1 for each logit that counts: x only in the discriminator's turn."""
        turn = inputs[..., :1]
        return tf.concat([1 - turn, tf.ones_like(turn)], axis=-2)  # (4)

    def labels(self, inputs):
        """Return what each logit shall be: real, and what was made as its player wants."""
        turn = inputs[..., :1]
        return tf.concat([tf.ones_like(turn), turn], axis=-2)  # (5)

    def held(self, weights, inputs):
        """Return what the rule takes for constant: the weights, of the player who waits."""
        return tuple(map(tf.stop_gradient, weights))

    def playing(self, weights, inputs, held):
        """Return the weights; who waits has those that are held."""
        makes, weights = inputs[..., :1, :1] > 0, zip(self.players, weights, held)
        return tuple(
            tf.where(makes, w, h) if player else tf.where(makes, h, w)
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
        S = tf.where(counts[..., 0] > 0, S, 0 * S)
        return tf.reduce_sum(S, axis=-1) / tf.reduce_sum(counts, axis=(-2, -1))  # (8)

    def propagate(self, weights, inputs, targets):
        """Return the activations, the error, the gradients and what flows back."""
        seen = {}
        with tf.GradientTape() as tape:
            tape.watch(weights)
            playing = self.playing(weights, inputs, self.held(weights, inputs))
            logits, _ = self.told(playing, inputs, seen)
            E = self.loss_of(logits, inputs)
        gradients, flows = back(tape, E, weights, self.flows(seen))  # (9)-(13)
        return Propagation(self.activations(seen), E, gradients, flows)

    def models(self, weights, dtype):
        """Return Keras's discriminator, its generator, and both in a row."""
        D, G = self.parts
        D, G = (
            keras.Sequential([keras.Input((size,), dtype=dtype), part.keras(dtype)])
            for part, size in ((D, self.features), (G, self.noise))
        )
        variables = (*D.trainable_variables, *G.trainable_variables)
        for variable, value in zip(variables, weights, strict=True):
            variable.assign(value.reshape(variable.shape))
        combined = keras.Sequential([keras.Input((self.noise,), dtype=dtype), G, D])
        return D, G, combined
