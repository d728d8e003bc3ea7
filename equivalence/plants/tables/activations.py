"""The table of wrong lines in activations: where, what becomes what, and who finds it."""

from equivalence.pairs.plant import Plant

# tree, file, before, after, case, part, dtype (float32 if not said)
# fmt: off
ROWS = (
    ("refimpl", "elu.py", "np.where(x > 0, yb, yb", "np.where(x > -1, yb, yb", "ELU", "derivative"),
    ("refimpl", "selu.py", "1.0507009873554805", "1.0507", "SELU", "value"),
    ("refimpl", "selu.py", "np.where(x < 0, below, yb", "np.where(x > 0, below, yb", "SELU", "derivative"),
    ("refimpl", "gelu.py", "-np.square(z)", "-z", "GELU", "derivative"),
    ("refimpl", "gelu.py", "0.7071067811865476", "0.70710678", "GELU", "value", "float64"),
    ("refimpl", "gelu_tanh.py", "= 0.044715", "= 0.0447", "GELUTanh", "value"),
    ("refimpl", "softplus.py", "np.maximum(x, 0) + tail", "x + tail", "Softplus", "value"),
    ("refimpl", "mish.py", "yb * t + self", "yb + self", "Mish", "derivative"),
    ("refimpl", "silu.py", "(1 + x * (1 - s))", "(1 + x * (1 + s))", "SiLU", "derivative"),
    ("refimpl", "log_sigmoid.py", "self.softplus.backward(-yb, -x, -y)", "self.softplus.backward(-yb, x, y)", "LogSigmoid", "derivative"),
    ("refimpl", "hard_silu.py", "yb * h + ", "", "HardSiLU", "derivative"),
    ("refimpl", "relu6.py", "y < 6", "y < 7", "ReLU6", "derivative"),
    ("refimpl", "log_softmax.py", "* np.exp(y)", "* y", "LogSoftmax", "derivative"),
    ("refimpl", "log_softmax.py", "np.log(total)", "np.log(np.sum(total))", "LogSoftmax", "value"),
    ("refimpl", "sparsemax.py", "support * (yb - mean)", "support * yb", "Sparsemax", "derivative"),
    ("refimpl", "glu.py", "ab[..., column % n], bb", "bb[..., column % n], ab", "GLU", "derivative"),
    ("refimpl", "squareplus.py", "(0.5 / root)", "(1 / root)", "Squareplus", "derivative"),
    ("refimpl", "tanh_shrink.py", "x - np.tanh(x)  #", "x - np.tanh(x.astype(np.float32)).astype(x.dtype)  #", "TanhShrink", "value", "float64"),
    ("tfimpl", "elu.py", "self.alpha * tf", "tf", "ELU(0.5,)", "value"),
    ("tfimpl", "leaky_relu.py", "tf.where(x > 0", "tf.where(x >= 0", "LeakyReLU", "derivative"),
    ("tfimpl", "gelu.py", "erfc(-x * self.root_half)", "erfc(-x * 0.707)", "GELU", "value"),
    ("tfimpl", "celu.py", "tf.where(x < 0, below, x)", "tf.maximum(x, 0) + below", "CELU", "derivative"),
    ("tfimpl", "hard_shrink.py", "x, tf.zeros_like(x)", "x, 0.001 * x", "HardShrink", "value"),
    ("tfimpl", "soft_shrink.py", "x + self.threshold", "x - self.threshold", "SoftShrink", "value"),
    ("tfimpl", "silu.py", "tf.nn.silu(x)", "x * tf.stop_gradient(tf.sigmoid(x))", "SiLU", "derivative"),
    ("tfimpl", "sparsemax.py", "support * x, axis=-1", "x, axis=-1", "Sparsemax", "value"),
)
# fmt: on


def _row(tree, file, before, after, case, part, dtype="float32"):
    file, words = f"activations/{file}", f"{before!r} became {after!r}"
    return Plant(words, tree, file, before, after, case, part, 0, dtype, group="activations")


PLANTS = tuple(_row(*row) for row in ROWS)
