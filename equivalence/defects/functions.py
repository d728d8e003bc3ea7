"""Known upstream defects of activations, losses and layers, each with a model of it.

A run that a row matches lies outside the reference's enclosure, and inside the model's.
Most rows show only at some numbers, such as a kink, which a run may never come to.
When upstream mends one, the tests and ``equivalence defects`` say that the row can go.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace

import numpy as np

from equivalence.arithmetic.precisions import NAMES as DTYPES
from equivalence.defects import function_models as models
from equivalence.defects import layer_models
from equivalence.defects.table import CAST, SEEN

ENGINES = ("eager", "graph", "xla")


@dataclass(frozen=True)
class FunctionDefect:
    """One departure of TensorFlow or Keras from the mathematics of a function.

    name, what, where, seen, link, repro: as in ``table.Defect``.
    part: the class of ``refimpl`` that it concerns; heirs: and those that inherit from it.
    shows: whether it can be seen with the parameters of such an object.
    twins, engines, dtypes: the runs that it concerns.
    model: from the object of ``refimpl`` to one that has the defect.
    always: whether it shows at all numbers but 0; otherwise a run need not be different.
    """

    name: str
    what: str
    where: str
    link: str
    part: str
    model: Callable
    repro: str
    shows: Callable = lambda part: True
    twins: tuple = ("keras",)
    engines: tuple = ENGINES
    dtypes: tuple = DTYPES
    seen: str = SEEN
    always: bool = False
    heirs: bool = False

    @property
    def narrow(self):
        """Whether the formula is right, and float64 has numbers of float32 in it."""
        return self.dtypes == ("float64",)

    def concerns(self, part):
        kinds = type(part).__mro__ if self.heirs else (type(part),)
        return self.part in {kind.__name__ for kind in kinds} and self.shows(part)


def matching(part, twin, engine, dtype):
    """Return the row that concerns a run of ``part``, an object of ``refimpl``, or None."""
    for row in FUNCTION_DEFECTS:
        here = twin in row.twins and engine in row.engines and dtype in row.dtypes
        if here and row.concerns(part):
            return row
    return None


def matching_parts(network, twin, engine, dtype):
    """Return the rows that the activations and losses of a network meet in a run.

    Engines beyond ENGINES, such as ``fit``, run a graph.
    """
    engine = engine if engine in ENGINES else "graph"
    met = {row.name: row for row in _rows_of(network, twin, engine, dtype) if row}
    return tuple(met.values())


def _rows_of(part, *run):
    """Yield the row, or None, of a network and of all that it is made of."""
    for each in part if isinstance(part, tuple) else ():
        yield from _rows_of(each, *run)
    yield matching(part, *run)
    for field in fields(part) if is_dataclass(part) else ():
        yield from _rows_of(getattr(part, field.name), *run)


def with_functions(part, rows):
    """Return a network with the models of these rows in the places that they concern."""
    for row in rows:
        if row.concerns(part):
            return row.model(part)
    if isinstance(part, tuple):
        return tuple(with_functions(each, rows) for each in part)
    if not is_dataclass(part):
        return part
    inside = {f.name: with_functions(getattr(part, f.name), rows) for f in fields(part)}
    return replace(part, **inside)


def _no_float32(*names):
    """Return a test whether any of these parameters is no float32."""

    def shows(part):
        values = (getattr(part, name) for name in names)
        return any(v is not None and float(np.float32(v)) != v for v in values)

    return shows


HEAD = "import keras\nimport tensorflow as tf\n"


def _program(body):
    return f"\n{HEAD}{body.strip()}\n"


# TensorFlow's own word: "With 'auto_select', the outputs of this function may change when it
# is running on a different device" (tf.random.stateless_uniform).  XLA says Philox too, and
# draws the same words, also when Philox is asked for by name.
XLA_DROPOUT = FunctionDefect(
    name="tensorflow-xla-dropout",
    what="a layer compiled by XLA drops other numbers than the same layer from the same seed "
    "anywhere else: it makes numbers of the upper bits of Philox's words, not of the lower",
    where="tensorflow/compiler/tf2xla/kernels/stateless_random_ops_v2.cc beside "
    "tensorflow/core/lib/random/random_distributions.h, Uint32ToFloat",
    link="",
    part="Dropout",
    model=models.dropout_of_upper_bits,
    engines=("xla",),
    always=True,
    repro=_program("""
def number():
    return keras.random.uniform((), seed=7)
print(float(tf.function(number, jit_compile=True)()), "is not", float(number()))
"""),
)


def _regularizer(part, call, wanted, *factors):
    """Return the row of a regularizer whose factors become float32 first."""
    return FunctionDefect(
        name=f"keras-float64-{part.lower()}",
        what=f"float64 penalties of {part} have float32 factors: the penalty and its gradient "
        "are off by up to 6e-8 of themselves",
        where="keras/src/regularizers/regularizers.py, __call__: ops.cast of a Python float, "
        "or ops.convert_to_tensor of it in __init__",
        link=CAST,
        part=part,
        model=models.regularizer_of_float32,
        shows=_no_float32(*factors),
        dtypes=("float64",),
        always=True,
        repro=_program(f"""
penalty = keras.regularizers.{call}(tf.constant([1.0], "float64"))
print(float(penalty), "is not", {wanted})
"""),
    )


FUNCTION_DEFECTS = (
    XLA_DROPOUT,
    replace(XLA_DROPOUT, name="tensorflow-xla-spatial-dropout", part="SpatialDropout", heirs=True),
    replace(XLA_DROPOUT, name="tensorflow-xla-alpha-dropout", part="AlphaDropout"),
    replace(
        XLA_DROPOUT,
        name="tensorflow-xla-recurrent-dropout",
        part="Recurrent",
        heirs=True,
        shows=lambda layer: sum(layer.draws) > 0,
    ),
    *(
        replace(
            XLA_DROPOUT,
            name=f"tensorflow-xla-{name}-dropout",
            part=part,
            heirs=True,
            shows=lambda layer: layer.drops,
        )
        for name, part in (("attention", "Attention"), ("heads", "MultiHeadAttention"))
    ),
    _regularizer("L1", "L1(0.3)", 0.3, "l1"),
    _regularizer("L2", "L2(0.3)", 0.3, "l2"),
    _regularizer("L1L2", "L1L2(0.3, 0.1)", 0.4, "l1", "l2"),
    FunctionDefect(
        name="keras-sparsemax-threshold",
        what="sparsemax of more than one supported value is wrong: its values do not sum to 1, "
        "and values beyond 1 / eps give inf",
        where="keras/src/backend/tensorflow/nn.py, sparsemax: the sum over the support of the "
        "*cumulative* sums stands for the sum of the supported values",
        link="https://github.com/keras-team/keras/issues/23425",
        part="Sparsemax",
        model=models.SparsemaxOfCumulativeSums,
        repro=_program("""
y = keras.activations.sparsemax(tf.constant([[0.0, 0.5, 1.0]]))
print(y.numpy().tolist(), "is not", [[0.0, 0.25, 0.75]], "whose sum is")
print(float(tf.reduce_sum(y)), "is not", 1.0)
"""),
    ),
    FunctionDefect(
        name="keras-celu-slope-at-0",
        what="the derivative of celu at 0 is 2, where the function is smooth and it is 1",
        where="keras/src/backend/tensorflow/nn.py, celu: the gradients of tf.maximum(x, 0) "
        "and tf.minimum(x, 0) both let a tie pass",
        link="",
        part="CELU",
        model=models.celu_counted_twice,
        repro=_program("""
x = tf.Variable([0.0])
with tf.GradientTape() as tape:
    y = keras.activations.celu(x)
print(float(tape.gradient(y, x)[0]), "is not", 1.0)
"""),
    ),
    FunctionDefect(
        name="keras-relu-slope-at-threshold",
        what="relu with a negative_slope and a max_value or threshold has the derivative 0 at the "
        "threshold, which lies outside negative_slope ... 1",
        where="keras/src/activations/activations.py, ReLU.static_call: neither relu(x) nor "
        "relu(-x) lets a tie pass",
        link="",
        part="GeneralReLU",
        model=models.general_relu_of_open_sides,
        shows=lambda part: (
            part.negative_slope != 0
            and (part.max_value is not None or part.threshold != 0)
            and part.threshold == float(np.float32(part.threshold))
        ),
        repro=_program("""
x = tf.Variable([0.0])
with tf.GradientTape() as tape:
    y = keras.activations.relu(x, negative_slope=0.25, max_value=3.0)
slope = float(tape.gradient(y, x)[0])
print(slope, "is not", min(max(slope, 0.25), 1.0))
"""),
    ),
    FunctionDefect(
        name="tensorflow-selu-derivative-by-output",
        what="selu(x) is 0 for x between -2^-25 and 0 (-2^-54 in float64), since the CPU kernel "
        "computes exp(x) - 1; its derivative there is then scale, not scale alpha: 40% off",
        where="tensorflow/core/kernels/relu_op_functor.h, Selu and SeluGrad",
        link="https://github.com/tensorflow/tensorflow/issues/116943",
        part="SELU",
        model=models.SELUByExp,
        twins=("tape", "keras"),
        engines=("eager", "graph"),
        repro=_program("""
x = tf.Variable([-1e-8])
with tf.GradientTape() as tape:
    y = tf.nn.selu(x)
print(float(y[0]), "is not", -1.758e-08)
print(round(float(tape.gradient(y, x)[0]), 5), "is not", 1.7581)
"""),
    ),
    FunctionDefect(
        name="keras-float64-leaky-relu",
        what="float64 leaky_relu multiplies with a float32 slope: 0.2 becomes 0.200000003",
        where="tensorflow/core/ops/nn_ops.cc, LeakyRelu: alpha is a float attribute",
        link="",
        part="LeakyReLU",
        model=models.leaky_relu_of_float32,
        shows=_no_float32("negative_slope"),
        dtypes=("float64",),
        repro=_program("""
y = keras.activations.leaky_relu(tf.constant([-1.0], "float64"))
print(float(y[0]), "is not", -0.2)
"""),
    ),
    FunctionDefect(
        name="keras-float64-relu-limits",
        what="float64 relu has a float32 threshold and a float32 max_value: relu(1, max_value=0.9) "
        "is 0.8999999761581421",
        where="keras/src/activations/activations.py, ReLU.static_call: ops.cast(max_value, "
        "dtype=x.dtype)",
        link=CAST,
        part="GeneralReLU",
        model=models.general_relu_of_float32,
        shows=_no_float32("max_value", "threshold"),
        dtypes=("float64",),
        repro=_program("""
y = keras.activations.relu(tf.constant([1.0], "float64"), max_value=0.9)
print(float(y[0]), "is not", 0.9)
"""),
    ),
    FunctionDefect(
        name="tensorflow-float64-gelu",
        what="float64 gelu multiplies with a float32 root of 1/2: values and derivatives are off "
        "by 1e-8 of themselves",
        where="tensorflow/python/ops/nn_ops.py, gelu: math_ops.cast(0.7071067811865476, "
        "features.dtype)",
        link=CAST,
        part="GELU",
        model=models.gelu_of_float32,
        dtypes=("float64",),
        always=True,
        repro=_program("""
print(float(tf.nn.gelu(tf.constant([1.0], "float64"))[0]), "is not", 0.8413447460685429)
"""),
    ),
    FunctionDefect(
        name="tensorflow-float64-gelu-tanh",
        what="float64 gelu(approximate=True) has a float32 0.044715",
        where="tensorflow/python/ops/nn_ops.py, gelu: math_ops.cast(0.044715, features.dtype)",
        link=CAST,
        part="GELUTanh",
        model=models.gelu_tanh_of_float32,
        dtypes=("float64",),
        always=True,
        repro=_program("""
y = tf.nn.gelu(tf.constant([1.0], "float64"), approximate=True)
print(float(y[0]), "is not", 0.8411919906082768)
"""),
    ),
    FunctionDefect(
        name="keras-float64-log-cosh",
        what="float64 log_cosh subtracts a float32 log 2: its value at 0 is -1.9e-9",
        where="keras/src/losses/losses.py, log_cosh: ops.log(2.0) is a float32",
        link=CAST,
        part="LogCosh",
        model=models.log_cosh_of_float32,
        dtypes=("float64",),
        always=True,
        repro=_program("""
zero = tf.constant([[0.0]], "float64")
print(float(keras.losses.log_cosh(zero, zero)[0]), "is not", 0.0)
"""),
    ),
    FunctionDefect(
        name="keras-float64-ctc",
        what="a float64 CTC is computed in float32, and its gradient too: it has 7 digits",
        where="keras/src/backend/tensorflow/nn.py, ctc_loss: tf.cast(output, compute_dtype), since "
        "tf.nn.ctc_loss knows no float64",
        link="",
        part="CTC",
        model=models.ctc_of_float32,
        dtypes=("float64",),
        always=True,
        repro=_program("""
import math

logits = tf.constant([[[0.0, math.log(3.0)]]], "float64")
loss = keras.losses.CTC(dtype="float64")(tf.constant([[1]]), logits)
print(float(loss), "is not", round(math.log(4 / 3), 14))
"""),
    ),
    FunctionDefect(
        name="tensorflow-ctc-log-0",
        what="the CTC of dense labels takes log 1e-307 = -706.9 for log 0: where the labels are "
        "less likely than 1e-307 beside blanks, as 150 of a thousandth each are, a path that gives "
        "other labels wins: the loss is too small, and nothing pulls the labels up any more; "
        "where no path gives the labels it is 706.9 a sample too, not infinite",
        where="tensorflow/python/ops/ctc_ops.py, ctc_state_log_probs: log_0",
        link="",
        part="CTC",
        model=models.ctc_of_likely_labels,
        dtypes=("float32",),
        repro=_program("""
logits = tf.Variable([[[0.0, -1000.0]]])
with tf.GradientTape() as tape:
    loss = keras.losses.CTC()(tf.constant([[1]]), logits)
print(round(float(loss), 1), "is not", 1000.0)
print(round(float(tape.gradient(loss, logits)[0, 0, 1]), 4), "is not", -1.0)
"""),
    ),
    FunctionDefect(
        name="keras-float64-focal-alpha",
        what="float64 categorical_focal_crossentropy has float32 numbers where alpha is a list",
        where="keras/src/losses/losses.py, categorical_focal_crossentropy: ops.multiply makes a "
        "float32 tensor of the list",
        link=CAST,
        part="CategoricalFocalCrossentropy",
        heirs=True,
        shows=lambda loss: (
            isinstance(loss.alpha, tuple) and any(float(np.float32(a)) != a for a in loss.alpha)
        ),
        model=models.focal_of_float32,
        dtypes=("float64",),
        always=True,
        repro=_program("""
loss = keras.losses.CategoricalFocalCrossentropy([0.3, 0.7], 0.0, dtype="float64")
found = loss(tf.constant([[1.0, 0.0]]), tf.constant([[0.5, 0.5]], "float64"))
print(float(found), "is not", 0.3 * 0.6931471805599453)
"""),
    ),
    FunctionDefect(
        name="keras-float64-msle-epsilon",
        what="float64 mean_squared_logarithmic_error has a float32 epsilon, 1.00000001168e-07",
        where="keras/src/losses/losses.py, mean_squared_logarithmic_error: "
        "ops.convert_to_tensor(backend.epsilon()) without a dtype",
        link=CAST,
        part="MeanSquaredLogarithmicError",
        model=models.mean_squared_logarithmic_error_of_float32,
        dtypes=("float64",),
        repro=_program("""
import math

zero, small = tf.constant([[0.0]], "float64"), tf.constant([[2e-7]], "float64")
loss = keras.losses.mean_squared_logarithmic_error(small, zero)
print(1e14 * float(loss[0]), "is not", 1e14 * (math.log(1 + 2e-7) - math.log(1 + 1e-7)) ** 2)
"""),
    ),
    FunctionDefect(
        name="keras-unrolled-zeros",
        what="unrolled, a recurrent layer with go_backwards and zero_output_for_mask sets the "
        "outputs of other time steps to 0 than the masked ones: so does Bidirectional around "
        "any layer with return_sequences and unroll",
        where="keras/src/backend/tensorflow/rnn.py, rnn, unroll: outputs are in the order of the "
        "steps taken, the mask of tf.where(_expand_mask(mask, outputs)) is not reversed",
        link="",
        part="Recurrent",
        heirs=True,
        shows=lambda layer: layer.unroll and layer.return_sequences,
        model=layer_models.zeros_in_other_order,
        repro=_program("""
layer = keras.layers.SimpleRNN(
    1, None, kernel_initializer="ones", recurrent_initializer="zeros", return_sequences=True,
    go_backwards=True, zero_output_for_mask=True, unroll=True)
y = layer(tf.constant([[[1.0], [2.0], [3.0]]]), mask=tf.constant([[False, True, True]]))
print(float(y[0, 0, 0]), "is not", 3.0)
"""),
    ),
    FunctionDefect(
        name="keras-simple-rnn-activity",
        what="SimpleRNN takes an activity_regularizer and forgets it: no penalty in the loss, none "
        "in the gradients, None in its configuration.  LSTM and GRU keep theirs",
        where="keras/src/layers/rnn/simple_rnn.py, SimpleRNN.__init__: it is not handed on to "
        "super().__init__",
        link="",
        part="Regularized",
        shows=lambda layer: type(layer.layer).__name__ == "SimpleRNN" and bool(layer.activity),
        model=layer_models.without_activity,
        always=True,
        repro=_program("""
layer = keras.layers.SimpleRNN(1, activity_regularizer="l2")
layer(tf.ones((1, 2, 1)))
print(len(layer.losses), "is not", 1)
"""),
    ),
    FunctionDefect(
        name="keras-float64-attention-scale",
        what="MultiHeadAttention in float64 scales by float32(1 / sqrt(key_dim))",
        where="keras/src/backend/tensorflow/nn.py, _dot_product_attention_xla: "
        "tf.cast(scale, logits.dtype) of a Python float",
        link=CAST,
        part="MultiHeadAttention",
        shows=lambda layer: float(np.float32(layer.scale)) != layer.scale,
        model=layer_models.scale_through_float32,
        dtypes=("float64",),
        always=True,
        repro=_program("""
q, k, v = (tf.constant(x, "float64", (1, 2, 1, 3)) for x in ([1.0] * 6, range(6), range(6)))
y = keras.ops.dot_product_attention(q, k, v, scale=3**-0.5)
p = tf.nn.softmax(tf.constant([3.0, 12.0], "float64") * tf.constant(3**-0.5, "float64"))
print(float(y[0, 0, 0, 0]), "is not", float(3 * p[1]))
"""),
    ),
    FunctionDefect(
        name="keras-float64-rescaling",
        what="Rescaling in float64 has a float32 scale and offset: what it makes of a byte with "
        "1 / 255 is off by 5.9e-8 of itself",
        where="keras/src/layers/preprocessing/rescaling.py, call: backend.cast of a Python float",
        link=CAST,
        part="Rescaling",
        model=layer_models.rescaling_of_float32,
        shows=_no_float32("scale", "offset"),
        dtypes=("float64",),
        repro=_program("""
y = keras.layers.Rescaling(0.1, dtype="float64")(tf.constant([1.0], "float64"))
print(float(y[0]), "is not", 0.1)
"""),
    ),
    FunctionDefect(
        name="keras-heads-biases-along-places",
        what="MultiHeadAttention with more than one head, key_dim=1 (or value_dim=1) and as many "
        "places as heads adds the bias of a head to a place: keras.ops.add takes (heads, 1) for "
        "a bias of axis 1, see keras-add-takes-a-column-for-a-row",
        where="keras/src/backend/tensorflow/numpy.py, add: data_format = 'NCHW'",
        link="https://github.com/keras-team/keras/pull/20386",
        part="MultiHeadAttention",
        shows=lambda layer: bool(layer_models.projections_along_places(layer)),
        model=layer_models.biases_along_places,
        repro=_program("""
layer, x = keras.layers.MultiHeadAttention(2, 1), tf.zeros((1, 2, 3))
layer(x, x)
layer._query_dense.bias.assign([[1.0], [2.0]])
print(float(layer._query_dense(x)[0, 0, 1, 0]), "is not", 2.0)
"""),
    ),
    FunctionDefect(
        name="keras-merged-column-as-a-row",
        what="the layer Add adds an input that can be squeezed to a vector, as a column of one "
        "sample, or one number of each of so many samples, to the last axis, or the first behind "
        "the batch, if it is as long, see keras-add-takes-a-column-for-a-row",
        where="keras/src/backend/tensorflow/numpy.py, add: whatever can be squeezed to a vector",
        link="https://github.com/keras-team/keras/pull/20386",
        part="Add",
        shows=layer_models.adds_vectors_aside,
        model=layer_models.vectors_as_biases,
        repro=_program("""
x, column = tf.zeros((2, 2)), tf.constant([[1.0], [2.0]])
print(keras.layers.Add()([x, column]).numpy().tolist(), "is not", (x + column).numpy().tolist())
"""),
    ),
    FunctionDefect(
        name="keras-einsum-bias-as-a-vector",
        what="EinsumDense adds a bias of one axis that is not its output's last to the last, or to "
        "the first behind the batch, if it is as long, see keras-add-takes-a-column-for-a-row",
        where="keras/src/backend/tensorflow/numpy.py, add: whatever can be squeezed to a vector",
        link="https://github.com/keras-team/keras/pull/20386",
        part="EinsumDense",
        shows=layer_models.has_its_bias_aside,
        model=layer_models.bias_as_a_vector,
        repro=_program("""
layer, x = keras.layers.EinsumDense("abc,bd->adc", (2, None), bias_axes="d"), tf.zeros((1, 3, 2))
layer(x)
layer.bias.assign([[1.0], [2.0]])
print(layer(x)[0].numpy().tolist(), "is not", (tf.zeros((2, 2)) + layer.bias).numpy().tolist())
"""),
    ),
    FunctionDefect(
        name="keras-zero-last-output",
        what="zero_output_for_mask, which is only used when return_sequences is True as its "
        "documentation says, makes the last output 0 without it, where the last step is masked",
        where="keras/src/backend/tensorflow/rnn.py, rnn: flat_mask_output",
        link="https://github.com/keras-team/keras/issues/17596",
        part="Recurrent",
        heirs=True,
        shows=lambda layer: layer.zero_output_for_mask and not layer.return_sequences,
        model=layer_models.last_output_zero,
        repro=_program("""
layer = keras.layers.SimpleRNN(
    1, None, kernel_initializer="ones", recurrent_initializer="zeros", zero_output_for_mask=True)
y = layer(tf.constant([[[1.0], [2.0], [3.0]]]), mask=tf.constant([[True, True, False]]))
print(float(y[0, 0]), "is not", 2.0)
"""),
    ),
    FunctionDefect(
        name="keras-backwards-mask",
        what="a recurrent layer with go_backwards and return_sequences gives its outputs in "
        "reversed order, and the mask in the order of its inputs: the next layer leaves out "
        "time steps that count, and takes masked ones",
        where="keras/src/layers/rnn/rnn.py, compute_mask: the mask is returned as it came",
        link="https://github.com/keras-team/keras/issues/6022",
        part="Recurrent",
        heirs=True,
        shows=lambda layer: layer.go_backwards and layer.return_sequences,
        model=layer_models.mask_in_other_order,
        repro=_program("""
options = {"activation": None, "kernel_initializer": "ones", "recurrent_initializer": "zeros"}
first = keras.layers.SimpleRNN(1, return_sequences=True, go_backwards=True, **options)
second = keras.layers.SimpleRNN(1, return_sequences=True, **options)
masked = keras.layers.Masking()(tf.constant([[[0.0], [2.0], [3.0]]]))
print(float(second(first(masked))[0, 0, 0]), "is not", 3.0)
"""),
    ),
)
