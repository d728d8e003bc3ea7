"""Attention of several heads (Vaswani et al. 2017, 3.2.2)."""

from dataclasses import dataclass
from functools import reduce
from math import prod, sqrt
from operator import and_
from typing import Any, ClassVar

import keras
import tensorflow as tf

from tfimpl.activations import Sigmoid, Softmax
from tfimpl.counterpart import Counterpart
from tfimpl.layers.attention import flat
from tfimpl.layers.dropping import Dropping

LOWEST = -0.7 * 3.38953e38  # a masked score, as Keras has it
FAR_BELOW = -1e9  # the same where it is ``explicit``
PROJECTED = {"Q": "query", "K": "key", "V": "value"}


@dataclass(frozen=True)
class MultiHeadAttention(Dropping):
    """Keras: ``MultiHeadAttention(num_heads, key_dim, value_dim, use_bias)``."""

    num_heads: int
    key_dim: int
    value_dim: int | None = None
    dropout: float = 0.0
    use_bias: bool = True
    output_features: int | None = None
    attention_axes: Any = None
    sliding_window: int | None = None
    use_gate: bool = False
    seed: int = 0
    query_mask: Any = None
    value_mask: Any = None
    key_mask: Any = None
    attention_mask: Any = None
    use_causal_mask: bool = False
    return_attention_scores: bool = False
    softmax: Any = Softmax()
    sigmoid: Any = Sigmoid()

    in_keras: ClassVar = Counterpart(
        names={"output_features": "output_shape"},
        without=(
            *("query_mask", "value_mask", "key_mask", "attention_mask", "use_causal_mask"),
            *("return_attention_scores", "softmax", "sigmoid"),
        ),
    )

    def build(self, input_shape):
        *places, _ = input_shape[0]
        if len(places) > 1 and self.attention_axes != len(places):
            raise ValueError(
                f"attention_axes must be {len(places)}, the last axis of places"
            )
        return super().build(input_shape)

    @property
    def weight_names(self):
        gate = ("gate",) if self.use_gate else ()
        names = ("query", "key", *gate, "value", "output")
        parts = ("kernel", "bias") if self.use_bias else ("kernel",)
        return tuple(f"{name}_{part}" for name in names for part in parts)

    @property
    def letter_names(self):
        return ("Q", "K", "V", "Y", "G") if self.use_gate else ("Q", "K", "V", "Y")

    @property
    def weight_shapes(self):
        queries, values, *keys = self.input_shape
        keys = (keys or [values])[0]
        of_keys = self.num_heads * self.key_dim
        of_values = self.num_heads * (self.value_dim or self.key_dim)
        gate = [(queries[-1], of_values)] if self.use_gate else []
        kernels = [(queries[-1], of_keys), (keys[-1], of_keys), *gate]
        kernels += [(values[-1], of_values), (of_values, self.output_places[-1])]
        biases = [((1, units),) if self.use_bias else () for _, units in kernels]
        return tuple(shape for k, b in zip(kernels, biases) for shape in (k, *b))

    @property
    def output_places(self):
        """The axes of places of a sample's output, and its features."""
        *places, features = self.input_shape[0]
        return (*places, self.output_features or features)

    @property
    def output_shape(self):
        if not self.return_attention_scores:
            return self.output_places
        queries, values = self.input_shape[:2]
        scores = self.num_heads * queries[-2] * values[-2]
        return (prod(self.output_places) + scores,)

    @property
    def explicit(self):
        """Whether Keras takes its own way instead of dot_product_attention."""
        several = len(self.input_shape[0]) > 2
        return self.drops or self.return_attention_scores or several

    @property
    def scale(self):
        """1 / sqrt(key_dim)."""
        return 1 / sqrt(self.key_dim)

    def named(self, weights):
        """Return the kernel and the bias of each projection, by its name."""
        weights = dict(zip(self.weight_names, weights))
        names = [name.removesuffix("_kernel") for name in weights if "kernel" in name]
        return {n: (weights[f"{n}_kernel"], weights.get(f"{n}_bias")) for n in names}

    def projected(self, x, kernel, bias):
        """Return x kernel + bias, for every place."""
        y = tf.reshape(x, (*kernel.shape[:-2], -1, x.shape[-1])) @ kernel
        y = y if bias is None else y + bias  # (1)
        return tf.reshape(y, (*x.shape[:-1], kernel.shape[-1]))  # (2)

    def heads(self, x):
        """Return (..., batch, heads, places, features) of the heads side by side."""
        return _swapped(tf.reshape(x, (*x.shape[:-1], self.num_heads, -1)))  # (3)

    def side_by_side(self, x):
        """Return the heads side by side, (..., batch, places, heads * features)."""
        return tf.reshape(_swapped(x), (*x.shape[:-3], x.shape[-2], -1))  # (4)

    def seen(self, queries, places):
        """Return which of so many places each of the queries sees; None is all."""
        masks = []
        if self.query_mask is not None:
            masks.append(tf.constant(self.query_mask)[..., None, :, None] > 0)  # (5)
        for mask in (self.value_mask, self.key_mask):
            if mask is not None:
                masks.append(tf.constant(mask)[..., None, None, :] > 0)  # (6)
        if self.attention_mask is not None:
            masks.append(tf.constant(self.attention_mask)[..., None, :, :] > 0)  # (7)
        queries, places = tf.range(queries)[:, None], tf.range(places)
        if self.use_causal_mask:
            masks.append(queries >= places)  # (8)
        if self.sliding_window is not None:
            masks.append(tf.abs(queries - places) < self.sliding_window)  # (9)
        return reduce(and_, masks) if masks else None

    def scores(self, Q, K, seen):
        """Return the scores of queries and keys, far below 0 where not seen."""
        if self.explicit:
            s, low = Q * self.scale @ tf.linalg.matrix_transpose(K), FAR_BELOW  # (10)
        else:
            s, low = Q @ tf.linalg.matrix_transpose(K) * self.scale, LOWEST  # (11)
        if seen is None:
            return s
        return tf.where(seen, s, tf.constant(low, s.dtype))  # (12)

    def softmaxed(self, s, seen):
        """Return the softmax of the scores; explicitly 0 where not seen."""
        P = self.softmax.forward(s)  # (13)
        if self.explicit and seen is not None:
            P = tf.where(seen, P, tf.zeros_like(P))  # (14)
        return P

    def forward(self, weights, x):
        q, v, *k = x
        named, state = self.named(weights), weights[-1] if self.drops else None
        inputs = {"query": q, "key": k[0] if k else v, "value": v, "gate": q}
        projected = {n: self.projected(inputs[n], *named[n]) for n in named if n in inputs}
        letters, axes = {}, len(self.output_places)
        for letter, n in PROJECTED.items():
            projected[n] = self.note_whole(letters, letter, projected[n], axes)
        Q, K, V = (self.heads(projected[n]) for n in PROJECTED.values())  # (15)
        seen = self.seen(Q.shape[-2], K.shape[-2])
        s = self.scores(Q, K, seen)  # (16)
        P = self.softmaxed(s, seen)  # (17)
        keep = self.keeps(state, P)
        Y = self.side_by_side(self.dropped(keep, P) @ V)  # (18)
        Y = self.note_whole(letters, "Y", Y, axes)
        if self.use_gate:
            G = self.sigmoid.forward(projected["gate"])  # (19)
            G = self.note_whole(letters, "G", G, axes)
        y = self.projected(Y * G if self.use_gate else Y, *named["output"])  # (20)
        y = flat(y, P) if self.return_attention_scores else y  # (21)
        return y, (x, letters, state)

    def noted(self, kept):
        return kept[-2]

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept[0], yb)  # (22)-(35)

    def keras(self, dtype):
        return HeadsLayer(super().keras(dtype), self, dtype=dtype)


def _swapped(x):
    """Return x with the axes of places and heads exchanged."""
    axes = list(range(len(x.shape)))
    return tf.transpose(x, [*axes[:-3], axes[-2], axes[-3], axes[-1]])


class HeadsLayer(keras.layers.Layer):
    """Keras's layer, which takes its inputs, masks and wishes as arguments."""

    def __init__(self, layer, twin, **kwargs):
        super().__init__(**kwargs)
        self.layer, self.twin = layer, twin

    def build(self, input_shape):
        self.layer.build(*input_shape)

    def call(self, inputs):
        twin, (query, *others) = self.twin, inputs
        wishes = {
            "use_causal_mask": twin.use_causal_mask,
            "return_attention_scores": twin.return_attention_scores,
        }
        for name in ("value_mask", "key_mask", "attention_mask"):
            if getattr(twin, name):
                wishes[name] = tf.constant(getattr(twin, name)) > 0
        if twin.query_mask:  # as from an Embedding: the argument is not listened to
            query = tf.identity(query)
            query._keras_mask = tf.constant(twin.query_mask) > 0
        y = self.layer(query, *others, **wishes)
        return flat(*y) if twin.return_attention_scores else y
