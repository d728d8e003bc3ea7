"""Constraints on the kernels, biases, tables and scales of layers, behind every step."""

from equivalence.pairs.layers.masks import PLACES, WORDS, words
from equivalence.pairs.layers.row import chain, layer, wrong

SEQUENCE = (4, 2)


def held(m, layer, *names):
    """Return a layer with a constraint on each weight: norms of kernels, signs of the others."""
    kinds = (m.MaxNorm(0.7), m.UnitNorm(), m.MinMaxNorm(0.6, 0.9, 0.3))
    kernels = [name for name in names if name not in ("bias", "beta")]
    made = {name: kinds[(len(names) + k) % 3] for k, name in enumerate(kernels)}
    return m.Constrained(layer, tuple((n, made.get(n, m.NonNeg())) for n in names))


def signs(m, layer, *names):
    """Return a layer none of whose weights goes below 0."""
    return m.Constrained(layer, tuple((name, m.NonNeg()) for name in names))


def whole_table(m, units):
    """Return a look-up whose gradient is whole, since its table has a penalty."""
    return m.Regularized(m.Embedding(WORDS, units), (("embeddings", m.L2(0.25)),))


ROWS = (
    layer(
        "constraint-max-norm",
        (3,),
        lambda m: m.Constrained(
            m.Dense(2, m.Tanh()), (("kernel", m.MaxNorm(0.9)), ("bias", m.MaxNorm(0.1, -1)))
        ),
    ),
    layer(
        "constraint-min-max-norm",
        (3,),
        lambda m: m.Constrained(m.Dense(2), (("kernel", m.MinMaxNorm(0.6, 0.8, 0.3, -1)),)),
    ),
    layer(
        "constraint-unit-norm",
        (3,),
        lambda m: m.Constrained(
            m.Dense(2), (("kernel", m.UnitNorm()), ("bias", m.MinMaxNorm(0.2, 0.3, 0.5, -1)))
        ),
    ),
    layer(
        "constraint-non-neg",
        (2, 3),
        lambda m: m.TimeDistributed(signs(m, m.Dense(2, m.Tanh()), "kernel", "bias")),
    ),
    layer(
        "constraints-lstm",
        SEQUENCE,
        lambda m: held(m, m.LSTM(2), "kernel", "recurrent", "bias"),
    ),
    layer(
        "constraints-heads",
        (SEQUENCE, SEQUENCE),
        lambda m: signs(m, m.MultiHeadAttention(1, 4, use_gate=True), "kernel", "bias"),
    ),
    chain(
        "constraints-1d",
        (PLACES,),
        lambda m: (
            m.Constrained(whole_table(m, 2), (("embeddings", m.UnitNorm(-1)),)),
            held(m, m.Conv1D(2, 2), "kernel", "bias"),
            held(m, m.Conv1DTranspose(2, 2), "kernel", "bias"),
            signs(m, m.DepthwiseConv1D(2, 2, "same", use_bias=True), "depthwise", "bias"),
            signs(m, m.SeparableConv1D(2, 2), "depthwise", "pointwise", "bias"),
            held(m, m.SimpleRNN(2, return_sequences=True), "kernel", "recurrent", "bias"),
            held(m, m.GRU(2), "kernel", "recurrent", "bias"),
        ),
        words,
    ),
    chain(
        "constraints-2d",
        (3, 2, 2),
        lambda m: (
            held(m, m.Conv2D(2, 2, padding="same"), "kernel", "bias"),
            held(m, m.Conv2DTranspose(2, 2), "kernel", "bias"),
            signs(m, m.DepthwiseConv2D(2), "depthwise", "bias"),
            held(m, m.SeparableConv2D(2, 2), "depthwise", "pointwise", "bias"),
            m.Flatten(),
        ),
        lambda rng, rows: rng.normal(size=(rows, 12)),
    ),
    layer(
        "constraints-einsum-dense",
        (2, 3),
        lambda m: signs(
            m, m.EinsumDense("abc,cde->abde", (None, 2, 2), m.Tanh(), "de"), "kernel", "bias"
        ),
    ),
    layer("constraints-prelu", (2, 3), lambda m: signs(m, m.PReLU(), "alpha")),
    chain(
        "constraints-normalization",
        (2, 5),
        lambda m: (
            signs(m, m.BatchNormalization(), "gamma", "beta"),
            m.Constrained(m.LayerNormalization(), (("gamma", m.UnitNorm(-1)),)),
            signs(m, m.GroupNormalization(1), "gamma", "beta"),
            signs(m, m.LayerNormalization(), "beta"),
            m.Flatten(),
        ),
        lambda rng, rows: rng.normal(size=(rows, 10)),
    ),
    chain(
        "constraints-3d",
        (2, 2, 2, 1),
        lambda m: (
            held(m, m.Conv3D(2, 2), "kernel", "bias"),
            held(m, m.Conv3DTranspose(1, 2), "kernel", "bias"),
            m.Flatten(),
        ),
        lambda rng, rows: rng.normal(size=(rows, 8)),
    ),
)

MAX, MIN_MAX = "constraints/max_norm.py", "constraints/min_max_norm.py"
UNIT, SIGN, NORMS = "constraints/unit_norm.py", "constraints/non_neg.py", "constraints/norms.py"
AROUND, NAMES = "layers/constrained.py", "layers/wrapper.py"
# fmt: off
# ruff: noqa: E501
PLANTS = wrong(
    ("norms of rows for norms of columns", "refimpl", NORMS, "axis=axis", "axis=-3 - axis", "constraint-max-norm", "weights"),
    ("the square of the norm", "tfimpl", NORMS, "tf.sqrt(", "tf.abs(", "constraint-unit-norm", "weights"),
    ("the sum of the magnitudes for the norm", "refimpl", NORMS, "np.sqrt(np.sum(np.square(w), axis=axis, keepdims=True))", "np.sum(np.abs(w), axis=axis, keepdims=True)", "constraint-max-norm", "weights"),
    ("epsilon left out", "refimpl", MAX, "EPSILON + norm", "norm", "constraint-max-norm", "weights", 0, "float64"),
    ("epsilon under the root", "tfimpl", UNIT, "EPSILON + norms(w, self.axis)", "norms(w, self.axis) * (1 + EPSILON / 2)", "constraint-unit-norm", "weights", 0, "float64"),
    ("short columns are stretched to the largest norm", "refimpl", MAX, "np.minimum(norm, self.max_value)", "self.max_value", "constraint-max-norm", "weights"),
    ("the numbers are cut, not the norm", "tfimpl", MAX, "return w * (desired / (EPSILON + norm))", "return tf.clip_by_value(w, -self.max_value, self.max_value)", "constraint-max-norm", "weights"),
    ("rate and 1 - rate exchanged", "refimpl", MIN_MAX, "self.rate * nearest + (1 - self.rate) * norm", "(1 - self.rate) * nearest + self.rate * norm", "constraint-min-max-norm", "weights"),
    ("no smallest norm", "tfimpl", MIN_MAX, "tf.maximum(norm, self.min_value)", "norm", "constraint-unit-norm", "weights"),
    ("multiplied with the norm, not divided by it", "refimpl", UNIT, "return w / (", "return w * (", "constraint-unit-norm", "weights"),
    ("the magnitude of what is below 0", "refimpl", SIGN, "np.maximum(w, 0)", "np.abs(w)", "constraint-non-neg", "weights"),
    ("constraints forgotten", "tfimpl", "networks/alone.py", "self.built.constrained(weights[count:])", "weights[count:]", "constraint-max-norm", "weights"),
    ("the recurrent kernel forgotten", "refimpl", NAMES, "\"recurrent_kernel\": \"recurrent\",", "", "constraints-lstm", "weights"),
    ("the kernel's constraint on the bias too", "tfimpl", AROUND, "return tuple(c.forward(w) if c else w for c, w in each)", "return tuple(next(c for c in self.of_weights(self.constraints_of) if c).forward(w) for _, w in each)", "constraint-min-max-norm", "weights"),
    ("constraints of the first layer alone", "tfimpl", "networks/sequential.py", "after += layer.constrained([next(weights) for _ in layer.weight_names])", "own = [next(weights) for _ in layer.weight_names]\n            after += layer.constrained(own) if layer is self.built[0] else tuple(own)", "constraints-3d", "weights"),
)
