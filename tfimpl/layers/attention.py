"""Attention (Luong et al. 2015; score_mode "concat": Bahdanau et al. 2015)."""

from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from tfimpl.activations import Softmax
from tfimpl.layers.layer import Layer

SCORE_MODES = ("dot", "concat")
FAR_BELOW = 1e9  # what a masked score is lowered by


@dataclass(frozen=True)
class Attention(Layer):
    """Keras: ``Attention(use_scale, score_mode)``."""

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
        raw = (
            q @ tf.linalg.matrix_transpose(k)
            if self.score_mode == "dot"
            else self.compared(q, k, factors)
        )  # (1)
        s = self.scaled(raw, factors)
        if self.use_causal_mask:
            seen = tf.range(q.shape[-2])[:, None] >= tf.range(v.shape[-2])
            s = tf.where(seen, s, s - FAR_BELOW)  # (2)
        p = self.softmax.forward(s)  # (3)
        return p @ v, x  # (4)

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
        return tf.reduce_sum(tf.tanh(self.pairs(q, k, factors)), axis=-1)  # (7)

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (8)-(16)

    def keras(self, dtype):
        layer = keras.layers.Attention(self.use_scale, self.score_mode, dtype=dtype)
        return AttentionLayer(layer, self.use_causal_mask, dtype=dtype)


class AttentionLayer(keras.layers.Layer):
    """Keras's layer, which takes a list, and use_causal_mask as an argument."""

    def __init__(self, layer, use_causal_mask, **kwargs):
        super().__init__(**kwargs)
        self.layer, self.use_causal_mask = layer, use_causal_mask

    def build(self, input_shape):
        self.layer.build(input_shape)

    def call(self, inputs):
        return self.layer(list(inputs), use_causal_mask=self.use_causal_mask)
