"""Attention (Luong et al. 2015; score_mode "concat": Bahdanau et al. 2015)."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from refimpl.activations import Softmax
from refimpl.layers.layer import Layer

SCORE_MODES = ("dot", "concat")
FAR_BELOW = 1e9  # what a masked score is lowered by


@dataclass(frozen=True)
class Attention(Layer):
    """Weighted means of values v, by how well their keys k fit each query q.

        dot:     s_ij = scale q_i k_j
        concat:  s_ij = concat_score_weight sum tanh(scale (q_i + k_j))
        y_i = sum_j softmax_j(s_ij) v_j

    x is a tuple of queries (..., batch, queries, features), values (..., batch, places,
    values) and keys (..., batch, places, features); without keys the values are the keys.
    scale, only with use_scale, and concat_score_weight, only in that mode, are (1, 1).
    use_causal_mask, an argument of Keras's call: no query sees a place behind its own.

    Raises ValueError for another score_mode.
    """

    use_scale: bool = False
    score_mode: str = "dot"
    use_causal_mask: bool = False
    softmax: Any = Softmax()

    def __post_init__(self):
        if self.score_mode not in SCORE_MODES:
            raise ValueError(f"{self.score_mode!r} is none of {', '.join(SCORE_MODES)}")

    @property
    def weight_names(self):
        scale = ("scale",) if self.use_scale else ()
        return (*scale, "concat_score_weight") if self.score_mode == "concat" else scale

    @property
    def weight_shapes(self):
        return tuple((1, 1) for _ in self.weight_names)

    @property
    def output_shape(self):
        queries, values = self.input_shape[:2]
        return (queries[0], values[1])

    def forward(self, weights, x):
        q, v, *k = x
        k = k[0] if k else v
        factors = dict(zip(self.weight_names, weights))
        raw = q @ k.mT if self.score_mode == "dot" else self.compared(q, k, factors)  # (1)
        s = self.scaled(raw, factors)
        if self.use_causal_mask:
            seen = np.arange(q.shape[-2])[:, None] >= np.arange(v.shape[-2])
            s = np.where(seen, s, s - FAR_BELOW)  # (2)
        p = self.softmax.forward(s)  # (3)
        return p @ v, (q, k, v, raw, s, p)  # (4)

    def scaled(self, raw, factors):
        """Return the scores, of q k or of the sums of tanh."""
        name = "scale" if self.score_mode == "dot" else "concat_score_weight"
        return factors[name][..., None, :, :] * raw if name in factors else raw  # (5)

    def pairs(self, q, k, factors):
        """Return the scaled sums q + k, (..., queries, places, features)."""
        z = q[..., :, None, :] + k[..., None, :, :]
        return factors["scale"][..., None, None, :, :] * z if self.use_scale else z  # (6)

    def compared(self, q, k, factors):
        """Return the sum of tanh of every query and every key."""
        return np.sum(np.tanh(self.pairs(q, k, factors)), axis=-1)  # (7)

    def backward(self, weights, kept, yb):
        q, k, v, raw, s, p = kept
        factors = dict(zip(self.weight_names, weights))
        vb = p.mT @ yb  # (8)
        sb = self.softmax.backward(yb @ v.mT, s, p)  # (9)
        rawb = self.scaled(sb, factors)  # (10)
        rows = (-3, -2, -1)
        outer = np.sum(sb * raw, axis=rows)[..., None, None]  # (11)
        if self.score_mode == "dot":
            qb, kb = rawb @ k, rawb.mT @ q  # (12)
            gradients = (outer,) if self.use_scale else ()
        else:
            t = np.tanh(self.pairs(q, k, factors))
            zb = rawb[..., None] * (1 - np.square(t))  # (13)
            inner = zb * (q[..., :, None, :] + k[..., None, :, :])
            scaleb = np.sum(inner, axis=(-4, *rows))[..., None, None]  # (14)
            zb = factors["scale"][..., None, None, :, :] * zb if self.use_scale else zb
            qb, kb = np.sum(zb, axis=-2), np.sum(zb, axis=-3)  # (15)
            gradients = (scaleb, outer) if self.use_scale else (outer,)
        given = len(self.input_shape) == 3
        return ((qb, vb, kb) if given else (qb, vb + kb)), gradients  # (16)
