"""Attention of several heads (Vaswani et al. 2017, 3.2.2)."""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import keras
import tensorflow as tf

from tfimpl.activations import Softmax
from tfimpl.layers.layer import Layer

LOWEST = -0.7 * 3.38953e38  # a masked score, as Keras has it


@dataclass(frozen=True)
class MultiHeadAttention(Layer):
    """Keras: ``MultiHeadAttention(num_heads, key_dim, value_dim, use_bias)``."""

    num_heads: int
    key_dim: int
    value_dim: int | None = None
    use_bias: bool = True
    use_causal_mask: bool = False
    softmax: Any = Softmax()

    @property
    def weight_names(self):
        names = ("query", "key", "value", "output")
        parts = ("kernel", "bias") if self.use_bias else ("kernel",)
        return tuple(f"{name}_{part}" for name in names for part in parts)

    @property
    def weight_shapes(self):
        queries, values, *keys = self.input_shape
        features = queries[-1], (keys or [values])[0][-1], values[-1]
        of_keys = self.num_heads * self.key_dim
        of_values = self.num_heads * (self.value_dim or self.key_dim)
        kernels = [*zip(features, (of_keys, of_keys, of_values)), (of_values, queries[-1])]
        biases = [((1, units),) if self.use_bias else () for _, units in kernels]
        return tuple(shape for k, b in zip(kernels, biases) for shape in (k, *b))

    @property
    def output_shape(self):
        return self.input_shape[0]

    @property
    def scale(self):
        """1 / sqrt(key_dim)."""
        return 1 / sqrt(self.key_dim)

    def four(self, weights):
        """Return the kernels, and the biases, of queries, keys, values and outputs."""
        return (weights[::2], weights[1::2]) if self.use_bias else (weights, (None,) * 4)

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

    def forward(self, weights, x):
        q, v, *k = x
        kernels, biases = self.four(weights)
        projected = map(self.projected, (q, k[0] if k else v, v), kernels, biases)
        Q, K, V = (self.heads(y) for y in projected)  # (5)
        s = Q @ tf.linalg.matrix_transpose(K) * self.scale  # (6)
        if self.use_causal_mask:
            s = tf.where(self.seen(s), s, tf.constant(LOWEST, s.dtype))  # (7)
        P = self.softmax.forward(s)  # (8)
        Y = self.side_by_side(P @ V)  # (9)
        return self.projected(Y, kernels[3], biases[3]), x

    def seen(self, s):
        """Return which places each query sees, with a causal mask."""
        return tf.range(s.shape[-2])[:, None] >= tf.range(s.shape[-1])

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (10)-(16)

    def keras(self, dtype):
        options = {"value_dim": self.value_dim, "use_bias": self.use_bias, "dtype": dtype}
        layer = keras.layers.MultiHeadAttention(self.num_heads, self.key_dim, **options)
        return HeadsLayer(layer, self.use_causal_mask, dtype=dtype)


def _swapped(x):
    """Return x with the axes of places and heads exchanged."""
    axes = list(range(len(x.shape)))
    return tf.transpose(x, [*axes[:-3], axes[-2], axes[-3], axes[-1]])


class HeadsLayer(keras.layers.Layer):
    """Keras's layer, which takes its inputs and use_causal_mask as arguments."""

    def __init__(self, layer, use_causal_mask, **kwargs):
        super().__init__(**kwargs)
        self.layer, self.use_causal_mask = layer, use_causal_mask

    def build(self, input_shape):
        self.layer.build(*input_shape)

    def call(self, inputs):
        return self.layer(*inputs, use_causal_mask=self.use_causal_mask)
