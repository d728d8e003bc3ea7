"""Pooling: the largest or the mean of a window, or of all places."""

from equivalence.pairs.layers.row import layer, wrong

NO_FLOAT64 = (
    "TensorFlow has no kernel of float64 for it on a CPU; tests/test_places.py runs Keras's float32"
)
ROWS = (
    layer("maxpooling1d-same", (5, 2), lambda m: m.MaxPooling1D(3, 2, "same"), 2),
    layer("maxpooling2d", (4, 5, 2), lambda m: m.MaxPooling2D(), 2),
    layer("maxpooling2d-same", (4, 4, 2), lambda m: m.MaxPooling2D((2, 3), (1, 2), "same"), 2),
    layer(
        "maxpooling3d",
        (3, 2, 3, 2),
        lambda m: m.MaxPooling3D((2, 1, 2), padding="same"),
        2,
        keras=None,
        note=NO_FLOAT64,
    ),
    layer("averagepooling1d", (5, 2), lambda m: m.AveragePooling1D(3, 2), 2),
    layer(
        "averagepooling2d-same",
        (4, 5, 2),
        lambda m: m.AveragePooling2D((2, 3), (1, 2), "same"),
        2,
    ),
    layer(
        "averagepooling3d-same",
        (3, 2, 3, 2),
        lambda m: m.AveragePooling3D((2, 1, 3), 2, "same"),
        2,
        keras=None,
        note=NO_FLOAT64,
    ),
    layer("globalmaxpooling1d-keepdims", (5, 2), lambda m: m.GlobalMaxPooling1D(True), 2),
    layer("globalmaxpooling2d", (3, 2, 2), lambda m: m.GlobalMaxPooling2D(), 2),
    layer("globalmaxpooling3d", (2, 2, 2, 2), lambda m: m.GlobalMaxPooling3D(), 2),
    layer("globalaveragepooling1d", (5, 2), lambda m: m.GlobalAveragePooling1D(), 2),
    layer(
        "globalaveragepooling2d-keepdims", (3, 2, 2), lambda m: m.GlobalAveragePooling2D(True), 2
    ),
    layer("globalaveragepooling3d", (3, 2, 2, 2), lambda m: m.GlobalAveragePooling3D(), 2),
)

MAX, AVERAGE = "layers/max_pooling.py", "layers/average_pooling.py"
GLOBAL_MAX, GLOBAL_AVERAGE = "layers/global_max_pooling.py", "layers/global_average_pooling.py"
WINDOWS = "layers/windows.py"
# fmt: off
# ruff: noqa: E501
PLANTS = wrong(
    ("zeros of the padding are the largest", "tfimpl", MAX, "look_up(places, self.windows.inside)", "look_up(places, self.windows.table)", "maxpooling1d-same", "activations"),
    ("windows with gaps", "tfimpl", MAX, "strides, 1, self.padding)", "strides, 2, self.padding)", "maxpooling1d-same", "activations"),
    ("smallest instead of largest wins the gradient", "refimpl", MAX, "(seen > other) | before", "(seen < other) | before", "maxpooling2d", "gradients"),
    ("gradient to the whole window", "refimpl", MAX, "np.where(self.wins(kept), given, ", "np.where(kept == kept, given, ", "maxpooling2d-same", "gradients"),
    ("where windows overlap, one gradient alone", "refimpl", MAX, "np.sum(look_up(taken, self.windows.takers), axis=-2)", "look_up(taken, self.windows.takers)[..., 0, :]", "maxpooling3d", "gradients"),
    ("the average counts the padding", "refimpl", WINDOWS, "return (~self.is_nothing).sum(", "return (self.table >= 0).sum(", "averagepooling2d-same", "activations"),
    ("the average counts the padding", "tfimpl", WINDOWS, "return (~self.is_nothing).sum(", "return (self.table >= 0).sum(", "averagepooling3d-same", "activations"),
    ("the gradient is not shared", "refimpl", AVERAGE, "taken = self.shared(in_one_axis(yb, len(self.input_shape) - 1))", "taken = in_one_axis(yb, len(self.input_shape) - 1)", "averagepooling1d", "gradients"),
    ("the gradient is shared by the places of all windows", "refimpl", AVERAGE, "np.sum(look_up(taken, self.windows.back), axis=-2)", "np.sum(look_up(taken, self.windows.back), axis=-2) / self.windows.table.shape[1]", "averagepooling2d-same", "gradients"),
    ("the whole gradient to every place", "refimpl", GLOBAL_MAX, "xb = share * yb", "xb = (share + 1 - share) * yb", "globalmaxpooling2d", "gradients"),
    ("largest of the channels", "tfimpl", GLOBAL_MAX, "y = tf.reduce_max(places, axis=-2)", "y = tf.reduce_max(places, axis=-2) * 0 + tf.reduce_max(places, axis=(-2, -1))[..., None]", "globalmaxpooling3d", "activations"),
    ("sum instead of mean on the way back", "refimpl", GLOBAL_AVERAGE, "yb / x.shape[-2]", "yb", "globalaveragepooling1d", "gradients"),
    ("half the gradient stopped", "tfimpl", GLOBAL_AVERAGE, "y = tf.reduce_mean(places", "y = tf.reduce_mean((places + tf.stop_gradient(places)) / 2", "globalaveragepooling2d-keepdims", "gradients"),
)
