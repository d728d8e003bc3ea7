"""Penalties on a dense layer's kernel, bias and outputs."""

from equivalence.layers.row import layer, wrong

ROWS = (
    layer(
        "regularizer-l2",
        (3,),
        lambda m: m.Dense(2, m.Tanh(), kernel_regularizer=m.L2(0.25)),
    ),
    layer(
        "regularizer-l1",
        (3,),
        lambda m: m.Dense(2, kernel_regularizer=m.L1(0.3), bias_regularizer=m.L2(0.2)),
    ),
    layer(
        "regularizer-l1-l2",
        (2, 3),
        lambda m: m.Dense(2, bias_regularizer=m.L1(), kernel_regularizer=m.L1L2(0.3, 0.1)),
    ),
    layer(
        "regularizer-activity",
        (2, 3),
        lambda m: m.Dense(2, m.Tanh(), activity_regularizer=m.L2(0.7)),
        samples=3,
    ),
    layer(
        "regularizer-activity-l1",
        (3,),
        lambda m: m.Dense(2, activity_regularizer=m.L1L2(0.7, 0.3), kernel_regularizer=m.L2(0.1)),
        samples=5,
    ),
)

L1, L2, L1L2 = "regularizers/l1.py", "regularizers/l2.py", "regularizers/l1_l2.py"
DENSE = "layers/dense.py"
# fmt: off
# ruff: noqa: E501
PLANTS = wrong(
    ("L2's gradient without the 2", "refimpl", L2, "* (2 * w)", "* w", "regularizer-l2", "gradients"),
    ("L2 with a half in front", "tfimpl", L2, "return self.l2 * tf", "return self.l2 / 2 * tf", "regularizer-l2", "loss"),
    ("L2 of a mean", "refimpl", L2, "axis=(-2, -1))", "axis=(-2, -1)) / w.shape[-1]", "regularizer-l2", "loss"),
    ("L1's gradient without the sign", "refimpl", L1, "np.sign(w)", "np.ones_like(w)", "regularizer-l1", "gradients"),
    ("L1 of the square root of the squares", "tfimpl", L1, "tf.reduce_sum(tf.abs(w), axis=(-2, -1))", "tf.norm(w, axis=(-2, -1))", "regularizer-l1", "loss"),
    ("L1's part left out of the elastic net", "refimpl", L1L2, "return magnitudes + ", "return 0 * magnitudes + ", "regularizer-l1-l2", "loss"),
    ("L2's part left out of the gradient", "refimpl", L1L2, "np.sign(w), yb * self.l2 * (2 * w)", "np.sign(w),", "regularizer-l1-l2", "gradients"),
    ("penalty counted twice", "refimpl", "networks/alone.py", "axis=(-2, -1)), penalties)", "axis=(-2, -1)), (*penalties, *penalties))", "regularizer-l2", "loss"),
    ("penalty in the error alone, not in the gradient", "refimpl", DENSE, "total(g, p.backward(1, w)) if p else g", "g", "regularizer-l2", "gradients"),
    ("the kernel's penalty on the bias", "refimpl", DENSE, "penalties = (self.kernel_regularizer, self.bias_regularizer)", "penalties = (self.bias_regularizer, self.kernel_regularizer)", "regularizer-l1", "gradients"),
    ("penalty of the outputs not divided by the batch", "refimpl", DENSE, ".forward(y) / self.batch(x)", ".forward(y)", "regularizer-activity", "loss"),
    ("its gradient not divided by the batch", "refimpl", DENSE, "y[..., :1, :1]) / self.batch(x)", "y[..., :1, :1])", "regularizer-activity", "gradients"),
    ("penalty of the outputs divided by all places", "tfimpl", DENSE, "self.activity_regularizer.forward(y) / self.batch(x)", "self.activity_regularizer.forward(y) / y.shape[-2]", "regularizer-activity", "loss"),
    ("penalty of the outputs before the activation", "refimpl", DENSE, "x, _, y = kept", "x, y, _ = kept", "regularizer-activity", "loss"),
)
