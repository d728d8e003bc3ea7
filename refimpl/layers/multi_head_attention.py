"""Attention of several heads (Vaswani et al. 2017, 3.2.2)."""

from dataclasses import dataclass
from functools import reduce
from math import prod, sqrt
from operator import and_
from typing import Any

import numpy as np

from refimpl.activations import Sigmoid, Softmax
from refimpl.layers.attention import flat
from refimpl.layers.dropping import Dropping
from refimpl.layers.parted import parted

LOWEST = -0.7 * 3.38953e38  # a masked score, as Keras has it
FAR_BELOW = -1e9  # the same where it is ``explicit``
PROJECTED = {"Q": "query", "K": "key", "V": "value"}


@dataclass(frozen=True)
class MultiHeadAttention(Dropping):
    """Each head h projects queries, values and keys, and attends; all are projected back.

        Q_h = q query_h,  K_h = k key_h,  V_h = v value_h    (each with a bias)
        Y_h = softmax(Q_h K_h' / sqrt(key_dim)) V_h
        y = (Y_1 ... Y_n side by side) output                (with a bias)

    x is a tuple of queries (..., batch, queries, features), values and perhaps keys (...,
    batch, places, features); without keys the values are the keys.  Kernels (features,
    heads * key_dim or value_dim), the heads side by side; the last one (heads * value_dim,
    features of the queries, or output_features, Keras's output_shape).  value_dim: key_dim
    if None.

    dropout: the fraction of the softmax that is dropped, by ``seed``.
    sliding_window: a query sees fewer places than this on either side of its own.
    use_gate: Y_h is multiplied with sigmoid(q gate_h + bias) (Qiu et al. 2025).
    attention_axes: where places lie on several axes, the last of them, counted with the
        batch as 0: each query sees those of its own row.

    Arguments of Keras's call, as 1 and 0: query_mask (batch, queries), value_mask, key_mask
    (batch, places), attention_mask (batch, queries, places), use_causal_mask: no query sees
    a place behind its own.  A query that sees nothing takes the mean of all values.  With
    return_attention_scores the output is flat, and behind it stands the softmax, as it is
    before dropout.

    ``explicit``: with dropout, scores or several axes Keras multiplies the queries with the
    scale instead of the products, and makes the softmax of what is not seen 0.

    Raises ValueError for other attention_axes.
    """

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
        y = x.reshape(*kernel.shape[:-2], -1, x.shape[-1]) @ kernel
        y = y if bias is None else y + bias  # (1)
        return y.reshape(*x.shape[:-1], kernel.shape[-1])  # (2)

    def heads(self, x):
        """Return (..., batch, heads, places, features) of the heads side by side."""
        return np.swapaxes(x.reshape(*x.shape[:-1], self.num_heads, -1), -2, -3)  # (3)

    def side_by_side(self, x):
        """Return the heads side by side, (..., batch, places, heads * features)."""
        return np.swapaxes(x, -2, -3).reshape(*x.shape[:-3], x.shape[-2], -1)  # (4)

    def seen(self, queries, places):
        """Return which of so many places each of the queries sees; None is all."""
        masks = []
        if self.query_mask is not None:
            masks.append(np.array(self.query_mask)[..., None, :, None] > 0)  # (5)
        for mask in (self.value_mask, self.key_mask):
            if mask is not None:
                masks.append(np.array(mask)[..., None, None, :] > 0)  # (6)
        if self.attention_mask is not None:
            masks.append(np.array(self.attention_mask)[..., None, :, :] > 0)  # (7)
        queries, places = np.arange(queries)[:, None], np.arange(places)
        if self.use_causal_mask:
            masks.append(queries >= places)  # (8)
        if self.sliding_window is not None:
            masks.append(np.absolute(queries - places) < self.sliding_window)  # (9)
        return reduce(and_, masks) if masks else None

    def scores(self, Q, K, seen):
        """Return the scores of queries and keys, far below 0 where not seen."""
        if self.explicit:
            s, low = Q * self.scale @ K.mT, FAR_BELOW  # (10)
        else:
            s, low = Q @ K.mT * self.scale, LOWEST  # (11)
        if seen is None:
            return s
        # Of a query that sees nothing all scores are equal, so that they may be 0 as well.
        none = ~seen.any(axis=-1, keepdims=True)
        return np.where(seen, s, np.where(none, np.zeros_like(s), low))  # (12)

    def softmaxed(self, s, seen):
        """Return the softmax of the scores; explicitly 0 where not seen."""
        P = self.softmax.forward(s)  # (13)
        if self.explicit and seen is not None:
            P = np.where(seen, P, np.zeros_like(P))  # (14)
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
        G = None
        if self.use_gate:
            G = self.sigmoid.forward(projected["gate"])  # (19)
            G = self.note_whole(letters, "G", G, axes)
        y = self.projected(Y * G if self.use_gate else Y, *named["output"])  # (20)
        y = flat(y, P) if self.return_attention_scores else y  # (21)
        z = projected.get("gate")
        return y, (x, Q, K, V, seen, s, P, keep, Y, z, G, letters, state)

    def noted(self, kept):
        return kept[-2]

    def _projected_back(self, x, name, named, yb):
        """Return the gradient of x, and those of a projection's kernel and bias."""
        kernel, bias = named[name]
        rows = x.reshape(*kernel.shape[:-2], -1, x.shape[-1])
        yb = yb.reshape(*kernel.shape[:-2], -1, yb.shape[-1])
        xb = (yb @ kernel.mT).reshape(*x.shape)
        kernelb = rows.mT @ yb
        biasb = () if bias is None else (np.sum(yb, axis=-2, keepdims=True),)
        return xb, kernelb, *biasb

    def backward(self, weights, kept, yb):
        (q, v, *k), Q, K, V, seen, s, P, keep, Y, z, G, letters, _ = kept
        axes = len(self.output_places)
        named, scoresb = self.named(weights), None
        if self.return_attention_scores:
            yb, scoresb = parted(yb, self.output_places, P.shape[-3:])  # (22)
        Yb, *of_output = self._projected_back(
            Y * G if self.use_gate else Y, "output", named, yb
        )
        gradients = {"output": of_output}  # (23)
        if self.use_gate:
            Gb = self.note_whole(letters, "Gb", Yb * Y, axes)
            zb = self.sigmoid.backward(Gb, z, G)  # (24)
            gated, *gradients["gate"] = self._projected_back(q, "gate", named, zb)
            Yb = Yb * G  # (25)
        Yb = self.heads(self.note_whole(letters, "Yb", Yb, axes))
        Vb = self.dropped(keep, P).mT @ Yb  # (26)
        Pb = self.dropped(keep, Yb @ V.mT)  # (27)
        Pb = Pb if scoresb is None else Pb + scoresb
        if self.explicit and seen is not None:
            Pb = np.where(seen, Pb, np.zeros_like(Pb))  # (28)
        sb = self.softmax.backward(Pb, s, P)  # (29)
        if seen is not None:
            sb = np.where(seen, sb, np.zeros_like(sb))  # (30)
        if self.explicit:
            Qb, Kb = sb @ K * self.scale, sb.mT @ (Q * self.scale)  # (31)
        else:
            sb = sb * self.scale  # (32)
            Qb, Kb = sb @ K, sb.mT @ Q  # (33)
        inputs = {"query": q, "key": k[0] if k else v, "value": v}
        xbs = []
        for name, letter, b in zip(inputs, "QKV", (Qb, Kb, Vb)):
            b = self.note_whole(letters, f"{letter}b", self.side_by_side(b), axes)
            xb, *gradients[name] = self._projected_back(
                inputs[name], name, named, b
            )  # (34)
            xbs.append(xb)
        qb, kb, vb = xbs
        qb = qb + gated if self.use_gate else qb
        xb = (qb, vb, kb) if k else (qb, vb + kb)  # (35)
        return xb, tuple(b for name in named for b in gradients[name])
