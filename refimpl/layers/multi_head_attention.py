"""Attention of several heads (Vaswani et al. 2017, 3.2.2)."""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from refimpl.activations import Softmax
from refimpl.layers.layer import Layer

LOWEST = -0.7 * 3.38953e38  # a masked score, as Keras has it


@dataclass(frozen=True)
class MultiHeadAttention(Layer):
    """Each head h projects queries, values and keys, and attends; all are projected back.

        Q_h = q query_h,  K_h = k key_h,  V_h = v value_h    (each with a bias)
        Y_h = softmax(Q_h K_h' / sqrt(key_dim)) V_h
        y = (Y_1 ... Y_n side by side) output                (with a bias)

    x is a tuple of queries (..., batch, queries, features), values and perhaps keys (...,
    batch, places, features); without keys the values are the keys.  Kernels (features,
    heads * key_dim or value_dim), the heads side by side; the last one (heads * value_dim,
    features of the queries).  value_dim: key_dim if None.  use_causal_mask, an argument of
    Keras's call: no query sees a place behind its own.
    """

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
        y = x.reshape(*kernel.shape[:-2], -1, x.shape[-1]) @ kernel
        y = y if bias is None else y + bias  # (1)
        return y.reshape(*x.shape[:-1], kernel.shape[-1])  # (2)

    def heads(self, x):
        """Return (..., batch, heads, places, features) of the heads side by side."""
        return np.swapaxes(x.reshape(*x.shape[:-1], self.num_heads, -1), -2, -3)  # (3)

    def side_by_side(self, x):
        """Return the heads side by side, (..., batch, places, heads * features)."""
        return np.swapaxes(x, -2, -3).reshape(*x.shape[:-3], x.shape[-2], -1)  # (4)

    def forward(self, weights, x):
        q, v, *k = x
        kernels, biases = self.four(weights)
        projected = map(self.projected, (q, k[0] if k else v, v), kernels, biases)
        Q, K, V = (self.heads(y) for y in projected)  # (5)
        s = Q @ K.mT * self.scale  # (6)
        if self.use_causal_mask:
            s = np.where(self.seen(s), s, LOWEST)  # (7)
        P = self.softmax.forward(s)  # (8)
        Y = self.side_by_side(P @ V)  # (9)
        return self.projected(Y, kernels[3], biases[3]), (x, Q, K, V, s, P, Y)

    def seen(self, s):
        """Return which places each query sees, with a causal mask."""
        return np.arange(s.shape[-2])[:, None] >= np.arange(s.shape[-1])

    def _projected_back(self, x, kernel, yb):
        """Return the gradient of x, and those of kernel and bias."""
        rows = x.reshape(*kernel.shape[:-2], -1, x.shape[-1])
        yb = yb.reshape(*kernel.shape[:-2], -1, yb.shape[-1])
        xb = (yb @ kernel.mT).reshape(*x.shape)
        kernelb = rows.mT @ yb
        biasb = (np.sum(yb, axis=-2, keepdims=True),) if self.use_bias else ()
        return xb, (kernelb, *biasb)

    def backward(self, weights, kept, yb):
        (q, v, *k), Q, K, V, s, P, Y = kept
        kernels, _ = self.four(weights)
        Yb, of_output = self._projected_back(Y, kernels[3], yb)  # (10)
        Yb = self.heads(Yb)
        Vb = P.mT @ Yb  # (11)
        sb = self.softmax.backward(Yb @ V.mT, s, P)  # (12)
        if self.use_causal_mask:
            sb = np.where(self.seen(s), sb, np.zeros_like(sb))  # (13)
        sb = sb * self.scale  # (14)
        gradients = sb @ K, sb.mT @ Q, Vb  # (15)
        inputs = q, k[0] if k else v, v
        back = [
            self._projected_back(x, kernel, self.side_by_side(b))
            for x, kernel, b in zip(inputs, kernels, gradients)
        ]
        (qb, of_query), (kb, of_key), (vb, of_value) = back
        xb = (qb, vb, kb) if k else (qb, vb + kb)  # (16)
        return xb, (*of_query, *of_key, *of_value, *of_output)
