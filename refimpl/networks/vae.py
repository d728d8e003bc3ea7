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
from typing import Any, ClassVar

import numpy as np

from refimpl.activations import Softplus
from refimpl.layers import Chain
from refimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class VAE(Network):
    """inputs (..., batch, pixels + latent): x, eps; the targets are x, from 0 to 1.

    encoder, decoder: tuples of layers, to 2 * latent numbers and from latent to pixels.
    """

    pixels: int
    latent: int
    encoder: tuple
    decoder: tuple
    softplus: Any = Softplus()

    activation_names: ClassVar = ("mean", "log_variance", "z", "logits")

    @cached_property
    def parts(self):
        """The two halves, built."""
        encoder = Chain(self.encoder).build((self.pixels,))
        return encoder, Chain(self.decoder).build((self.latent,))

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
        (encoder, decoder), (ours, theirs) = self.parts, self.halves(weights)
        x, eps = inputs[..., : self.pixels], inputs[..., self.pixels :]
        code, kept_encoder = encoder.forward(ours, x)  # (1)
        m, l = code[..., : self.latent], code[..., self.latent :]
        z = m + np.exp(l / 2) * eps  # (2)
        logits, kept_decoder = decoder.forward(theirs, z)  # (3)
        return (m, l, z, logits), (kept_encoder, kept_decoder)

    def propagate(self, weights, inputs, targets):
        """Return the activations, the error and the gradients."""
        (encoder, decoder), (ours, theirs) = self.parts, self.halves(weights)
        (m, l, z, logits), (kept_encoder, kept_decoder) = self.forward(weights, inputs)
        batch, eps = inputs.shape[-2], inputs[..., self.pixels :]
        softplus = self.softplus.forward(logits)
        R = np.sum(softplus - targets * logits, axis=(-2, -1)) / batch  # (4)
        K = -0.5 * np.sum(1 + l - np.square(m) - np.exp(l), axis=(-2, -1)) / batch  # (5)
        share = np.ones_like(logits) / batch
        of_softplus = self.softplus.backward(share, logits, softplus)
        logitsb = of_softplus - share * targets  # (6)
        zb, decoderb = decoder.backward(theirs, kept_decoder, logitsb)  # (7)
        mb = zb + m / batch  # (8)
        lb = zb * eps * np.exp(l / 2) / 2 + (np.exp(l) - 1) / (2 * batch)  # (9)
        codeb = np.concatenate([mb, lb], axis=-1)
        _, encoderb = encoder.backward(ours, kept_encoder, codeb)  # (10)
        return Propagation((m, l, z, logits), R + K, (*encoderb, *decoderb))
