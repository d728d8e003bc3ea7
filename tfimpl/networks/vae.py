"""Variational autoencoder (seed 000, 7-8; Kingma and Welling 2014)."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import tensorflow as tf

from tfimpl.activations import Softplus
from tfimpl.gradients import back
from tfimpl.layers import Chain
from tfimpl.networks.network import Propagation
from tfimpl.networks.parts import Parts, flowing, inside


@dataclass(frozen=True)
class VAE(Parts):
    """inputs (..., batch, pixels + latent): x, eps; the targets are x, from 0 to 1."""

    pixels: int
    latent: int
    encoder: tuple
    decoder: tuple
    softplus: Any = Softplus()

    @cached_property
    def parts(self):
        """The two halves, built."""
        encoder = Chain(self.encoder).build((self.pixels,))
        return encoder, Chain(self.decoder).build((self.latent,))

    @property
    def activation_names(self):
        encoder, decoder = self.parts
        inner = inside("code", encoder)[:-1]
        return (*inner, "mean", "log_variance", "z", *inside("logits", decoder))

    @property
    def flows_to(self):
        encoder, decoder = self.parts
        behind_code = *flowing("logits", decoder), "z", "mean", "log_variance"
        return (*behind_code, *flowing("code", encoder)[1:])

    @property
    def weight_names(self):
        halves = zip(("encoder", "decoder"), self.parts)
        return tuple(
            f"{half}.{name}" for half, part in halves for name in part.weight_names
        )

    @property
    def weight_shapes(self):
        encoder, decoder = self.parts
        return (*encoder.weight_shapes, *decoder.weight_shapes)

    def halves(self, weights):
        """Return the weights of the encoder, and of the decoder."""
        count = len(self.parts[0].weight_names)
        return weights[:count], weights[count:]

    def forward(self, weights, inputs):
        """Return the activations, and what the halves kept for the way back."""
        seen = {}
        _, kept = self.decoded(weights, inputs, seen)
        return self.activations(seen), kept

    def decoded(self, weights, inputs, seen):
        """Return mean, logarithm of the variance and logits, and what the halves kept."""
        (encoder, decoder), (ours, theirs) = self.parts, self.halves(weights)
        x, eps = inputs[..., : self.pixels], inputs[..., self.pixels :]
        code, kept_encoder = encoder.forward(ours, x, self.noting(seen, "code"))  # (1)
        m = self.note(seen, "mean", code[..., : self.latent])
        l = self.note(seen, "log_variance", code[..., self.latent :])
        z = self.note(seen, "z", m + tf.exp(l / 2) * eps)  # (2)
        logits, kept_decoder = decoder.forward(
            theirs, z, self.noting(seen, "logits")
        )  # (3)
        return (m, l, logits), (kept_encoder, kept_decoder)

    def propagate(self, weights, inputs, targets):
        """Return the activations, the error and the gradients."""
        with tf.GradientTape() as tape:
            tape.watch(weights)
            seen = {}
            (m, l, logits), _ = self.decoded(weights, inputs, seen)
            batch = inputs.shape[-2]
            each = self.softplus.forward(logits) - targets * logits
            R = tf.reduce_sum(each, axis=(-2, -1)) / batch  # (4)
            each = 1 + l - tf.square(m) - tf.exp(l)
            K = -0.5 * tf.reduce_sum(each, axis=(-2, -1)) / batch  # (5)
            E = R + K
        gradients, flows = back(tape, E, weights, self.flows(seen))  # (6)-(10)
        return Propagation(self.activations(seen), E, gradients, flows)
