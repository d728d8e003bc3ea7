"""Attention (Luong et al. 2015; score_mode "concat": Bahdanau et al. 2015)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import keras
import tensorflow as tf

from tfimpl.activations import Softmax
from tfimpl.counterpart import Counterpart
from tfimpl.layers.dropping import Dropping

SCORE_MODES = ("dot", "concat")
FAR_BELOW = 1e9  # what a masked score is lowered by


@dataclass(frozen=True)
class Attention(Dropping):
    """Keras: ``Attention(use_scale, score_mode)``."""

    use_scale: bool = False
    score_mode: str = "dot"
    dropout: float = 0.0
    seed: int = 0
    query_mask: Any = None
    value_mask: Any = None
    use_causal_mask: bool = False
    return_attention_scores: bool = False
    softmax: Any = Softmax()

    in_keras: ClassVar = Counterpart(
        without=(
            *("query_mask", "value_mask", "use_causal_mask", "return_attention_scores"),
            "softmax",
        )
    )

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
            masks.append(tf.constant(self.value_mask)[..., None, :] > 0)  # (1)
        if self.use_causal_mask:
            masks.append(tf.range(s.shape[-2])[:, None] >= tf.range(s.shape[-1]))  # (2)
        return masks[0] & masks[-1] if masks else None

    def raw_scores(self, q, k, factors):
        """Return the scores before ``scaled``."""
        if self.score_mode == "dot":
            return q @ tf.linalg.matrix_transpose(k)  # (3)
        return self.compared(q, k, factors)

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
            s = tf.where(seen, s, s - FAR_BELOW)  # (4)
        p = self.softmax.forward(s)  # (5)
        keep = self.keeps(state, p)
        weights = self.dropped(keep, p)  # (6)
        y = self.without_masked(weights @ v)  # (7)
        if self.return_attention_scores:
            y = flat(y, weights)  # (8)
        return y, (x, letters, state)

    def noted(self, kept):
        return kept[-2]

    def without_masked(self, y):
        """Return the output, or its gradient, 0 for the queries that are masked."""
        if self.query_mask is None:
            return y
        counts = tf.constant(self.query_mask)[..., None] > 0
        return tf.where(counts, y, tf.zeros_like(y))  # (9)

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
        return tf.reduce_sum(tf.tanh(self.pairs(q, k, factors)), axis=-1)  # (12)

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept[0], yb)  # (13)-(22)

    def keras(self, dtype):
        return AttentionLayer(super().keras(dtype), self, dtype=dtype)


class AttentionLayer(keras.layers.Layer):
    """Keras's layer, which takes a list, and masks and wishes as arguments."""

    def __init__(self, layer, twin, **kwargs):
        super().__init__(**kwargs)
        self.layer, self.twin = layer, twin

    def build(self, input_shape):
        self.layer.build(input_shape)

    def call(self, inputs):
        twin = self.twin
        masks = [m and tf.constant(m) > 0 for m in (twin.query_mask, twin.value_mask)]
        wishes = {
            "mask": masks if twin.query_mask or twin.value_mask else None,
            "use_causal_mask": twin.use_causal_mask,
            "return_attention_scores": twin.return_attention_scores,
        }
        y = self.layer(list(inputs), **wishes)
        return flat(*y) if twin.return_attention_scores else y


def flat(y, scores):
    """Return outputs (..., batch, queries, values) and scores of each sample in one row."""
    rows = (tf.reshape(a, (*y.shape[:-2], -1)) for a in (y, scores))
    return tf.concat(list(rows), axis=-1)
