"""Dropout, its mask made again from the seed."""

from equivalence.pairs.layers.row import layer, wrong

NORMAL = {
    "keras": None,
    "note": "XLA makes normal numbers by another function of other bits; tests/test_random.py "
    "runs Keras's other engines",
}

ROWS = (
    layer("dropout", (5,), lambda m: m.Dropout(0.4, seed=7)),
    layer("dropout-noise-shape", (2, 3), lambda m: m.Dropout(0.3, (None, 1, 3), 123456)),
    layer("spatial-dropout-1d", (3, 4), lambda m: m.SpatialDropout1D(0.6, seed=11)),
    layer("alpha-dropout", (2, 3), lambda m: m.AlphaDropout(0.3, (None, 1, 3), 5)),
    layer("gaussian-noise", (3,), lambda m: m.GaussianNoise(0.5, 7), 5, **NORMAL),
    layer("gaussian-dropout", (3,), lambda m: m.GaussianDropout(0.3, 9), 5, **NORMAL),
    layer(
        "spatial-dropout-2d",
        (4, 1, 2),
        lambda m: m.ChannelsFirst(m.SpatialDropout2D(0.4, seed=2)),
    ),
    layer(
        "spatial-dropout-3d",
        (4, 1, 2, 1),
        lambda m: m.ChannelsFirst(m.SpatialDropout3D(0.4, seed=3)),
    ),
)

DROPOUT, PHILOX = "layers/dropout.py", "random/philox.py"
# fmt: off
# ruff: noqa: E501
PLANTS = wrong(
    ("not scaled", "refimpl", DROPOUT, "np.where(keep, x * scale, 0)", "np.where(keep, x, 0)", "dropout", "activations"),
    ("scaled by the fraction that is dropped", "refimpl", DROPOUT, "scale = 1 / (1 - self.rate)  # (3)", "scale = 1 / self.rate  # (3)", "dropout", "activations"),
    ("kept what should be dropped", "tfimpl", DROPOUT, ">= self.rate", "< self.rate", "dropout", "activations"),
    ("kept with the rate's probability", "refimpl", DROPOUT, ">= self.rate", ">= 1 - self.rate", "dropout", "activations"),
    ("mask forgotten on the way back", "refimpl", DROPOUT, "np.where(keep, yb * scale, 0)", "yb * scale", "dropout-noise-shape", "gradients"),
    ("scale forgotten on the way back", "refimpl", DROPOUT, "np.where(keep, yb * scale, 0)", "np.where(keep, yb, 0)", "dropout", "gradients"),
    ("another mask on the way back", "refimpl", DROPOUT, "np.where(keep, yb * scale, 0)", "np.where(np.flip(keep, -1), yb * scale, 0)", "dropout-noise-shape", "gradients"),
    ("the same mask in every step", "refimpl", DROPOUT, "np.array([[0.0, 1.0]])", "np.array([[0.0, 0.0]])", "dropout", "slots"),
    ("a mask of its own at every place", "tfimpl", DROPOUT, "size if n is None else n", "size", "spatial-dropout-1d", "activations"),
    ("a mask of its own at every place of a row", "refimpl", "layers/spatial_dropout.py", "(None, 1, 1, None)", "(None, 1, None, None)", "spatial-dropout-2d", "activations"),
    ("whole places dropped, not channels", "tfimpl", "layers/spatial_dropout.py", "(None, 1, 1, 1, None)", "(None, None, None, None, 1)", "spatial-dropout-3d", "activations"),
    ("0 for SELU's lowest number", "refimpl", "layers/alpha_dropout.py", "np.where(keep, x, LOWEST) + b", "np.where(keep, x, 0) + b", "alpha-dropout", "activations"),
    ("the slope forgotten on the way back", "refimpl", "layers/alpha_dropout.py", "np.where(keep, self.factor() * yb, 0)", "np.where(keep, yb, 0)", "alpha-dropout", "gradients"),
    ("cosine before sine", "tfimpl", PHILOX, "tf.where(is_sine, tf.sin(angle), tf.cos(angle))", "tf.where(is_sine, tf.cos(angle), tf.sin(angle))", "gaussian-noise", "activations"),
    ("variance for standard deviation", "refimpl", "layers/gaussian_dropout.py", " ** 0.5", " ** 1.0", "gaussian-dropout", "activations"),
    ("noise on the gradient", "refimpl", "layers/gaussian_noise.py", "return yb, ()", "return 1.5 * yb, ()", "gaussian-noise", "gradients"),
    ("the noise of one step in all", "refimpl", "layers/gaussian_noise.py", "np.array([[0.0, 1.0]])", "np.array([[0.0, 0.0]])", "gaussian-noise", "slots"),
    ("normal factors forgotten on the way back", "refimpl", "layers/gaussian_dropout.py", "return yb * factors, ()", "return yb, ()", "gaussian-dropout", "gradients"),
    ("seven rounds", "refimpl", PHILOX, "ROUNDS = 10", "ROUNDS = 7", "dropout", "activations"),
    ("seed not scrambled", "refimpl", PHILOX, "philox((first, zero, second, zero), scrambling)", "(first, zero, second, zero)", "dropout", "activations"),
    ("upper bits for lower", "tfimpl", PHILOX, "drawn & (2**bits - 1)", "tf.bitwise.right_shift(drawn, tf.constant(9, tf.uint64))", "dropout", "activations"),
)
