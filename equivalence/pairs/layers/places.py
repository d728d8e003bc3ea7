"""Layers that copy, add or leave out places."""

from equivalence.pairs.layers.row import layer, wrong

ROWS = (
    layer("upsampling1d", (3, 2), lambda m: m.UpSampling1D(3), 2),
    layer("upsampling2d", (2, 3, 2), lambda m: m.UpSampling2D((3, 2)), 2),
    layer("upsampling3d", (2, 1, 2, 2), lambda m: m.UpSampling3D((1, 3, 2)), 2),
    layer(
        "upsampling2d-bilinear",
        (2, 3, 2),
        lambda m: m.UpSampling2D((4, 2), "bilinear"),
        2,
        keras=None,
        note="Keras computes it in float32, also of a float64: keras-bilinear-in-float32; "
        "tests/test_places.py runs its float32",
    ),
    layer("zeropadding1d", (3, 2), lambda m: m.ZeroPadding1D((2, 1)), 2),
    layer("zeropadding2d", (2, 3, 2), lambda m: m.ZeroPadding2D(((1, 0), (2, 1))), 2),
    layer("zeropadding3d", (1, 2, 2, 2), lambda m: m.ZeroPadding3D(), 2),
    layer("cropping1d", (4, 2), lambda m: m.Cropping1D((1, 0)), 2),
    layer("cropping2d", (3, 4, 2), lambda m: m.Cropping2D(((1, 0), (0, 2))), 2),
    layer("cropping3d", (3, 3, 4, 2), lambda m: m.Cropping3D(((1, 1), (0, 1), (2, 1))), 2),
)

UP, PADDING, CROPPING = "layers/up_sampling.py", "layers/zero_padding.py", "layers/cropping.py"
WINDOWS = "layers/windows.py"
# fmt: off
# ruff: noqa: E501
PLANTS = wrong(
    ("all places one after the other instead of each several times", "refimpl", UP, "np.repeat(y, size, axis=axis - axes - 1)", "np.concatenate([y] * size, axis=axis - axes - 1)", "upsampling2d", "activations"),
    ("the mean of the copies' gradients", "refimpl", UP, "axis=-2)  # (2)", "axis=-2) / self.copies.table.shape[1]  # (2)", "upsampling3d", "gradients"),
    ("the gradient of the first copy alone", "refimpl", UP, "np.sum(look_up(places, self.copies.table), axis=-2)", "look_up(places, self.copies.table)[..., 0, :]", "upsampling1d", "gradients"),
    ("sizes of the axes exchanged on the way back", "refimpl", UP, "windows(self.output_shape[:-1], self.size, self.size)", "windows(self.output_shape[-2::-1], self.size[::-1], self.size[::-1])", "upsampling2d", "gradients"),
    ("the copies' corners on the places' corners", "refimpl", UP, "2 * np.arange(places * size) + 1 - size", "2 * np.arange(places * size)", "upsampling2d-bilinear", "activations"),
    ("the first copy on the first place, the last on the last", "tfimpl", UP, "copies = 2 * np.arange(places * size) + 1 - size", "copies = np.round(2 * size * np.arange(places * size) * (places - 1) / (places * size - 1)).astype(int)", "upsampling2d-bilinear", "activations"),
    ("before and behind exchanged", "refimpl", UP, "y = left + (right - left)", "y = right + (left - right)", "upsampling2d-bilinear", "activations"),
    ("the gradient of each copy's nearest place", "refimpl", UP, "one[before] * (2 * size - parts[:, None]) + one[behind] * parts[:, None]", "one[before] * (2 * size)", "upsampling2d-bilinear", "gradients"),
    ("ones instead of zeros", "tfimpl", PADDING, "*self.ends, (0, 0)))", "*self.ends, (0, 0)), constant_values=1)", "zeropadding3d", "activations"),
    ("padding before and behind exchanged", "tfimpl", PADDING, "*self.ends, (0, 0)))", "*(pair[::-1] for pair in self.ends), (0, 0)))", "zeropadding1d", "activations"),
    ("cut from the wrong side on the way back", "refimpl", PADDING, "within(self.output_shape, self.ends)", "within(self.output_shape, [pair[::-1] for pair in self.ends])", "zeropadding2d", "gradients"),
    ("cropped from the wrong side", "refimpl", WINDOWS, "slice(before, n - behind)", "slice(behind, n - before)", "cropping2d", "activations"),
    ("filled up from the wrong side on the way back", "refimpl", CROPPING, "*self.ends, (0, 0)))", "*(pair[::-1] for pair in self.ends), (0, 0)))", "cropping1d", "gradients"),
)
