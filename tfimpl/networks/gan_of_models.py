"""A GAN the Keras way: two compiled models that share the discriminator (seed 000, 8-6)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import keras
import tensorflow as tf

from tfimpl.losses import BinaryCrossentropyFromLogits
from tfimpl.networks.network import Propagation
from tfimpl.networks.players import Players


@dataclass(frozen=True)
class GANOfModels(Players):
    """inputs (..., batch, 1 + features + noise): turn, x, z; turn is 0 for D, 1 for G."""

    loss: Any = BinaryCrossentropyFromLogits()

    activation_names: ClassVar = ("made", "logits")

    def forward(self, weights, inputs):
        """Return the activations, and what the nets kept for the way back."""
        (D, G), (ofD, ofG) = self.parts, self.of_each(weights)
        x, z = inputs[..., 1 : 1 + self.features], inputs[..., 1 + self.features :]
        made, keptG = G.forward(ofG, z)  # (1)
        both, counts = tf.concat([x, made], axis=-2), self.counts(inputs)  # (2)
        logits, keptD = D.forward(ofD, both)  # (3)
        return (made, tf.where(counts > 0, logits, 0 * logits)), (keptG, keptD)

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

    def error(self, weights, inputs, held):
        """Return the error; who waits has the weights that are held."""
        makes, weights = inputs[..., :1, :1] > 0, zip(self.players, weights, held)
        weights = tuple(
            tf.where(makes, w, h) if player else tf.where(makes, h, w)
            for player, w, h in weights
        )  # (6)
        (_, logits), _ = self.forward(weights, inputs)
        counts = self.counts(inputs)
        S = self.loss.samples(logits, self.labels(inputs))  # (7)
        S = tf.where(counts[..., 0] > 0, S, 0 * S)
        return tf.reduce_sum(S, axis=-1) / tf.reduce_sum(counts, axis=(-2, -1))  # (8)

    def propagate(self, weights, inputs, targets):
        """Return the activations, the error and the gradients."""
        activations, _ = self.forward(weights, inputs)
        with tf.GradientTape() as tape:
            tape.watch(weights)
            E = self.error(weights, inputs, self.held(weights, inputs))
        gradients = tape.gradient(E, weights)  # (9)-(13)
        return Propagation(activations, E, tuple(gradients))

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
