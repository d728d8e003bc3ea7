"""Layers of several inputs: queries, values and keys."""

from equivalence.pairs.layers.row import layer, wrong

QUERIES, VALUES, KEYS = (3, 2), (4, 2), (4, 2)
WIDE = (4, 3)  # values of other features than the keys
# of two samples; every query sees a place, also with a causal mask
OF_QUERIES = ((1, 0, 1), (1, 1, 0))
OF_PLACES = ((1, 1, 0, 1), (1, 0, 1, 0))

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
    layer(
        "attention-dropout-masked",
        (QUERIES, WIDE, KEYS),
        lambda m: m.Attention(
            dropout=0.3,
            seed=7,
            query_mask=OF_QUERIES,
            value_mask=OF_PLACES,
            use_causal_mask=True,
            return_attention_scores=True,
        ),
        2,
    ),
    layer("attention-masked", (QUERIES, VALUES), lambda m: m.Attention(value_mask=OF_PLACES), 2),
    layer("additive-attention", (QUERIES, WIDE, KEYS), lambda m: m.AdditiveAttention()),
    layer(
        "additive-attention-dropout-masked",
        (QUERIES, VALUES),
        lambda m: m.AdditiveAttention(
            False,
            dropout=0.3,
            seed=7,
            query_mask=OF_QUERIES,
            value_mask=OF_PLACES,
            use_causal_mask=True,
            return_attention_scores=True,
        ),
        2,
    ),
    layer("multi-head-attention", (QUERIES, VALUES), lambda m: m.MultiHeadAttention(2, 2)),
    layer(
        "multi-head-attention-causal",
        (QUERIES, WIDE, KEYS),
        lambda m: m.MultiHeadAttention(2, 3, 1, use_bias=False, use_causal_mask=True),
    ),
    layer(
        "multi-head-attention-masked",
        (QUERIES, WIDE, KEYS),
        lambda m: m.MultiHeadAttention(
            2,
            1,
            2,
            output_features=3,
            sliding_window=3,
            use_gate=True,
            query_mask=OF_QUERIES,
            value_mask=OF_PLACES,
            key_mask=((1, 1, 1, 1), (0, 1, 1, 1)),
            attention_mask=(((0, 1, 1, 1), (1, 1, 1, 1), (1, 1, 0, 1)), ((1, 1, 1, 1),) * 3),
        ),
        2,
    ),
    layer(
        "multi-head-attention-dropout",
        (QUERIES, VALUES),
        lambda m: m.MultiHeadAttention(
            2,
            4,
            dropout=0.3,
            seed=5,
            value_mask=OF_PLACES,
            use_causal_mask=True,
            return_attention_scores=True,
        ),
        2,
    ),
    layer(
        "multi-head-attention-axes",
        ((2, 3, 2), (2, 4, 2)),
        lambda m: m.MultiHeadAttention(2, 2, attention_axes=2),
        2,
    ),
)

ONE, HEADS = "layers/attention.py", "layers/multi_head_attention.py"
ADDED = "layers/additive_attention.py"
# fmt: off
# ruff: noqa: E501
PLANTS = wrong(
    ("every query sees one place too many", "tfimpl", ONE, "[:, None] >= tf.range", "[:, None] + 1 >= tf.range", "attention-dropout-masked", "activations"),
    ("softmax over the queries", "refimpl", ONE, "p = self.softmax.forward(s)", "p = self.softmax.forward(s.mT).mT", "attention", "activations"),
    ("no scale", "refimpl", ONE, "factors[name][..., None, :, :] * raw if name in factors else raw", "raw", "attention-concat", "activations"),
    ("values' gradient without the keys'", "refimpl", ONE, "(qb, vb + kb)", "(qb, vb)", "attention", "gradients"),
    ("scores' gradient without the softmax's", "refimpl", ONE, "self.softmax.backward(self.dropped(keep, pb), s, p)", "self.dropped(keep, pb) * p", "attention-concat", "flows"),
    ("keys' gradient without the scale, the scale's right", "refimpl", ONE, "rawb = self.scaled(sb, factors)", "rawb = sb", "attention-scaled-causal", "gradients"),
    ("tanh's slope left out", "refimpl", ONE, "rawb[..., None] * (1 - np.square(t))", "rawb[..., None] * np.ones_like(t)", "attention-concat-scaled", "gradients"),
    ("sum over the wrong places", "refimpl", ONE, "np.sum(zb, axis=-2), np.sum(zb, axis=-3)", "np.sum(zb, axis=-2), np.sum(zb[..., ::2, :, :], axis=-3)", "attention-concat", "gradients"),
    ("masked places seen", "refimpl", ONE, "np.array(self.value_mask)[..., None, :] > 0", "np.array(self.value_mask)[..., None, :] >= 0", "attention-masked", "activations"),
    ("the causal mask alone", "refimpl", ONE, "return masks[0] & masks[-1]", "return masks[-1]", "attention-dropout-masked", "activations"),
    ("masked queries answer", "tfimpl", ONE, "tf.where(counts, y, tf.zeros_like(y))", "y", "attention-dropout-masked", "activations"),
    ("masked queries flow back", "refimpl", ONE, "        yb = self.without_masked(yb)\n", "", "attention-dropout-masked", "flows"),
    ("the scores before dropout", "refimpl", ONE, "y = flat(y, weights)", "y = flat(y, p)", "attention-dropout-masked", "activations"),
    ("the scores' own gradient left out", "refimpl", ONE, "yb @ v.mT + scoresb", "yb @ v.mT", "attention-dropout-masked", "flows"),
    ("values' gradient by all weights", "refimpl", ONE, "vb = self.dropped(keep, p).mT @ yb", "vb = p.mT @ yb", "attention-dropout-masked", "gradients"),
    ("dropout not scaled", "tfimpl", "layers/dropping.py", "p * scale", "p", "attention-dropout-masked", "activations"),
    ("dropout of the same weights in every step", "refimpl", "layers/dropping.py", "np.array([[0.0, 1.0]])", "np.array([[0.0, 0.0]])", "attention-dropout-masked", "slots"),
    ("one scale for all features", "tfimpl", ADDED, "factors[\"scale\"][..., None, None, :, :]", "factors[\"scale\"][..., None, None, :, :1]", "additive-attention", "activations"),
    ("queries less keys", "refimpl", ADDED, "q[..., :, None, :] + k", "q[..., :, None, :] - k", "additive-attention-dropout-masked", "activations"),
    ("the slope of tanh at the scaled sum", "refimpl", ADDED, "(1 - np.square(t))", "(1 - np.square(self._by_scale(t, factors)))", "additive-attention", "gradients"),
    ("the scale's gradient of one query", "refimpl", ADDED, "np.sum(sb[..., None] * t,", "np.sum(sb[..., :1, :, None] * t[..., :1, :, :],", "additive-attention", "gradients"),
    ("queries' gradient without the scale, the keys' right", "refimpl", ADDED, "np.sum(zb, axis=-2), np", "np.sum(sb[..., None] * (1 - np.square(t)), axis=-2), np", "additive-attention", "gradients"),
    ("scaled by key_dim, not its root", "tfimpl", HEADS, "1 / sqrt(self.key_dim)", "1 / self.key_dim", "multi-head-attention", "activations"),
    ("features before heads", "refimpl", HEADS, "x.reshape(*x.shape[:-1], self.num_heads, -1), -2, -3", "np.swapaxes(x.reshape(*x.shape[:-1], -1, self.num_heads), -1, -2), -2, -3", "multi-head-attention", "activations"),
    ("no scale on the way back", "refimpl", HEADS, "sb = sb * self.scale", "sb = sb", "multi-head-attention", "flows"),
    ("keys for queries on the way back", "refimpl", HEADS, "Qb, Kb = sb @ K, sb.mT @ Q", "Qb, Kb = sb @ K, sb.mT @ K[..., : Q.shape[-2], :]", "multi-head-attention", "flows"),
    ("input gradient of one column, the kernel's of all", "refimpl", HEADS, "xb = (yb @ kernel.mT).reshape(*x.shape)", "xb = (yb[..., :1] @ kernel.mT[..., :1, :]).reshape(*x.shape)", "multi-head-attention", "flows"),
    ("a window that is one place wider", "tfimpl", HEADS, "< self.sliding_window", "<= self.sliding_window", "multi-head-attention-masked", "activations"),
    ("keys' mask left out", "refimpl", HEADS, "(self.value_mask, self.key_mask)", "(self.value_mask,)", "multi-head-attention-masked", "activations"),
    ("a masked query sees what others see", "tfimpl", HEADS, "[..., None, :, None] > 0", "[..., None, :, None] >= 0", "multi-head-attention-masked", "activations"),
    ("the attention mask turned", "refimpl", HEADS, "(np.array(self.attention_mask)[..., None, :, :] > 0)", "(np.array(self.attention_mask)[..., None, ::-1, :] > 0)", "multi-head-attention-masked", "activations"),
    ("gate not squashed", "tfimpl", HEADS, "self.sigmoid.forward(projected[\"gate\"])", "projected[\"gate\"]", "multi-head-attention-masked", "activations"),
    ("the gate's gradient not among the queries'", "refimpl", HEADS, "qb = qb + gated if self.use_gate else qb", "qb = qb", "multi-head-attention-masked", "gradients"),
    ("attention's gradient without the gate", "refimpl", HEADS, "Yb = Yb * G", "Yb = Yb", "multi-head-attention-masked", "flows"),
    ("gradient through what is not seen", "refimpl", HEADS, "sb = np.where(seen, sb, np.zeros_like(sb))", "sb = sb", "multi-head-attention-masked", "flows"),
    ("the scores after dropout", "tfimpl", HEADS, "y = flat(y, P)", "y = flat(y, self.dropped(keep, P))", "multi-head-attention-dropout", "activations"),
    ("dropout forgotten on the way back to the scores", "refimpl", HEADS, "Pb = self.dropped(keep, Yb @ V.mT)", "Pb = Yb @ V.mT", "multi-head-attention-dropout", "flows"),
    ("dropout before the softmax", "refimpl", HEADS, "P = self.softmaxed(s, seen)", "P = self.softmaxed(self.dropped(self.keeps(state, s), s), seen)", "multi-head-attention-dropout", "activations"),
    ("rows and columns of places exchanged", "refimpl", HEADS, "q, v, *k = x\n        named", "q, v, *k = [a[..., ::-1, :, :] if k else a for k, a in enumerate(x)]\n        named", "multi-head-attention-axes", "activations"),
)
