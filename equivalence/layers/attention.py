"""Layers of several inputs: queries, values and keys."""

from equivalence.layers.row import layer, wrong

QUERIES, VALUES, KEYS = (3, 2), (4, 2), (4, 2)
WIDE = (4, 3)  # values of other features than the keys

ROWS = (
    layer("attention", (QUERIES, VALUES), lambda m: m.Attention()),
    layer(
        "attention-scaled-causal",
        (QUERIES, WIDE, KEYS),
        lambda m: m.Attention(use_scale=True, use_causal_mask=True),
    ),
    layer("attention-concat", (QUERIES, WIDE, KEYS), lambda m: m.Attention(score_mode="concat")),
    layer(
        "attention-concat-scaled",
        (QUERIES, VALUES),
        lambda m: m.Attention(use_scale=True, score_mode="concat"),
    ),
    layer("multi-head-attention", (QUERIES, VALUES), lambda m: m.MultiHeadAttention(2, 2)),
    layer(
        "multi-head-attention-causal",
        (QUERIES, WIDE, KEYS),
        lambda m: m.MultiHeadAttention(2, 3, 1, use_bias=False, use_causal_mask=True),
    ),
)

ONE, HEADS = "layers/attention.py", "layers/multi_head_attention.py"
# fmt: off
# ruff: noqa: E501
PLANTS = wrong(
    ("every query sees one place too many", "tfimpl", ONE, "[:, None] >= tf.range", "[:, None] + 1 >= tf.range", "attention-scaled-causal", "activations"),
    ("softmax over the queries", "refimpl", ONE, "p = self.softmax.forward(s)", "p = self.softmax.forward(s.mT).mT", "attention", "activations"),
    ("no scale", "refimpl", ONE, "factors[name][..., None, :, :] * raw if name in factors else raw", "raw", "attention-concat", "activations"),
    ("values' gradient without the keys'", "refimpl", ONE, "(qb, vb + kb)", "(qb, vb)", "attention", "gradients"),
    ("scores' gradient without the softmax's", "refimpl", ONE, "self.softmax.backward(yb @ v.mT, s, p)", "(yb @ v.mT) * p", "attention-concat", "gradients"),
    ("keys' gradient without the scale, the scale's right", "refimpl", ONE, "rawb = self.scaled(sb, factors)", "rawb = sb", "attention-scaled-causal", "gradients"),
    ("tanh's slope left out", "refimpl", ONE, "rawb[..., None] * (1 - np.square(t))", "rawb[..., None] * np.ones_like(t)", "attention-concat-scaled", "gradients"),
    ("sum over the wrong places", "refimpl", ONE, "np.sum(zb, axis=-2), np.sum(zb, axis=-3)", "np.sum(zb, axis=-2), np.sum(zb[..., ::2, :, :], axis=-3)", "attention-concat", "gradients"),
    ("scaled by key_dim, not its root", "tfimpl", HEADS, "1 / sqrt(self.key_dim)", "1 / self.key_dim", "multi-head-attention", "activations"),
    ("features before heads", "refimpl", HEADS, "x.reshape(*x.shape[:-1], self.num_heads, -1), -2, -3", "np.swapaxes(x.reshape(*x.shape[:-1], -1, self.num_heads), -1, -2), -2, -3", "multi-head-attention", "activations"),
    ("no scale on the way back", "refimpl", HEADS, "sb = sb * self.scale", "sb = sb", "multi-head-attention", "gradients"),
    ("keys for queries on the way back", "refimpl", HEADS, "gradients = sb @ K, sb.mT @ Q, Vb", "gradients = sb @ K, sb.mT @ K[..., : Q.shape[-2], :], Vb", "multi-head-attention", "gradients"),
    ("input gradient of one column, the kernel's of all", "refimpl", HEADS, "xb = (yb @ kernel.mT).reshape(*x.shape)", "xb = (yb[..., :1] @ kernel.mT[..., :1, :]).reshape(*x.shape)", "multi-head-attention", "gradients"),
)
