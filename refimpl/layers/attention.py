"""Attention (Luong et al. 2015; score_mode "concat": Bahdanau et al. 2015)."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from refimpl.activations import Softmax
from refimpl.layers.dropping import Dropping
from refimpl.layers.parted import parted

SCORE_MODES = ("dot", "concat")
FAR_BELOW = 1e9  # what a masked score is lowered by


@dataclass(frozen=True)
class Attention(Dropping):
    """Weighted means of values v, by how well their keys k fit each query q.

        dot:     s_ij = scale q_i k_j
        concat:  s_ij = concat_score_weight sum tanh(scale (q_i + k_j))
        y_i = sum_j softmax_j(s_ij) v_j

    x is a tuple of queries (..., batch, queries, features), values (..., batch, places,
    values) and keys (..., batch, places, features); without keys the values are the keys.
    scale, only with use_scale, and concat_score_weight, only in that mode, are (1, 1).
    dropout: the fraction of the weights of the means that is dropped, by ``seed``.

    Arguments of Keras's call, as 1 and 0: value_mask (batch, places), a place that no query
    sees; query_mask (batch, queries), whose output is 0; use_causal_mask: no query sees a
    place behind its own.  With return_attention_scores the output is flat, and behind it
    stand the weights of the means, as they are after dropout.

    Raises ValueError for another score_mode.
    """

    use_scale: bool = False
    score_mode: str = "dot"
    dropout: float = 0.0
    seed: int = 0
    query_mask: Any = None
    value_mask: Any = None
    use_causal_mask: bool = False
    return_attention_scores: bool = False
    softmax: Any = Softmax()

    def __post_init__(self):
        if self.score_mode not in SCORE_MODES:
            raise ValueError(f"{self.score_mode!r} is none of {', '.join(SCORE_MODES)}")

    @property
    def weight_names(self):
        scale = ("scale",) if self.use_scale else ()
        return (*scale, "concat_score_weight") if self.score_mode == "concat" else scale

    @property
    def letter_names(self):
        return ("s",)

    @property
    def weight_shapes(self):
        return tuple((1, 1) for _ in self.weight_names)

    @property
    def output_shape(self):
        queries, values = self.input_shape[:2]
        if self.return_attention_scores:
            return (queries[0] * (values[1] + values[0]),)
        return (queries[0], values[1])

    def seen(self, s):
        """Return which places each query sees, for scores s; None is all."""
        masks = []
        if self.value_mask is not None:
            masks.append(np.array(self.value_mask)[..., None, :] > 0)  # (1)
        if self.use_causal_mask:
            masks.append(np.arange(s.shape[-2])[:, None] >= np.arange(s.shape[-1]))  # (2)
        return masks[0] & masks[-1] if masks else None

    def raw_scores(self, q, k, factors):
        """Return the scores before ``scaled``."""
        return q @ k.mT if self.score_mode == "dot" else self.compared(q, k, factors)  # (3)

    def forward(self, weights, x):
        q, v, *k = x
        k = k[0] if k else v
        factors = dict(zip(self.weight_names, weights))
        state = weights[-1] if self.drops else None
        raw = self.raw_scores(q, k, factors)
        letters = {}
        s = self.note_whole(letters, "s", self.scaled(raw, factors), 2)
        seen = self.seen(s)
        if seen is not None:
            s = np.where(seen, s, s - FAR_BELOW)  # (4)
        p = self.softmax.forward(s)  # (5)
        keep = self.keeps(state, p)
        weights = self.dropped(keep, p)  # (6)
        y = self.without_masked(weights @ v)  # (7)
        if self.return_attention_scores:
            y = flat(y, weights)  # (8)
        return y, (q, k, v, raw, s, p, keep, letters, state)

    def noted(self, kept):
        return kept[-2]

    def without_masked(self, y):
        """Return the output, or its gradient, 0 for the queries that are masked."""
        if self.query_mask is None:
            return y
        counts = np.array(self.query_mask)[..., None] > 0
        return np.where(counts, y, np.zeros_like(y))  # (9)

    def scaled(self, raw, factors):
        """Return the scores, of q k or of the sums of tanh."""
        name = "scale" if self.score_mode == "dot" else "concat_score_weight"
        return factors[name][..., None, :, :] * raw if name in factors else raw  # (10)

    def pairs(self, q, k, factors):
        """Return the scaled sums q + k, (..., queries, places, features)."""
        z = q[..., :, None, :] + k[..., None, :, :]
        return factors["scale"][..., None, None, :, :] * z if self.use_scale else z  # (11)

    def compared(self, q, k, factors):
        """Return the sum of tanh of every query and every key."""
        return np.sum(np.tanh(self.pairs(q, k, factors)), axis=-1)  # (12)

    def _scores_back(self, q, k, raw, factors, sb):
        """Return the gradients of queries, keys and weights, of that of the scores."""
        rawb = self.scaled(sb, factors)
        rows = (-3, -2, -1)
        outer = np.sum(sb * raw, axis=rows)[..., None, None]
        if self.score_mode == "dot":
            qb, kb = rawb @ k, rawb.mT @ q
            return qb, kb, (outer,) if self.use_scale else ()
        t = np.tanh(self.pairs(q, k, factors))
        zb = rawb[..., None] * (1 - np.square(t))
        inner = zb * (q[..., :, None, :] + k[..., None, :, :])
        scaleb = np.sum(inner, axis=(-4, *rows))[..., None, None]
        zb = factors["scale"][..., None, None, :, :] * zb if self.use_scale else zb
        qb, kb = np.sum(zb, axis=-2), np.sum(zb, axis=-3)
        return qb, kb, (scaleb, outer) if self.use_scale else (outer,)

    def backward(self, weights, kept, yb):
        q, k, v, raw, s, p, keep, letters, _ = kept
        factors = dict(zip(self.weight_names, weights))
        scoresb = None
        if self.return_attention_scores:
            yb, scoresb = parted(yb, (q.shape[-2], v.shape[-1]), p.shape[-2:])  # (13)
        yb = self.without_masked(yb)
        vb = self.dropped(keep, p).mT @ yb  # (14)
        pb = yb @ v.mT if scoresb is None else yb @ v.mT + scoresb
        sb = self.softmax.backward(self.dropped(keep, pb), s, p)  # (15)
        sb = self.note_whole(letters, "sb", sb, 2)
        qb, kb, gradients = self._scores_back(q, k, raw, factors, sb)  # (16)-(21)
        given = len(self.input_shape) == 3
        return ((qb, vb, kb) if given else (qb, vb + kb)), gradients  # (22)


def flat(y, scores):
    """Return outputs (..., batch, queries, values) and scores of each sample in one row."""
    lead = y.shape[:-2]
    return np.concatenate([y.reshape(*lead, -1), scores.reshape(*lead, -1)], axis=-1)
