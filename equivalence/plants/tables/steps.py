"""Defects in the steps of ordinary models: in kernels, operands, gradients and modes."""

from dataclasses import dataclass

import numpy as np

from equivalence.plants.steps import GRADIENT, KERNEL, MODE, OPERANDS, SCALE, StepPlant

# ------------------------------------------------------------------------- kernels


def factor(results, operands):
    """Every number is too large by 1e-5 of itself."""
    return [results[0] * np.float32(1 + 1e-5), *results[1:]]


def one_element(results, operands):
    """The largest number alone is too large by 1e-4 of itself."""
    wrong = np.array(results[0])
    index = np.unravel_index(np.argmax(np.abs(wrong)), wrong.shape)
    wrong[index] *= np.float32(1 + 1e-4)
    return [wrong, *results[1:]]


def a_term_less(results, operands):
    """One of several addends is forgotten."""
    return [results[0] - operands[-1], *results[1:]]


def transposed(results, operands):
    return [np.swapaxes(results[0], -1, -2).reshape(results[0].shape), *results[1:]]


def shifted(results, operands):
    return [np.roll(results[0], 1, axis=-1), *results[1:]]


def turned(results, operands):
    """Upside down, as a kernel that is taken for a convolution's."""
    return [np.ascontiguousarray(np.flip(results[0], 0)), *results[1:]]


def half_an_ulp(results, operands):
    """The second neighbouring float, for every number."""
    far = np.float32(9e9)
    return [np.nextafter(np.nextafter(results[0], far), far), *results[1:]]


def as_half(results, operands):
    """Computed in half precision."""
    return [results[0].astype(np.float16).astype(np.float32), *results[1:]]


def zeros(results, operands):
    return [np.zeros_like(results[0]), *results[1:]]


def not_masked(results, operands):
    """What flows back goes through a unit that is off."""
    return [operands[0], *results[1:]]


def not_done(results, operands):
    """The first operand is handed on as it was."""
    return [np.broadcast_to(operands[0], results[0].shape), *results[1:]]


def stale(results, operands):
    """A variable is read as it was before it was written."""
    return [operands[0]]


def negated(results, operands):
    return [-results[0], *results[1:]]


def without_correction(results, operands):
    """A quotient is not divided: the moment as it is."""
    return not_done(results, operands)


def accumulated_in_half(results, operands):
    """A product of matrices whose sums are rounded term by term, where float32 is meant."""
    a, b = operands
    total = np.zeros_like(results[0])
    for k in range(a.shape[1]):
        total = (total + a[:, k : k + 1] * b[k]).astype(total.dtype)
    return [total, *results[1:]]


def next_half(results, operands):
    """The neighbouring float of half precision, for every number."""
    return [np.nextafter(results[0], results[0].dtype.type(np.inf)), *results[1:]]


# ------------------------------------------------------------------------- operands


def tf32(operand):
    """Rounded to the 10 bits of fraction that a tensor core takes."""
    bits = np.ascontiguousarray(operand).view(np.uint32)
    return ((bits + np.uint32(0x1000)) & np.uint32(0xFFFFE000)).view(np.float32)


def bfloat16(operand):
    """A cast that comes too early: 7 bits of fraction."""
    bits = np.ascontiguousarray(operand).view(np.uint32)
    return ((bits + np.uint32(0x8000)) & np.uint32(0xFFFF0000)).view(np.float32)


def float16(operand):
    """A cast that comes too early: 10 bits of fraction, and a small range."""
    with np.errstate(over="ignore"):
        return operand.astype(np.float16).astype(np.float32)


# ------------------------------------------------------------------------- gradients


@dataclass(frozen=True)
class Scaled:
    """A gradient of one operand is too large, by 1e-5 of itself or as said."""

    which: int
    by: float = 1 + 1e-5

    @property
    def words(self):
        return f"gradient {self.which} times {self.by:.6g}"

    def __call__(self, gradients, operation, *flows):
        return [_times(g, self.by) if k == self.which else g for k, g in enumerate(gradients)]


def _times(gradient, by):
    import tensorflow as tf

    if isinstance(gradient, tf.IndexedSlices):
        return tf.IndexedSlices(gradient.values * by, gradient.indices, gradient.dense_shape)
    return None if gradient is None else gradient * by


def passed_on(gradients, operation, *flows):
    """What flows back is handed on as it is."""
    return [flows[0], *gradients[1:]]


def forgotten(which):
    """A term is missing: no gradient for one operand."""
    return Scaled(which, 0.0)


def of_the_first_sample(gradients, operation, *flows):
    """A bias is told by the first sample alone."""
    import tensorflow as tf

    return [gradients[0], tf.reduce_sum(flows[0][:1], axis=range(len(flows[0].shape) - 1))]


def upside_down(gradients, operation, *flows):
    """The kernel's gradient upside down."""
    import tensorflow as tf

    return [gradients[0], tf.reverse(gradients[1], [0])]


# ------------------------------------------------------------------------- loss scales


def scaled_twice(optimizer):
    """The loss is multiplied by the scale twice."""
    plain = optimizer.scale_loss
    return {"scale_loss": lambda self, loss: plain(self, plain(self, loss))}


def not_unscaled(optimizer):
    """The gradients are not divided by the scale."""

    def handle(self, grads, trainable_variables):
        self.inner_optimizer.apply(grads, trainable_variables=trainable_variables)

    return {"_stateful_handle_finite_grads": handle}


def _rows(run, tree, *rows):
    return tuple(StepPlant(run, tree, *row) for row in rows)


KERNELS = (
    *_rows(
        "dense",
        KERNEL,
        ("MatMul", "dense", factor),
        ("MatMul", "dense_1", transposed, -1),
        ("TanhGrad", "dense", factor),
        ("ReluGrad", "dense_1", not_masked),
        ("BiasAdd", "dense_1", half_an_ulp),
        ("AssignAddVariableOp", "SGD", factor, 2),
        ("ReadVariableOp", "SGD", stale, -1),
    ),
    *_rows(
        "cnn",
        KERNEL,
        ("Conv2D", "conv2d", one_element),
        ("Conv2D", "conv2d_1", as_half),
        ("Conv2DBackpropFilter", "conv2d_1", one_element),
        ("Conv2DBackpropFilter", "conv2d", turned),
        ("Conv2DBackpropInput", "conv2d_1", shifted),
        ("MaxPool", "max_pooling2d", one_element),
        ("MaxPoolGrad", "max_pooling2d", shifted),
        ("Rsqrt", "batch_normalization", factor),
        ("AddN", "batch_normalization", a_term_less),
        ("Sqrt", "adam", factor),
        ("AddV2", "adam", not_done, -1),
        ("StatelessRandomUniformV2", "dropout", shifted),
    ),
    *_rows(
        "transformer",
        KERNEL,
        ("Softmax", "multi_head_attention", factor),
        ("Erfc", "dense", factor),
        ("GatherV2", "embedding", shifted),
        ("UnsortedSegmentSum", "adam_w", shifted),
        ("Einsum", "multi_head_attention", one_element),
    ),
    *_rows(
        "depthwise",
        KERNEL,
        ("DepthwiseConv2dNative", "depthwise_conv2d", factor),
        ("AvgPoolGrad", "average_pooling2d", factor),
        ("Relu6Grad", "re_lu", not_masked),
        ("RealDiv", "rm_sprop", factor),
    ),
    *_rows(
        "recurrent",
        KERNEL,
        ("SigmoidGrad", "gru", factor, 3),
        ("TensorListGetItem", "lstm", zeros, 2),
        ("MatMul", "lstm", one_element, 2),
    ),
    *_rows(
        "u_net",
        KERNEL,
        ("ResizeBilinear", "up_sampling2d_1", one_element),
        ("Sum", "up_sampling2d", factor),
        ("ConcatV2", "concatenate", shifted),
    ),
    *_rows(
        "autoencoder",
        KERNEL,
        ("Conv2DBackpropInput", "conv2d_transpose", one_element),
        ("Mean", "group_normalization", factor),
        ("LeakyReluGrad", "conv2d_1", not_masked),
    ),
    *_rows(
        "volumes",
        KERNEL,
        ("Conv3D", "conv3d", one_element),
        ("Conv3DBackpropFilterV2", "conv3d_1", one_element),
        ("AvgPool3D", "average_pooling3d", factor),
    ),
    *_rows(
        "graph_network",
        KERNEL,
        ("UnsortedSegmentSum", "messages", one_element),
        ("SegmentSum", "lambda", factor),
        ("UnsortedSegmentMax", "messages", one_element),
    ),
    *_rows(
        "experts",
        KERNEL,
        ("TopKV2", "mixture", shifted),
        ("Cumprod", "sorted", factor),
    ),
    *_rows(
        "vae",
        KERNEL,
        ("StatelessRandomNormalV2", "sampling", factor),
        ("Exp", "sampling", half_an_ulp),
    ),
    *_rows(
        "wavenet",
        KERNEL,
        ("Conv2D", "conv1d", one_element),
        ("SpaceToBatchND", "conv1d", shifted),
        ("Pad", "conv1d_1", shifted),
    ),
    *_rows(
        "siamese",
        KERNEL,
        ("Sqrt", "functional", factor),
        ("Square", "loss", factor),
    ),
    *_rows("own_step", KERNEL, ("L2Loss", "step", factor), ("Softplus", "dense", factor)),
    *_rows("gan", KERNEL, ("LeakyRelu", "leaky_re_lu", negated), ("Log1p", "step", factor)),
)

ROUNDED = (
    *_rows(
        "dense",
        OPERANDS,
        ("MatMul", "dense", tf32, 0, "TF32"),
        ("MatMul", "dense_2", tf32, -1, "TF32"),
        ("MatMul", "dense_1", bfloat16),
    ),
    *_rows(
        "cnn",
        OPERANDS,
        ("Conv2D", "conv2d", tf32, 0, "TF32"),
        ("Conv2DBackpropFilter", "conv2d_1", tf32, 0, "TF32"),
        ("Conv2D", "conv2d_1", bfloat16),
    ),
    *_rows(
        "transformer",
        OPERANDS,
        ("Einsum", "multi_head_attention", tf32, 0, "TF32"),
        ("Softmax", "multi_head_attention", float16),
    ),
    *_rows("volumes", OPERANDS, ("Conv3D", "conv3d", tf32, 0, "TF32")),
    *_rows("recurrent", OPERANDS, ("Tanh", "lstm", bfloat16)),
)

GRADIENTS = (
    *_rows(
        "dense",
        GRADIENT,
        ("Tanh", "dense", Scaled(0)),
        ("Relu", "dense_1", passed_on),
        ("MatMul", "dense_2", Scaled(1)),
        ("MatMul", "dense_1", Scaled(0)),
        ("BiasAdd", "dense_2", of_the_first_sample),
    ),
    *_rows(
        "cnn",
        GRADIENT,
        ("Conv2D", "conv2d_1", upside_down),
        ("Conv2D", "batch_normalization", Scaled(0)),
        ("MaxPool", "batch_normalization", Scaled(0, 1 + 1e-4)),
        ("Rsqrt", "conv2d", Scaled(0)),
    ),
    *_rows(
        "transformer",
        GRADIENT,
        ("Softmax", "key", Scaled(0)),
        ("Erfc", "dense", Scaled(0, -1)),
        ("GatherV2", "embedding", Scaled(0)),
    ),
    *_rows("recurrent", GRADIENT, ("Tanh", "gru", Scaled(0)), ("Sigmoid", "gru", forgotten(0))),
    *_rows("two_inputs", GRADIENT, ("Elu", "dense_1", Scaled(0))),
    *_rows("own_step", GRADIENT, ("Softplus", "dense", Scaled(0))),
    *_rows("u_net", GRADIENT, ("ResizeBilinear", "conv2d", Scaled(0))),
    *_rows("volumes", GRADIENT, ("Conv3D", "conv3d_1", Scaled(1))),
    *_rows("siamese", GRADIENT, ("Sqrt", "dense", Scaled(0))),
    *_rows("graph_network", GRADIENT, ("UnsortedSegmentSum", "dense", Scaled(0))),
)

MODES = (
    *_rows("cnn", MODE, ("BatchNormalization", "batch_normalization"), ("Dropout", "dropout")),
    *_rows("vision_transformer", MODE, ("Dropout", "dropout")),
    *_rows("noisy", MODE, ("GaussianNoise", "gaussian_noise"), ("AlphaDropout", "alpha_dropout")),
)

HALF = tuple(
    StepPlant("dense", KERNEL, *row, dtype=dtype)
    for dtype in ("mixed_float16", "mixed_bfloat16")
    for row in (
        ("MatMul", "dense", accumulated_in_half),
        ("BiasAdd", "dense_1", next_half),
        ("Tanh", "dense", next_half),
    )
)

SCALES = tuple(
    StepPlant(
        "dense",
        SCALE,
        "LossScaleOptimizer",
        "sequential/dense/kernel",
        change,
        dtype="mixed_float16",
    )
    for change in (scaled_twice, not_unscaled)
)

PLANTS = (*KERNELS, *ROUNDED, *GRADIENTS, *MODES, *HALF, *SCALES)
