"""Departures of Keras from its own text or paper, which the reference mirrors.

No run meets them, since the reference does what Keras does: Keras means it, or both
end in NaN.  They are listed because a reader of the paper, or of Keras's
documentation, should know.
"""

from collections.abc import Callable
from dataclasses import dataclass

from equivalence.arithmetic.processor import has_avx512
from equivalence.defects.table import SEEN


@dataclass(frozen=True)
class Departure:
    """Where Keras departs from its own text or paper, or ends in NaN.

    The reference does the same, so no run meets it.  name, what, where, seen,
    link and repro as in ``table.Defect``; link is "" where none is known.
    prints: a pattern that is found in what the program prints as long as it holds.
    shows_here: whether it can be seen on this processor; None where it can be on every one.
    """

    name: str
    what: str
    where: str
    link: str
    repro: str
    prints: str
    seen: str = SEEN
    shows_here: Callable[[], bool] | None = None


def _departure(name, prints, what, where, body, link="", shows_here=None):
    repro = f"\nimport keras\nimport tensorflow as tf\n{body.strip()}\n"
    return Departure(name, what, where, link, repro, prints, shows_here=shows_here)


def _run(make, start, gradients, comment):
    """Return the end of a repro: steps of one weight array in float32."""
    return f"""
w = keras.Variable({start})
optimizer = keras.optimizers.{make}
for g in {gradients}:
    optimizer.apply([tf.constant(g)], [w])
print(w.numpy().tolist(), "{comment}")
"""


TWO_CPUS = """
(cpu,) = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
"""

# Met where numbers overflow: an optimizer divides a looked-up table's gradient by its root.
OF_PARTS = (
    _departure(
        "keras-divide-repeated-rows",
        r"\[2\.0\], \[inf\]",
        "keras.ops.divide of a tf.IndexedSlices in which a row occurs twice, by what has a 0 or "
        "NaN anywhere, puts parts into other rows, or ends in an InvalidArgumentError",
        "keras/src/backend/tensorflow/sparse.py, indexed_slices_union_indices_and_values: "
        "tf.scatter_nd adds the positions of a row's parts",
        """
values, rows = tf.constant([[1.0], [2.0], [4.0]]), tf.constant([0, 1, 1])
parts = tf.IndexedSlices(values, rows, tf.constant((3, 1)))
quotient = keras.ops.divide(parts, tf.constant([[1.0], [1.0], [0.0]]))
print(tf.convert_to_tensor(quotient).numpy().tolist(), "is not [[1.0], [6.0], [nan]]")
""",
    ),
)

# Met on the way beyond one device; the runs keep to batches that devices share equally,
# and to one MirroredStrategy a process.
OF_SEVERAL_DEVICES = (
    _departure(
        "keras-mirrored-unequal-shares",
        r"0\.6666",
        "under MirroredStrategy the loss is the mean of the replicas' means: where a batch "
        "cannot be shared equally, as the last of an epoch, the samples of a smaller share "
        "count more",
        "keras/src/losses/loss.py, scale_loss_for_distribution: value * 1 / num_replicas",
        TWO_CPUS
        + """
x, y = tf.constant([[0.0]] * 6 + [[1.0]]), tf.zeros((7, 1))
with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
    layer = keras.layers.Dense(1, kernel_initializer="ones", use_bias=False)
    model = keras.Sequential([keras.Input((1,)), layer])
    model.compile(keras.optimizers.SGD(1.0), "mse")
data = tf.data.Dataset.from_tensor_slices((x, y))
model.fit(data.take(4).batch(4).concatenate(data.batch(7)), verbose=0)
print(float(model.get_weights()[0][0, 0]), "is not", 1 - 2 / 7, "as on one device")
""",
    ),
    _departure(
        "keras-mirrored-first-batch",
        r"must have the same size",
        "under MirroredStrategy fit breaks off if the devices cannot share the first batch "
        "equally: to learn its shape, the shares are averaged element by element",
        "keras/src/backend/tensorflow/trainer.py, _maybe_symbolic_build: "
        "reduce('MEAN', maybe_distributed_data_batch, axis=None)",
        TWO_CPUS
        + """
with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
try:
    model.fit(tf.ones((7, 1)), tf.ones((7, 1)), batch_size=7, verbose=0)
except tf.errors.InvalidArgumentError as error:
    print(error.message)
""",
    ),
    _departure(
        "tensorflow-second-mirrored-strategy",
        r"Collective instance 100",
        "a second MirroredStrategy on the same devices in one process fails, and with it all "
        "later collective operations, unless it reduces the same dtypes in the same order: "
        "both number their collective operations from 100 on",
        "tensorflow/python/distribute/cross_device_utils.py, CollectiveKeys",
        TWO_CPUS
        + """
for dtype in ("float32", "float64"):
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    ones = lambda: tf.distribute.get_replica_context().all_reduce("SUM", tf.ones(3, dtype))
    try:
        print(tf.function(lambda: strategy.run(ones))())
    except tf.errors.InternalError as error:
        print(error.message)
""",
    ),
)

DEPARTURES = (
    *OF_SEVERAL_DEVICES,
    *OF_PARTS,
    _departure(
        "keras-seeded-shuffle-repeats",
        r"1 order in 3 epochs",
        "after keras.utils.set_random_seed, fit(shuffle=True) of arrays takes the samples in one "
        "order in every epoch, where its text has 'shuffle the training data before each epoch'",
        "keras/src/trainers/data_adapters/array_data_adapter.py, get_tf_dataset, permutation: "
        "tf.random.shuffle, whose generator starts again from the seed with every iterator",
        """
class Shows(keras.Model):
    def call(self, x):
        return x

    def train_step(self, data):
        seen.append(tuple(keras.utils.unpack_x_y_sample_weight(data)[0].numpy()))
        return {"loss": 0.0}


keras.utils.set_random_seed(1)
model, seen = Shows(), []
model.compile(run_eagerly=True)
model.fit(tf.range(8), epochs=3, batch_size=8, verbose=0)
print(len(set(seen)), "order in", len(seen), "epochs")
""",
    ),
    _departure(
        "keras-rms-normalization-axis",
        r"False .*True",
        "RMSNormalization(axis) multiplies the last axes by its scale, whichever axis it was "
        "made for: a wrong result where both are of one size, an error where they are not",
        "keras/src/ops/nn.py, _rms_normalization: backend.numpy.multiply(outputs, scale)",
        """
x = tf.random.stateless_normal((2, 3, 3), (1, 2))
layer = keras.layers.RMSNormalization(axis=1)
layer.build(x.shape)
layer.scale.assign([1.0, 10.0, 100.0])
y = x * tf.math.rsqrt(tf.reduce_mean(tf.square(x), axis=1, keepdims=True) + 1e-6)
for axis, shape in ((1, (3, 1)), (2, (3,))):
    near = tf.abs(layer(x) - y * tf.reshape(layer.scale, shape)) < 1e-3
    print(bool(tf.reduce_all(near)), f"scaled along axis {axis};", end=" ")
""",
    ),
    _departure(
        "keras-label-smoothing-axis",
        r"0\.8333",
        "label_smoothing of the categorical cross-entropies divides by the size of the last axis, "
        "whichever axis the classes are on: the smoothed targets of a sample do not sum to 1",
        "keras/src/losses/losses.py, categorical_crossentropy and "
        "categorical_focal_crossentropy: ops.shape(y_true)[-1]",
        """
T, O = tf.constant([[[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]]]), tf.fill((1, 2, 3), 0.5)
loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.5, axis=1, reduction="none")
weights = loss(T, O)[0] / -tf.math.log(0.5)
print("the smoothed targets of two classes sum to", weights[0].numpy(), "not to 1")
""",
    ),
    _departure(
        "keras-unit-normalization-xla-nan",
        "nan",
        "UnitNormalization, as ops.normalize, hands back NaN for a vector of zeros where XLA "
        "compiles it: the derivative of rsqrt at 0 is infinite, times a gradient of 0.  "
        "Elsewhere the kernel of that derivative gives 0 for 0",
        "keras/src/ops/nn.py, _normalize: minimum(rsqrt(square_sum), 1 / epsilon)",
        """
@tf.function(jit_compile=True)
def gradient(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = keras.layers.UnitNormalization()(x)
    return tape.gradient(y, x)
print(gradient(tf.zeros((1, 2))).numpy().tolist(), "should be finite")
""",
    ),
    _departure(
        "keras-updates-before-reads",
        r"True",
        "train_on_batch and fit on a CPU may update a weight before the forward pass has read "
        "it: where the gradient does not need the outputs, as of a loss that is linear in them "
        "(a Wasserstein critic's), the same step from the same weights has two results, and "
        "which one comes is drawn with every model that is built.  Not so with "
        "tf.config.optimizer.set_experimental_options({'dependency_optimization': False})",
        "grappler/optimizers/dependency_optimizer.cc, by the effect of its switch; the step is "
        "keras/src/backend/tensorflow/trainer.py, train_step",
        """
x, T = tf.random.stateless_normal((4, 3), (1, 2)), tf.random.stateless_normal((4, 2), (3, 4))
steps = set()
for _ in range(20):
    start = keras.initializers.GlorotUniform(1)
    layers = [keras.layers.Dense(2, kernel_initializer=start) for _ in range(2)]
    model = keras.Sequential([keras.Input((3,)), *layers])
    model.compile(keras.optimizers.SGD(1.0), lambda T, O: tf.reduce_sum(O * T))
    model.train_on_batch(x, T)
    steps.add(tuple(layers[0].kernel.numpy()[0].tolist()))
print(len(steps) > 1, "several results of one and the same step:", steps)
""",
    ),
    _departure(
        "tensorflow-max-pool-3d-ties",
        r"8\.0 8\.0 .*1\.0",
        "where several places of a window are equal, or nearer than 1e-5 to the largest, an eager "
        "MaxPooling3D on a CPU gives each of them the whole gradient: 8 equal ones together 8 "
        "times what came, and 8 numbers around 1e-6, however different, too.  XLA and oneDNN, "
        "and MaxPooling1D and 2D always, give it to the first; tf.function has oneDNN's or "
        "TensorFlow's own, in a loop now one and now the other",
        "tensorflow/core/kernels/pooling_ops_3d.cc, LaunchMaxPooling3dGradOp: "
        "(tensor_in_slice - tensor_out_slice).abs() < 1e-5",
        """
pooling, x = keras.layers.MaxPooling3D(2), tf.ones((1, 2, 2, 2, 1))
small = tf.reshape(tf.range(8.0) * 1e-6, x.shape)
def gradient(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = pooling(x)
    return tf.reduce_sum(tape.gradient(y, x))
by_xla = tf.function(gradient, jit_compile=True)
eager = gradient(x).numpy(), gradient(small).numpy()
print(*eager, "eager,", by_xla(small).numpy(), "by XLA, of a gradient of 1")
""",
    ),
    _departure(
        "keras-scaled-nadam-not-saved",
        r"0\.11397\d+ saved, 1\.0 loaded",
        "what Nadam multiplies up is not among the variables of a LossScaleOptimizer around it, as "
        "Keras puts it there under mixed_float16: a model that was saved and loaded begins again "
        "with 1, and trains otherwise than one that was not",
        "keras/src/optimizers/nadam.py, build: _u_product is none of add_optimizer_variables; "
        "keras/src/optimizers/loss_scale_optimizer.py, variables",
        """
import os, tempfile
import numpy as np
optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.Nadam(0.1))
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile(optimizer, "mse")
x = np.ones((4, 2), "float32")
model.fit(x, x[:, :1], epochs=3, verbose=0)
with tempfile.TemporaryDirectory() as folder:
    file = os.path.join(folder, "model.keras")
    model.save(file)
    loaded = keras.models.load_model(file).optimizer
product = lambda wrapped: float(wrapped.inner_optimizer._u_product)
print(product(optimizer), "saved,", product(loaded), "loaded")
""",
    ),
    _departure(
        "tensorflow-max-pool-of-no-number",
        r"-3\.4028235e\+38 of NaN, -3\.4028235e\+38 of -inf",
        "MaxPooling on a CPU begins with the lowest float, not with -inf: of a window of -inf "
        "alone it gives -3.4e38, and of one of NaN alone, too, so that a NaN is hidden.  XLA "
        "gives -inf for both, and so do the kernels of bfloat16",
        "tensorflow/core/kernels/pooling_ops_common.h, SpatialMaxPool: "
        "output_shard.setConstant(Eigen::NumTraits<T>::lowest())",
        """
import numpy as np
def largest(x):
    return tf.nn.max_pool2d(tf.fill((1, 2, 2, 1), x), 2, 2, "VALID").numpy().item()
print(np.float32(largest(np.nan)), "of NaN,", np.float32(largest(-np.inf)), "of -inf")
""",
    ),
    _departure(
        "tensorflow-xla-asin-of-tiny",
        r"2e-38 as it is, 0\.0 compiled",
        "XLA's asin of a normal number below twice the smallest is 0: it is computed as "
        "2 atan2(x, 1 + sqrt(1 - x^2)), whose quotient, x / 2, is subnormal and flushed.  In "
        "float64 alike",
        "xla/hlo/builder/lib/math.cc, Asin",
        """
x = tf.constant(2e-38)
compiled = tf.function(lambda x: tf.asin(x), jit_compile=True)
print(tf.asin(x).numpy(), "as it is,", compiled(x).numpy(), "compiled")
""",
    ),
    _departure(
        "tensorflow-transformed-images-gradient",
        r"grows by 0\.0, and by 1\.0",
        "the gradient of ImageProjectiveTransformV3 is no derivative: it is what flows back, seen "
        "through the inverse transform, where each pixel's is the sum over the places that it had "
        "a share in.  So RandomRotation, RandomZoom, RandomShear and RandomTranslation pass a "
        "wrong gradient on to what they are given, which is none where that is data",
        "tensorflow/python/ops/image_ops.py, _image_projective_transform_v3_grad",
        """
image = tf.reshape(tf.constant([0.0, 1.0, 0.0, 0.0]), (1, 1, 4, 1))
def wide(image):  # twice as wide: the second pixel is at 2, and half of it at 1 and 3
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=image, transforms=[[0.5, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]],
        output_shape=[1, 4], fill_value=0.0, interpolation="BILINEAR", fill_mode="CONSTANT")
at_1 = tf.reshape(tf.constant([0.0, 2.0, 0.0, 0.0]), (1, 1, 4, 1))
with tf.GradientTape() as tape:
    tape.watch(image)
    loss = tf.reduce_sum(wide(image) * at_1)
told = tape.gradient(loss, image)[0, 0, 1, 0]
true = tf.reduce_sum(wide(tf.one_hot([[1]], 4)[..., None]) * at_1)
print(f"the loss grows by {told:.1f}, and by {true:.1f}")
""",
    ),
    _departure(
        "tensorflow-bfloat16-matmul-crashes",
        r"ended with -?[1-9]",
        "on a processor with AVX-512 a matmul in bfloat16 ends the process (a segmentation fault) "
        "where ONEDNN_MAX_CPU_ISA keeps oneDNN to less: TensorFlow asks the processor whether "
        "oneDNN has such kernels, and not oneDNN",
        "tensorflow/core/graph/mkl_graph_util.h, IsBF16SupportedByOneDNNOnThisCPU",
        """
import os, subprocess, sys
program = "import tensorflow as tf; x = tf.ones((4, 4), tf.bfloat16); tf.matmul(x, x)"
kept = {**os.environ, "ONEDNN_MAX_CPU_ISA": "SSE41"}
ended = subprocess.run([sys.executable, "-c", program], env=kept, capture_output=True)
print("ended with", ended.returncode)
""",
        shows_here=has_avx512,
    ),
    _departure(
        "tensorflow-bfloat16-matmul-cuts",
        r"2\.0 .* is not 2\.015625",
        "on a processor without AVX-512, or with TF_ENABLE_ONEDNN_OPTS=0, a matmul in bfloat16 "
        "cuts its sums off instead of rounding them: every product of matrices is too near to 0, "
        "by half a place of bfloat16 (2^-9 of itself) on the average",
        "tensorflow/core/kernels/matmul_op_impl.h, by tensorflow/core/framework/bfloat16.cc, "
        "FloatToBFloat16, which takes the upper half of a float32; its neighbour rounds",
        """
import os, subprocess, sys
program = "import tensorflow as tf; x = tf.constant([[1.0, 0.015]], tf.bfloat16); " \
    "print(float(tf.matmul(x, [[2.0], [0.99]])[0, 0]))"
kept = {**os.environ, "TF_ENABLE_ONEDNN_OPTS": "0"}
ended = subprocess.run([sys.executable, "-c", program], env=kept, capture_output=True, text=True)
print(ended.stdout.strip(), "(2 + 0.0149) is not 2.015625, the nearest bfloat16")
""",
    ),
    _departure(
        "tensorflow-saturation-of-red",
        r"becomes 0\.5 0\.5 0\.5",
        "tf.image.adjust_saturation makes a red grey whose blue is so little above its green that "
        "its hue rounds to the whole circle: of (1, 0, 1e-9) half as colored it gives (0.5, 0.5, "
        "0.5), and of (1, 0, 0) rightly (1, 0.5, 0.5)",
        "tensorflow/core/kernels/image/adjust_saturation_op.cc, hsv_to_rgb: a hue of six sixths "
        "is of none of the six colors",
        """
red = tf.constant([[[1.0, 0.0, 1e-9]]])
print("red becomes", *tf.image.adjust_saturation(red, 0.5).numpy().ravel().tolist())
""",
    ),
    _departure(
        "tensorflow-unwritten-moments",
        r"not what was given",
        "FusedBatchNormV3 with is_training=False leaves what it has for the gradient, its results "
        "3 and 4, as the memory was; nothing of TensorFlow's reads them",
        "tensorflow/core/kernels/fused_batch_norm_op.cc, FusedBatchNorm<CPUDevice, T, U, false>",
        """
import os, subprocess, sys
program = "import numpy as np, tensorflow as tf; ones = np.ones(512, 'f4'); " \
    "junk = [np.full(512, 7e9, 'f4') for _ in range(99)]; del junk; found = [" \
    "tf.raw_ops.FusedBatchNormV3(x=np.ones((1, 1, 1, 512), 'f4'), scale=ones, offset=ones, " \
    "mean=3 * ones, variance=ones, is_training=False)[3].numpy() for _ in range(99)]; " \
    "print(all((each == 3).all() for each in found))"
kept = {**os.environ, "TF_ENABLE_ONEDNN_OPTS": "0"}
ended = subprocess.run([sys.executable, "-c", program], env=kept, capture_output=True, text=True)
print("what was given" if "True" in ended.stdout else "not what was given")
""",
    ),
    _departure(
        "keras-attention-drops-masks",
        r"1\.0 subclassed, 2\.0 functional",
        "MultiHeadAttention takes the masks off the tensors that it is called with, so that what "
        "is called with them later does without: in an encoder's x + attention(x, x) Add then "
        "gives no mask, and a mean behind it counts the padding.  A functional model gives another "
        "number than a subclassed one of the same lines",
        "keras/src/layers/attention/multi_head_attention.py, call: set_keras_mask(query, None)",
        """
layers = keras.layers
def encode(x):
    x = layers.Masking()(x)
    attended = layers.MultiHeadAttention(1, 2, kernel_initializer="zeros")(x, x)
    return layers.GlobalAveragePooling1D()(layers.Add()([x, attended]))
x, inputs = tf.constant([[[1.0], [3.0], [0.0], [0.0]]]), keras.Input((4, 1))
functional = keras.Model(inputs, encode(inputs))
print(f"{encode(x)[0, 0]} subclassed, {functional(x)[0, 0]} functional")
""",
    ),
    _departure(
        "keras-initial-state-drops-mask",
        r"as without a mask True, as with it False",
        "a recurrent layer that is called with initial_state= leaves the mask of its sequence out, "
        "unless it is called with mask= as well: the decoder of a translation reads the padding, "
        "though its embedding has mask_zero=True, and its loss counts what comes of that as masked",
        "keras/src/layers/layer.py, Layer.__call__: a mask is passed on as ``mask`` where a call "
        "has one tensor, and as ``sequences_mask``, which no recurrent layer takes, where it has "
        "several",
        """
layer, states = keras.layers.LSTM(2), [tf.ones((1, 2)), tf.ones((1, 2))]
x = keras.layers.Masking()(tf.constant([[[1.0], [3.0], [0.0], [0.0]]]))
told = layer(x, initial_state=states)
bare, masked = (layer(x + 0.0, initial_state=states, mask=mask)
                for mask in (None, tf.constant([[True, True, False, False]])))
same = lambda other: bool(tf.reduce_all(told == other))
print("as without a mask", same(bare), end=", ")
print("as with it", same(masked))
""",
    ),
    _departure(
        "keras-bilinear-in-float32",
        r"float64 True",
        "UpSampling2D(interpolation='bilinear') and keras.ops.image.resize compute in float32 "
        "what they return as float64; nearest, which the suite has, only copies",
        "keras/src/ops/image.py, _resize: saturate_cast(resized, images.dtype) of what "
        "tf.image.resize returned, which is float32 for whatever it is given",
        """
x = tf.random.stateless_normal((1, 2, 2, 1), (1, 2), dtype="float64")
layer = keras.layers.UpSampling2D(2, interpolation="bilinear", dtype="float64")
y = layer(x).numpy()
print(y.dtype, bool((y == y.astype("float32")).all()), ": every number of it is a float32")
""",
    ),
    _departure(
        "keras-adafactor-dead-row-and-column",
        "nan",
        "Adafactor makes a whole float32 kernel NaN in its first step if one row and one "
        "column of its gradient are 0, as with an input that is always 0 and a dead ReLU: "
        "v = r / mean(r) * c underflows to 0 where both meet, and 0 / 0 spreads by RMS(u)",
        "keras/src/optimizers/adafactor.py, update_step: ops.divide(gradient, ops.sqrt(v))",
        _run(
            "Adafactor()",
            [[1.0, 2.0], [3.0, 4.0]],
            ([[0.0, 0.0], [0.0, 1.0]],),
            "should be finite",
        ),
    ),
    _departure(
        "keras-adafactor-relative-step",
        r"True (.*)\nFalse \1",
        "Adafactor(relative_step=False) is the same as True: the minimum with 1 / sqrt(t) is "
        "taken again for all",
        "keras/src/optimizers/adafactor.py, update_step: "
        "rho_t = ops.minimum(lr, 1 / ops.sqrt(local_step))",
        """
for relative_step in (True, False):
    w = keras.Variable([1.0, 2.0])
    optimizer = keras.optimizers.Adafactor(2.0, relative_step=relative_step)
    for _ in range(4):
        optimizer.apply([tf.constant([0.1, 0.2])], [w])
    print(relative_step, w.numpy().tolist())
""",
    ),
    _departure(
        "keras-rmsprop-centered-nan",
        "nan",
        "RMSprop(centered=True) is NaN after some steps of a constant gradient of ordinary "
        "size: the rounded difference v - average^2 falls below -epsilon",
        "keras/src/optimizers/rmsprop.py, update_step: "
        "denominator = velocity - ops.square(average_grad) + self.epsilon",
        _run("RMSprop(centered=True)", [1.0], "[[5.3]] * 200", "should be finite"),
    ),
    _departure(
        "keras-ftrl-l2-twice",
        r"\[-0\.33333",
        "Ftrl divides by 2 * l2_regularization_strength, its text and the paper by once that",
        "keras/src/optimizers/ftrl.py, update_step: "
        "ops.add(ops.divide(ops.power(new_accum, (-lr_power)), lr), 2 * l2_reg)",
        _run(
            "Ftrl(1.0, initial_accumulator_value=0.0, l2_regularization_strength=1.0)",
            [0.0],
            ([1.0],),
            "is not [-0.5] = -z / (sqrt(n) / alpha + lambda_2)",
        ),
        "https://github.com/tensorflow/tensorflow/issues/3725",
    ),
    _departure(
        "keras-ftrl-forgets-start",
        r"\[0\.0\] is not",
        "Ftrl's first step forgets the initial weight; a gradient of 0 sets it to 0",
        "keras/src/optimizers/ftrl.py, build: linear starts at 0 whatever the weight",
        _run("Ftrl()", [5.0], ([0.0],), "is not [5.0]"),
        "https://github.com/tensorflow/tensorflow/issues/50118",
    ),
    _departure(
        "keras-ftrl-zero-accumulator-nan",
        "nan",
        "Ftrl(initial_accumulator_value=0.0), which is allowed, is NaN after a gradient of 0",
        "keras/src/optimizers/ftrl.py, update_step: "
        "ops.divide(ops.subtract(linear_clipped, linear), quadratic)",
        _run("Ftrl(initial_accumulator_value=0.0)", [5.0], ([0.0],), "should be finite"),
    ),
    _departure(
        "keras-nadam-epsilon",
        r"\[-0\.5\]",
        "Nadam's text calls its epsilon the paper's epsilon hat; it stands beside the "
        "corrected root, as in Algorithm 1",
        "keras/src/optimizers/nadam.py, update_step: ops.add(ops.sqrt(v_hat), self.epsilon)",
        _run(
            "Nadam(1.0, beta_1=0.0, epsilon=1.0)",
            [0.0],
            ([1.0],),
            "is Algorithm 1; epsilon hat gives -0.0306...",
        ),
    ),
    _departure(
        "keras-nadam-schedule",
        r"0\.22711",
        "Nadam's momentum schedule is 0.96^t where the paper has 0.96^(t / 250), and "
        "Keras 2 had schedule_decay=0.004",
        "keras/src/optimizers/nadam.py, update_step: ops.power(decay, local_step)",
        """
w = keras.Variable([0.0])
optimizer = keras.optimizers.Nadam()
for _ in range(2):
    optimizer.apply([tf.constant([1.0])], [w])
paper = 0.9**2 * (1 - 0.5 * 0.96 ** (1 / 250)) * (1 - 0.5 * 0.96 ** (2 / 250))
print(float(optimizer._u_product), "is not", paper)
""",
    ),
    _departure(
        "keras-schedulefree-weight-decay",
        r"z 1\.0",
        "ScheduleFreeAdamW's weight decay shrinks y and so only x; the paper's acts on z, "
        "which stays where it is here",
        "keras/src/backend/tensorflow/optimizer.py, _apply_weight_decay: "
        "variable.assign_sub(variable * wd * lr)",
        """
w = keras.Variable([1.0])
optimizer = keras.optimizers.ScheduleFreeAdamW(0.1, weight_decay=0.5)
optimizer.apply([tf.constant([0.0])], [w])
z = next(v for v in optimizer.variables if v.path.endswith("_momentum"))
print("w", float(w[0]), "z", float(z[0]), "both should be", 1 - 0.1 * 0.5)
""",
    ),
    _departure(
        "keras-schedulefree-average",
        r"0\.77971",
        "ScheduleFreeAdamW never hands out x, which its text calls the sequence used for "
        "evaluation: Model.evaluate, predict and save use y",
        "keras/src/optimizers/schedule_free_adamw.py: no finalize_variable_values",
        """
w = keras.Variable([1.0])
optimizer = keras.optimizers.ScheduleFreeAdamW(0.1, beta_1=0.5)
for g in (1.0, 3.0, 2.0):
    optimizer.apply([tf.constant([g])], [w])
optimizer.finalize_variable_values([w])
z = next(v for v in optimizer.variables if v.path.endswith("_momentum"))
print(float(w[0]), "is not x =", float((w[0] - 0.5 * z[0]) / 0.5))
""",
    ),
    _departure(
        "keras-schedulefree-beta-1-zero",
        "nan",
        "ScheduleFreeAdamW(beta_1=0.0) is accepted and NaN after one step",
        "keras/src/optimizers/schedule_free_adamw.py, update_step: x_old = ops.divide(..., beta_1)",
        _run("ScheduleFreeAdamW(0.1, beta_1=0.0)", [1.0], ([1.0],), "should be [0.9]"),
    ),
    _departure(
        "keras-muon-float64-variables",
        r"expected to be a double",
        "Muon fails on float64 kernels while floatx is float32, where all others run",
        "keras/src/optimizers/muon.py, lr_adjust: x * ops.sqrt(ops.maximum(...)), a float32",
        """
w = keras.Variable([[1.0, 2.0]], dtype="float64")
try:
    keras.optimizers.Muon(0.1).apply([tf.constant([[0.1, 0.2]], "float64")], [w])
except tf.errors.InvalidArgumentError as error:
    print(error.message)
""",
    ),
    _departure(
        "keras-float64-learning-rate",
        r"-0\.10000000149",
        "float64 variables while floatx is float32 learn at a float32 learning rate, with every "
        "optimizer, and nothing says so",
        "keras/src/optimizers/base_optimizer.py, __init__: "
        "backend.Variable(learning_rate, dtype=backend.floatx())",
        """
w = keras.Variable([0.0], dtype="float64")
keras.optimizers.SGD(0.1).apply([tf.constant([1.0], "float64")], [w])
print(float(w[0]), "is not", -0.1)
""",
    ),
    _departure(
        "keras-lamb-weight-decay",
        r"0\.9499999",
        "Lamb(weight_decay) decays before its step, outside the trust ratio; the paper adds "
        "the decay to the update whose norm the ratio takes",
        "keras/src/backend/tensorflow/optimizer.py, _apply_weight_decay",
        """
w = keras.Variable([1.0])
keras.optimizers.Lamb(0.1, weight_decay=0.5).apply([tf.constant([0.0])], [w])
print(float(w[0]), "is not", 1 - 0.1, "= w - learning_rate |w| / |0.5 w| 0.5 w")
""",
    ),
    _departure(
        "keras-categorical-crossentropy-after-sigmoid",
        r"0\.20\d+ is not 0\.53",
        "categorical_crossentropy takes the logits that a sigmoid left for those of a softmax; "
        "the same probabilities without them are divided by their sum",
        "keras/src/backend/tensorflow/nn.py, _get_logits: any _keras_logits are taken",
        """
logits, target = tf.constant([[2.0, 0.5]]), [[1.0, 0.0]]
p = keras.activations.sigmoid(logits)
loss = keras.losses.categorical_crossentropy
print(float(loss(target, p)[0]), "is not", float(loss(target, tf.identity(p))[0]))
""",
    ),
    _departure(
        "keras-lion-beta-1",
        r"\[0, 1\] range",
        "Lion(beta_1=0.0) is refused with a message that allows it",
        "keras/src/optimizers/lion.py, __init__: `must be in the [0, 1] range`",
        """
try:
    keras.optimizers.Lion(beta_1=0.0)
except ValueError as error:
    print(error)
""",
    ),
    _departure(
        "keras-adafactor-slot-names",
        r"kernel', \(3,\).*kernel', \(4,\)",
        "Adafactor's two factors of a kernel bear the same name, the kernel's, and a bias has "
        "two int32 scalars that are saved and never used",
        "keras/src/optimizers/adafactor.py, build: name=var.name",
        """
model = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(4)])
optimizer = keras.optimizers.Adafactor()
optimizer.build(model.trainable_variables)
print([(v.path, tuple(v.shape), v.dtype) for v in optimizer.variables[2:]])
""",
    ),
    _departure(
        "keras-rmsprop-epsilon",
        r"-0\.7071",
        "RMSprop's text calls its epsilon the paper's epsilon hat, which stands beside the "
        "root; it stands under the root",
        "keras/src/optimizers/rmsprop.py, update_step: ops.sqrt(denominator)",
        _run("RMSprop(1.0, rho=0.0, epsilon=1.0)", [0.0], ([1.0],), "is not [-0.5]"),
    ),
    _departure(
        "keras-adamax-learning-rate",
        r"0\.001",
        "Adamax's text says that its defaults follow the paper; the paper's learning rate is 0.002",
        "keras/src/optimizers/adamax.py, __init__: learning_rate=0.001",
        """
print(float(keras.optimizers.Adamax().learning_rate), "is not", 0.002)
""",
    ),
    _departure(
        "keras-adagrad-exact-form",
        r"-0\.9534",
        "Adagrad's text says that a learning rate of 1.0 matches the original paper exactly; "
        "its accumulator starts at 0.1, the paper's at 0",
        "keras/src/optimizers/adagrad.py, __init__: initial_accumulator_value=0.1",
        _run("Adagrad(1.0)", [0.0], ([1.0],), "is not [-1.0]"),
    ),
    _departure(
        "keras-average-between-updates",
        r"0\.19",
        "with gradient accumulation the moving average is also taken at the steps between two "
        "updates, so that it forgets as many times faster than ema_momentum says",
        "keras/src/optimizers/base_optimizer.py, _backend_apply_gradients: use_ema is outside "
        "the branch of the update",
        """
w = keras.Variable([0.0])
optimizer = keras.optimizers.SGD(
    1.0, use_ema=True, ema_momentum=0.9, gradient_accumulation_steps=2
)
for g in (0.0, 0.0, -1.0, -1.0, 0.0):
    optimizer.apply([tf.constant([g])], [w])
average = next(v for v in optimizer.variables if v.path.endswith("_average"))
print(float(average[0]), "is not", 1 - 0.9, "the average after one update to 1")
""",
    ),
    _departure(
        "keras-schedule-counts-accumulation",
        r"0\.875",
        "with gradient accumulation a schedule counts the steps between two updates too, so "
        "that it ends as many times earlier",
        "keras/src/optimizers/base_optimizer.py, _get_current_learning_rate: "
        "self._learning_rate(self._iterations), not self.iterations",
        """
decay = keras.optimizers.schedules.PolynomialDecay(1.0, 8, 0.0)
w = keras.Variable([0.0])
optimizer = keras.optimizers.SGD(decay, gradient_accumulation_steps=2)
for _ in range(2):
    optimizer.apply([tf.constant([-1.0])], [w])
print(float(w[0]), "is not", 1.0, "the rate before the first update")
""",
    ),
    _departure(
        "keras-global-clipnorm-changes-all",
        r"False",
        "global_clipnorm multiplies with clipnorm * (1 / clipnorm) where nothing is to be cut, "
        "which need not be 1: every gradient may change in its last bit",
        "keras/src/optimizers/base_optimizer.py, clip_by_global_norm: "
        "clip_norm * ops.minimum(1.0 / use_norm, 1.0 / clip_norm)",
        """
w = keras.Variable([0.0])
keras.optimizers.SGD(1.0, global_clipnorm=41.0).apply([tf.constant([-1.0])], [w])
print(float(w[0]) == 1.0, float(w[0]))
""",
    ),
    _departure(
        "keras-time-distributed-activity",
        r"1 0",
        "TimeDistributed forgets the activity_regularizer of its layer: the loss has no penalty",
        "keras/src/layers/rnn/time_distributed.py, call: self.layer.call instead of self.layer",
        """
options = {"kernel_initializer": "ones", "activity_regularizer": "l2"}
dense = keras.layers.Dense(1, **options)
wrapped = keras.layers.TimeDistributed(keras.layers.Dense(1, **options))
dense(tf.ones((1, 2, 1))), wrapped(tf.ones((1, 2, 1)))
print(len(dense.losses), len(wrapped.losses))
""",
    ),
    _departure(
        "keras-add-takes-a-column-for-a-row",
        r"\[\[1\.0, 2\.0\], \[1\.0, 2\.0\]\]",
        "keras.ops.add, and the layer Add, add a column (n, 1) to the last axis, or to axis 1, if "
        "n numbers stand there: neither is what broadcasting says.  A MultiHeadAttention with "
        "key_dim=1 so adds its biases wrongly where there are as many places as heads",
        "keras/src/backend/tensorflow/numpy.py, add: whatever can be squeezed to a vector is "
        "given to tf.nn.bias_add",
        """
x, column = tf.zeros((2, 2)), tf.constant([[1.0], [2.0]])
print(keras.ops.add(x, column).numpy().tolist(), "is not", (x + column).numpy().tolist())
""",
        "https://github.com/keras-team/keras/pull/20386",
    ),
    _departure(
        "keras-heads-scores-shape",
        r"\(None, 1, 3, 3\) is not \(1, 1, 3, 5\)",
        "the shape that a model is told of MultiHeadAttention's scores has as many places as "
        "queries, whatever there are of values: a layer on them does not fit",
        "keras/src/layers/attention/multi_head_attention.py, compute_output_spec: "
        "(query.shape[0], self.num_heads, length, length)",
        """
layer = keras.layers.MultiHeadAttention(1, 2)
told = layer(keras.Input((3, 4)), keras.Input((5, 4)), return_attention_scores=True)[1].shape
q, v = tf.zeros((1, 3, 4)), tf.zeros((1, 5, 4))
print(told, "is not", tuple(layer(q, v, return_attention_scores=True)[1].shape))
""",
    ),
    _departure(
        "keras-einsum-ellipsis-shape",
        r"\(None, 3, 2, 5\) is not \(1, 2, 3, 5\)",
        "the shape that a model is told of an EinsumDense with ... in front has the axes that the "
        "dots stand for in reverse, behind the batch: what is built on it does not fit, or reads "
        "the axes exchanged",
        "keras/src/layers/core/einsum_dense.py, _analyze_split_string: "
        "output_shape.insert(1, input_shape[i])",
        """
layer = keras.layers.EinsumDense("...x,xy->...y", 5)
told = layer(keras.Input((2, 3, 4))).shape
print(told, "is not", tuple(layer(tf.zeros((1, 2, 3, 4))).shape))
""",
    ),
    _departure(
        "keras-heads-query-mask",
        r"0\.0",
        "MultiHeadAttention does not listen to its argument query_mask; only a mask that the "
        "queries carry, as from an Embedding, is taken",
        "keras/src/layers/attention/multi_head_attention.py, call: "
        "query_mask = backend.get_keras_mask(query)",
        """
layer, x = keras.layers.MultiHeadAttention(1, 2), tf.random.normal((1, 3, 2))
masked = layer(x, x, query_mask=tf.constant([[True, False, True]]))
print(float(tf.reduce_max(abs(masked - layer(x, x)))), "should be the mean of the values")
""",
    ),
    _departure(
        "keras-simple-rnn-seed",
        r"None None",
        "SimpleRNN forgets its seed when it is saved, cloned or wrapped: what a Bidirectional "
        "around it drops cannot be had again.  LSTM and GRU keep theirs",
        "keras/src/layers/rnn/simple_rnn.py, SimpleRNN.get_config: it has no seed",
        """
both = keras.layers.Bidirectional(keras.layers.SimpleRNN(2, dropout=0.5, seed=7))
print(both.forward_layer.cell.seed, both.backward_layer.cell.seed, "should be 7 7")
""",
    ),
    _departure(
        "keras-bidirectional-same-masks",
        r"True",
        "with a seed both layers of a Bidirectional drop the same: their masks are equal",
        "keras/src/layers/rnn/bidirectional.py, __init__: the second layer is made of the "
        "configuration of the first, with its seed",
        """
both = keras.layers.Bidirectional(keras.layers.LSTM(2, dropout=0.5, seed=7))
masks = [layer.cell.get_dropout_mask(tf.ones((4, 8)))
         for layer in (both.forward_layer, both.backward_layer)]
print(bool(tf.reduce_all(masks[0] == masks[1])))
""",
    ),
    _departure(
        "keras-global-average-of-nothing",
        r"nan",
        "GlobalAveragePooling1D of a sample whose time steps are all masked, as of an empty "
        "sentence, is NaN, and so is every gradient then; BatchNormalization adds 1e-7 to the "
        "number of what counts for this reason",
        "keras/src/layers/pooling/global_average_pooling1d.py, call: ops.sum(float_mask)",
        """
words = keras.layers.Embedding(3, 1, mask_zero=True)(tf.constant([[0, 0]]))
print(float(keras.layers.GlobalAveragePooling1D()(words)[0, 0]), "should be finite")
""",
    ),
    _departure(
        "keras-min-max-norm-of-0",
        r"0\.0 is not 0\.5",
        "MinMaxNorm leaves a weight of zeros as it is, below min_value; and every norm comes out "
        "shorter by 1e-7 than what is asked for, so that MaxNorm shortens what is short enough",
        "keras/src/constraints/constraints.py: w * (desired / (backend.epsilon() + norms))",
        """
held = keras.constraints.MinMaxNorm(0.5, 1.0)
print(float(held(tf.zeros((2, 1)))[0, 0]), "is not", 0.5)
""",
    ),
    _departure(
        "keras-sparse-clipping",
        r"-0\.5999|-0\.6",
        "clipvalue clips the parts of a tf.IndexedSlices with repeated indices, not their sum, "
        "and clipnorm takes the norm of the parts",
        "keras/src/optimizers/base_optimizer.py, _clip_gradients: ops.clip(g, -v, v)",
        """
g = tf.IndexedSlices(tf.constant([[1.0], [1.0]]), tf.constant([0, 0]), tf.constant([1, 1]))
w = keras.Variable([[0.0]])
keras.optimizers.SGD(1.0, clipvalue=0.3).apply([g], [w])
print(float(w[0, 0]), "is not", -0.3)
""",
    ),
    _departure(
        "keras-sparse-loss-scale",
        r"TypeError",
        "loss_scale_factor fails on a tf.IndexedSlices, as every Embedding gives it",
        "keras/src/optimizers/base_optimizer.py, apply: g / scale",
        """
g = tf.IndexedSlices(tf.constant([[1.0]]), tf.constant([0]), tf.constant([1, 1]))
w = keras.Variable([[0.0]])
try:
    keras.optimizers.SGD(1.0, loss_scale_factor=2.0).apply([g], [w])
except TypeError as error:
    print("TypeError:", error)
""",
    ),
    _departure(
        "tensorflow-erf-of-large",
        r"nan, nan\] is not",
        "an eager tf.math.erf of float64 numbers beyond 1.4e154 in magnitude, whose squares "
        "overflow, is NaN, where erf is 1 or -1 from 6 on.  XLA, float32, tf.math.erfc and Keras's "
        "gelu, which takes erfc, are right",
        "Eigen's erf of float64, by its results",
        """
x = tf.constant([1e300, -1e300], "float64")
print(tf.math.erf(x).numpy().tolist(), "is not", (1 - tf.math.erfc(x)).numpy().tolist())
""",
    ),
    _departure(
        "tensorflow-erfinv-through-one-half",
        r"\[0\.0, inf\] is not",
        "tf.math.erfinv computes ndtri((x + 1) / 2) / sqrt(2) in the precision of x: of a float32 "
        "of 1e-9 it is 0, of 1e-5 it is off by 1.4e-3 of itself, and of the largest below 1 it is "
        "infinite, where 3.83 is meant",
        "Erfinv of CPUs, by its results, which are those of tf.math.ndtri to the bit",
        """
x = tf.constant([1e-9, 1 - 2.0**-24])
right = tf.cast(tf.math.erfinv(tf.cast(x, "float64")), "float32")
print(tf.math.erfinv(x).numpy().tolist(), "is not", right.numpy().tolist())
""",
    ),
    _departure(
        "keras-mixed-float16-activity",
        r"TypeError: .*float16",
        "under mixed_float16 a model with an activity_regularizer cannot be trained: its penalty "
        "has the layer's half precision, and is added to the loss in float32",
        "keras/src/trainers/trainer.py, compute_loss: ops.sum(losses) of two precisions",
        """
import numpy
keras.config.set_dtype_policy("mixed_float16")
try:
    layer = keras.layers.Dense(1, activity_regularizer="l2")
    model = keras.Sequential([keras.Input((2,)), layer])
    model.compile("sgd", "mse")
    model.train_on_batch(numpy.ones((1, 2)), numpy.ones((1, 1)))
except TypeError as error:
    print("TypeError:", error)
finally:
    keras.config.set_dtype_policy("float32")
""",
    ),
    _departure(
        "keras-bfloat16-orthogonal",
        r"bfloat16 is not in the list",
        "no recurrent layer can be built in bfloat16 with its own default, an orthogonal "
        "recurrent_initializer, since TensorFlow's QR has no bfloat16",
        "keras/src/initializers/random_initializers.py, Orthogonal: ops.qr in that precision",
        """
try:
    keras.layers.SimpleRNN(2, dtype="bfloat16").build((1, 1, 2))
except tf.errors.InvalidArgumentError as error:
    print(error)
""",
    ),
    _departure(
        "tensorflow-float16-grouped-gradient",
        r"Gradients for grouped convolutions are not supported on CPU",
        "a convolution in groups in float16 runs on a CPU, and cannot be trained there, as one in "
        "float32 can",
        "Conv2DBackpropInput and Conv2DBackpropFilter of CPUs, where oneDNN has no such kernel",
        """
x, kernel = tf.ones((1, 3, 3, 4), "float16"), tf.Variable(tf.ones((1, 1, 2, 4), "float16"))
with tf.GradientTape() as tape:
    y = tf.reduce_sum(tf.nn.conv2d(x, kernel, 1, "VALID"))
try:
    tape.gradient(y, kernel)
except tf.errors.InvalidArgumentError as error:
    print(error)
""",
    ),
    _departure(
        "keras-huber-forgets-delta",
        r"9\.5 is not 18\.0",
        "Huber(delta=2.0) does not list its delta: a model that is saved and loaded, or a loss "
        "that is made from its own configuration, trains on with delta=1.0",
        "keras/src/losses/losses.py, Huber: it has no get_config with delta",
        """
loss = keras.losses.Huber(delta=2.0)
again = keras.losses.Huber.from_config(loss.get_config())
print(float(again([0.0], [10.0])), "is not", float(loss([0.0], [10.0])))
""",
    ),
    _departure(
        "keras-simple-rnn-forgets-seed",
        r"True False",
        "SimpleRNN(seed=7) does not list its seed, as LSTM and GRU do: saved and loaded, its "
        "dropout draws from another",
        "keras/src/layers/rnn/simple_rnn.py, SimpleRNN.get_config",
        """
kinds = keras.layers.LSTM, keras.layers.SimpleRNN
print(*("seed" in kind(2, dropout=0.5, seed=7).get_config() for kind in kinds))
""",
    ),
    _departure(
        "keras-h5-of-a-named-loss",
        r"ValueError: Could not deserialize",
        "a model compiled with the loss or metric 'mse' by its short name is saved to an .h5 file "
        "without a word, and cannot be loaded from it; compile=False loads it, and .keras files do",
        "keras/src/saving/serialization_lib.py, _retrieve_class_or_fn, of the name 'mse' that "
        "keras/src/legacy/saving/saving_utils.py wrote and losses.deserialize is given",
        """
import tempfile
model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
with tempfile.TemporaryDirectory() as folder:
    model.save(folder + "/model.h5")
    try:
        keras.models.load_model(folder + "/model.h5")
    except ValueError as error:
        print("ValueError:", error)
""",
    ),
    _departure(
        "keras-random-translation-in-float32",
        r"float64 True",
        "RandomTranslation with its bilinear interpolation, the default, moves float64 images "
        "through float32, also by whole pixels",
        "keras/src/backend/tensorflow/image.py, affine_transform: ImageProjectiveTransformV3 "
        "interpolates in float32",
        """
x = tf.random.stateless_normal((1, 8, 8, 1), (1, 2), dtype="float64")
layer = keras.layers.RandomTranslation(0.25, 0.25, dtype="float64", seed=1)
y = layer(x, training=True).numpy()
print(y.dtype, bool((y == y.astype("float32")).all()), ": every number of it is a float32")
""",
    ),
)
