"""Variational autoencoder (seed 000, 7-8; Kingma and Welling 2014).

    m, l = encoder(x)                           mean and logarithm of the variance of z
    z = m + exp(l / 2) eps,   eps ~ N(0, 1)     (their section 2.4, the trick)
    o = decoder(z)                              logits of the pixels
    E = 1/batch sum_b (R_b + K_b)
    R = sum_i -x_i log s(o_i) - (1 - x_i) log(1 - s(o_i))        s is the sigmoid
      = sum_i softplus(o_i) - x_i o_i
    K = -1/2 sum_k (1 + l_k - m_k^2 - exp(l_k))                  (their equation 10)

eps is drawn beforehand and comes with the inputs.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from refimpl.activations import Softplus
from refimpl.functions import total
from refimpl.layers import Chain
from refimpl.networks.network import Propagation
from refimpl.networks.parts import Parts, flowing, inside


@dataclass(frozen=True)
class VAE(Parts):
    """inputs (..., batch, pixels + latent): x, eps; the targets are x, from 0 to 1.

    encoder, decoder: tuples of layers, to 2 * latent numbers and from latent to pixels.
    """

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
        z = self.note(seen, "z", m + np.exp(l / 2) * eps)  # (2)
        logits, kept_decoder = decoder.forward(
            theirs, z, self.noting(seen, "logits")
        )  # (3)
        return (m, l, logits), (kept_encoder, kept_decoder)

    def propagate(self, weights, inputs, targets):
        """Return the activations, the error and the gradients."""
        (encoder, decoder), (ours, theirs) = self.parts, self.halves(weights)
        seen = {}
        (m, l, logits), (kept_encoder, kept_decoder) = self.decoded(weights, inputs, seen)
        batch, eps = inputs.shape[-2], inputs[..., self.pixels :]
        softplus = self.softplus.forward(logits)
        R = np.sum(softplus - targets * logits, axis=(-2, -1)) / batch  # (4)
        K = -0.5 * np.sum(1 + l - np.square(m) - np.exp(l), axis=(-2, -1)) / batch  # (5)
        share = np.ones_like(logits) / batch
        of_softplus = self.softplus.backward(share, logits, softplus)
        logitsb = of_softplus - share * targets  # (6)
        note_logits, note_code = (
            self._noting_back(seen, name) for name in ("logits", "code")
        )
        zb, decoderb = decoder.backward(theirs, kept_decoder, logitsb, note_logits)  # (7)
        zb = self.note(seen, "zb", zb)
        mb = self.note(seen, "meanb", zb + share[..., : self.latent] * m)  # (8)
        half = share[..., : self.latent] / 2
        lb = total(zb * eps * np.exp(l / 2) / 2, (half * np.exp(l), -half))  # (9)
        codeb = np.concatenate([mb, self.note(seen, "log_varianceb", lb)], axis=-1)
        _, encoderb = encoder.backward(ours, kept_encoder, codeb, note_code)  # (10)
        gradients = *encoderb, *decoderb
        return Propagation(self.activations(seen), R + K, gradients, self.flows(seen))
