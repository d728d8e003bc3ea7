"""Additive attention (Bahdanau et al. 2015, A.1.2; Luong et al. 2015, "concat")."""

from dataclasses import dataclass

import numpy as np

from refimpl.layers.attention import Attention


@dataclass(frozen=True)
class AdditiveAttention(Attention):
    """Attention whose scores are s_ij = sum over c of scale_c tanh(q_ic + k_jc).

    scale (1, features), or without use_scale 1; all else as in ``Attention``.
    """

    use_scale: bool = True

    @property
    def weight_shapes(self):
        *_, features = self.input_shape[0]
        return ((1, features),) if self.use_scale else ()

    def tanhs(self, q, k):
        """Return tanh of the sums q + k, (..., queries, places, features)."""
        return np.tanh(q[..., :, None, :] + k[..., None, :, :])  # (1)

    def raw_scores(self, q, k, factors):
        t = self.tanhs(q, k)
        return np.sum(self._by_scale(t, factors), axis=-1)  # (2)

    def scaled(self, raw, factors):
        return raw

    def _by_scale(self, t, factors):
        """Return numbers of each query, place and feature by the feature's scale."""
        return factors["scale"][..., None, None, :, :] * t if self.use_scale else t

    def _scores_back(self, q, k, raw, factors, sb):
        t = self.tanhs(q, k)
        zb = self._by_scale(sb[..., None], factors) * (1 - np.square(t))
        qb, kb = np.sum(zb, axis=-2), np.sum(zb, axis=-3)
        if not self.use_scale:
            return qb, kb, ()
        scaleb = np.sum(sb[..., None] * t, axis=(-4, -3, -2))[..., None, :]
        return qb, kb, (scaleb,)
