"""Additive attention (Bahdanau et al. 2015, A.1.2; Luong et al. 2015, "concat")."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.counterpart import Counterpart
from tfimpl.layers.attention import Attention


@dataclass(frozen=True)
class AdditiveAttention(Attention):
    """Keras: ``AdditiveAttention(use_scale)``."""

    use_scale: bool = True

    in_keras: ClassVar = Counterpart(without=("score_mode",))

    @property
    def weight_shapes(self):
        *_, features = self.input_shape[0]
        return ((1, features),) if self.use_scale else ()

    def tanhs(self, q, k):
        """Return tanh of the sums q + k, (..., queries, places, features)."""
        return tf.tanh(q[..., :, None, :] + k[..., None, :, :])  # (1)

    def raw_scores(self, q, k, factors):
        t = self.tanhs(q, k)
        scale = factors["scale"][..., None, None, :, :] if self.use_scale else 1
        return tf.reduce_sum(scale * t, axis=-1)  # (2)

    def scaled(self, raw, factors):
        return raw
