"""Tables, graphs, mixtures, noise, and what a program's own operations are made of."""

import numpy as np

from equivalence.plants.ordinary.drawing import normal, one_hot


def dense(keras, layers, rng):
    model = keras.Sequential(
        [keras.Input((5,)), layers.Dense(7, "tanh"), layers.Dense(4, "relu"), layers.Dense(3)]
    )
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True), "mse")
    return model, normal(rng, 12, 5), normal(rng, 12, 3)


def noisy(keras, layers, rng):
    """Every layer that draws."""
    model = keras.Sequential(
        [
            keras.Input((6,)),
            layers.GaussianNoise(0.1),
            layers.Dense(8, "selu"),
            layers.AlphaDropout(0.2),
            layers.Dense(8, "mish"),
            layers.GaussianDropout(0.2),
            layers.Dense(6, "hard_sigmoid"),
            layers.Dropout(0.5),
            layers.ActivityRegularization(1e-3, 1e-3),
            layers.Dense(2, "celu"),
        ]
    )
    model.compile("adam", "mse")
    return model, normal(rng, 6, 6), normal(rng, 6, 2)


def graph_network(keras, layers, rng):
    """Messages along the edges of a graph, summed, averaged and taken the largest of."""
    import tensorflow as tf

    senders = np.array([0, 1, 2, 3, 4, 5, 0, 2, 5])
    receivers = np.array([1, 2, 0, 4, 5, 3, 3, 5, 0])

    class Messages(layers.Layer):
        def __init__(self, units):
            super().__init__()
            self.of_edges, self.of_nodes = layers.Dense(units, "relu"), layers.Dense(units)

        def call(self, nodes):
            ends = tf.gather(nodes, senders), tf.gather(nodes, receivers)
            messages = self.of_edges(tf.concat(ends, 1))
            found = tf.math.unsorted_segment_sum(messages, receivers, 6)
            mean = tf.math.unsorted_segment_mean(messages, receivers, 6)
            largest = tf.math.unsorted_segment_max(messages, receivers, 6)
            return self.of_nodes(tf.concat([nodes, found, mean, largest], 1))

    i = keras.Input(batch_shape=(6, 4))
    x = layers.ReLU()(Messages(5)(i))
    pooled = layers.Lambda(lambda n: tf.math.segment_sum(n, [0, 0, 0, 1, 1, 1]))(Messages(5)(x))
    again = layers.Lambda(lambda p: tf.gather(p, [0, 0, 0, 1, 1, 1]))(pooled)
    model = keras.Model(i, layers.Dense(2)(again))
    model.compile("adam", "mse")
    return model, normal(rng, 6, 4), normal(rng, 6, 2)


def sparse_graph(keras, layers, rng):
    """A graph convolution by a sparse matrix."""
    import tensorflow as tf

    places = [[0, 0], [0, 2], [1, 1], [2, 0], [2, 3], [3, 3]]
    weights = np.array([0.5, 0.5, 1.0, 0.25, 0.75, 1.0], np.float32)

    class Convolution(layers.Layer):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(3)

        def call(self, nodes):
            matrix = tf.sparse.SparseTensor(places, weights, (4, 4))
            return tf.sparse.sparse_dense_matmul(matrix, self.dense(nodes))

    model = keras.Sequential([keras.Input(batch_shape=(4, 5)), Convolution()])
    model.compile("sgd", "mse")
    return model, normal(rng, 4, 5), normal(rng, 4, 3)


def experts(keras, layers, rng):
    """The best two of four experts for each sample, sorted, and what they sum to."""
    import tensorflow as tf

    class Mixture(layers.Layer):
        def __init__(self):
            super().__init__()
            self.gate = layers.Dense(4)
            self.of_experts = layers.EinsumDense("bi,iek->bek", (4, 3))

        def call(self, x):
            best, which = tf.math.top_k(self.gate(x), 2)
            shares = tf.nn.softmax(best)
            told = tf.gather(self.of_experts(x), which, batch_dims=1)
            return tf.einsum("bek,be->bk", told, shares)

    class Sorted(layers.Layer):
        def call(self, x):
            up = tf.sort(x, axis=-1)
            down = tf.sort(x, axis=-1, direction="DESCENDING")
            return tf.cumsum(up, axis=-1, exclusive=True) + tf.math.cumprod(down, axis=-1)

    model = keras.Sequential([keras.Input((5,)), Mixture(), Sorted()])
    model.compile("adam", "mse")
    return model, normal(rng, 6, 5), normal(rng, 6, 3)


def branches(keras, layers, rng):
    """tf.cond, tf.while_loop, tf.custom_gradient, a switch, and a map of samples."""
    import tensorflow as tf

    @tf.custom_gradient
    def through(x):
        return tf.nn.softplus(x), lambda flow: flow * tf.sigmoid(x)

    class Branches(layers.Layer):
        def build(self, shape):
            self.scale = self.add_weight(shape=(shape[-1],), initializer="ones")

        def call(self, x):
            y = tf.cond(tf.reduce_sum(x) > 0, lambda: x * self.scale, lambda: x - self.scale)
            _, z = tf.while_loop(
                lambda k, z: k < 3, lambda k, z: (k + 1, tf.sin(z) * self.scale + z), (0, y)
            )
            which = tf.cast(tf.reduce_max(x) > 0, tf.int32)
            z = tf.switch_case(which, [lambda: z, lambda: tf.atan(z)])
            z = tf.map_fn(lambda row: row / (1 + tf.reduce_sum(tf.abs(row))), z)
            return z + 0.1 * through(3 * z)

    model = keras.Sequential([keras.Input((4,)), layers.Dense(4), Branches(), layers.Dense(1)])
    model.compile("sgd", "mse")
    return model, normal(rng, 6, 4), normal(rng, 6, 1)


def wide_and_deep(keras, layers, rng):
    """Classes looked up, numbers normalized, outputs with losses, metrics and weights each."""
    numbers, classes = keras.Input((3,), name="numbers"), keras.Input((2,), dtype="int32")
    deep = layers.Flatten()(layers.Embedding(9, 4, embeddings_regularizer="l2")(classes))
    hot = layers.CategoryEncoding(9, output_mode="multi_hot")(classes)
    scaled = layers.Rescaling(0.5, 0.1)(numbers)
    x = layers.Concatenate()([deep, scaled])
    dense = layers.Dense(
        6,
        "relu",
        kernel_regularizer=keras.regularizers.L1L2(1e-3, 1e-3),
        kernel_constraint="max_norm",
    )
    x = dense(x)
    yes = layers.Dense(1, "sigmoid", name="yes")(layers.Concatenate()([x, hot]))
    size = layers.Dense(1, "softplus", name="size")(x)
    model = keras.Model([numbers, classes], [yes, size])
    losses = {"yes": "binary_focal_crossentropy", "size": "poisson"}
    metrics = {"yes": ["AUC", "accuracy", "Precision"], "size": ["RootMeanSquaredError", "mape"]}
    model.compile("ftrl", losses, loss_weights={"yes": 1.0, "size": 0.2}, metrics=metrics)
    x = [normal(rng, 8, 3), rng.integers(9, size=(8, 2))]
    y = {"yes": rng.integers(2, size=(8, 1)), "size": rng.integers(5, size=(8, 1)) * 1.0}
    return model, x, y


def own_operations(keras, layers, rng):
    """Functions of one number that few layers have."""
    import tensorflow as tf

    functions = (
        tf.math.erf,
        tf.math.asinh,
        tf.math.sinh,
        tf.math.cosh,
        lambda x: tf.math.acosh(1.5 + tf.abs(x)),
        lambda x: tf.math.atanh(0.5 * tf.tanh(x)),
        tf.math.log_sigmoid,
        lambda x: tf.math.tan(0.3 * x),
        lambda x: tf.math.asin(0.3 * tf.tanh(x)),
        lambda x: tf.math.acos(0.3 * tf.tanh(x)),
        lambda x: tf.math.xlogy(tf.abs(x), 1 + tf.abs(x)),
        lambda x: tf.math.reduce_logsumexp(x, -1, keepdims=True),
        lambda x: tf.linalg.band_part(x, 1, 0),
        lambda x: tf.math.l2_normalize(x, -1),
        lambda x: tf.norm(x, axis=-1, keepdims=True),
        lambda x: tf.roll(x, 1, -1),
        lambda x: tf.linalg.diag(tf.linalg.diag_part(x[:4, :4])[:1, None])[0, 0],
        lambda x: tf.clip_by_norm(x, 1.0),
        lambda x: tf.tensor_scatter_nd_update(x, [[0]], x[1:2]),
        lambda x: tf.tensor_scatter_nd_add(x, [[1], [1]], x[:2]),
        lambda x: tf.where(x > 0, x, tf.exp(x)),
        lambda x: tf.math.reduce_std(x, -1, keepdims=True),
        lambda x: tf.math.reduce_prod(1 + 0.1 * x, -1, keepdims=True),
    )

    class Sum(layers.Layer):
        def call(self, x):
            return tf.add_n([tf.broadcast_to(f(x), tf.shape(x)) for f in functions])

    model = keras.Sequential([keras.Input((4,)), layers.Dense(4), Sum()])
    model.compile("sgd", "mse")
    return model, normal(rng, 6, 4), normal(rng, 6, 4)


def linear_algebra(keras, layers, rng):
    import tensorflow as tf

    class Gaussian(layers.Layer):
        """The density of a normal distribution whose covariance is learned."""

        def build(self, shape):
            self.root = self.add_weight(shape=(3, 3), initializer="identity")

        def call(self, x):
            covariance = tf.matmul(self.root, self.root, transpose_b=True) + 0.1 * tf.eye(3)
            factor = tf.linalg.cholesky(covariance)
            solved = tf.linalg.triangular_solve(factor, tf.transpose(x))
            logs = tf.reduce_sum(tf.math.log(tf.linalg.diag_part(factor)))
            return tf.reduce_sum(tf.square(solved), 0)[:, None] + 2 * logs

    model = keras.Sequential([keras.Input((3,)), Gaussian()])
    model.compile("sgd", "mse")
    return model, normal(rng, 5, 3), normal(rng, 5, 1)


def module(keras, layers, rng):
    """A program without Keras: a tf.Module, its own loop over its variables."""
    import tensorflow as tf

    class Net(tf.Module):
        def __init__(self):
            super().__init__()
            self.w = tf.Variable(normal(rng, 4, 3), name="w")
            self.b = tf.Variable(np.zeros(3, np.float32), name="b")
            self.table = tf.Variable(normal(rng, 7, 4), name="table")
            self.counts = tf.Variable(np.zeros(7, np.float32), trainable=False, name="counts")

        def __call__(self, numbers):
            rows = tf.nn.embedding_lookup(self.table, numbers)
            return tf.nn.crelu(rows @ self.w + self.b)

    net = Net()

    def step(numbers, y):
        net.counts.scatter_add(tf.IndexedSlices(tf.ones_like(y[:, 0]), numbers))
        with tf.GradientTape() as tape:
            loss = tf.nn.l2_loss(net(numbers) - y)
        weights = net.trainable_variables
        for weight, gradient in zip(weights, tape.gradient(loss, weights)):
            if isinstance(gradient, tf.IndexedSlices):
                weight.scatter_sub(tf.IndexedSlices(0.1 * gradient.values, gradient.indices))
            else:
                weight.assign_sub(0.1 * gradient)
        return loss

    return step, rng.integers(7, size=6), normal(rng, 6, 6)


def spectrum(keras, layers, rng):
    """A Fourier transform inside of a model."""
    import tensorflow as tf

    class Mixing(layers.Layer):
        def call(self, x):
            return tf.math.real(tf.signal.fft2d(tf.cast(x, tf.complex64)))

    i = keras.Input((4, 4))
    x = layers.LayerNormalization()(i + Mixing()(layers.Dense(4)(i)))
    model = keras.Model(i, layers.Dense(1)(layers.Flatten()(x)))
    model.compile("adam", "mse")
    return model, normal(rng, 4, 4, 4), normal(rng, 4, 1)


def losses(keras, layers, rng):
    """All losses of numbers beside each other, one output each, and all metrics of them."""
    names = (
        "mean_squared_error", "mean_absolute_error", "mean_absolute_percentage_error",
        "mean_squared_logarithmic_error", "cosine_similarity", "huber", "log_cosh", "poisson",
        "kl_divergence", "hinge", "squared_hinge", "categorical_hinge", "binary_crossentropy",
        "binary_focal_crossentropy", "categorical_crossentropy", "categorical_focal_crossentropy",
        "tversky", "dice",
    )  # fmt: skip
    i = keras.Input((4,))
    x = layers.Dense(5, "tanh")(i)
    outputs = [layers.Dense(3, "softmax", name=f"to_{name}")(x) for name in names]
    model = keras.Model(i, outputs)
    metrics = [
        "mse", "mae", "mape", "msle", "cosine_similarity", "poisson", "kl_divergence",
        keras.metrics.LogCoshError(),
        "hinge", "squared_hinge", "categorical_hinge", "binary_crossentropy",
        "categorical_crossentropy", "categorical_accuracy", "binary_accuracy",
        "top_k_categorical_accuracy", keras.metrics.R2Score(), keras.metrics.F1Score(),
        keras.metrics.OneHotMeanIoU(3),
    ]  # fmt: skip
    each = [metrics if k == 0 else [] for k in range(len(names))]
    model.compile("sgd", list(names), metrics=each)
    return model, normal(rng, 6, 4), [one_hot(rng, 6, 3) for _ in names]


def binary_metrics(keras, layers, rng):
    """All metrics of yes and no."""
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1, "sigmoid")])
    m = keras.metrics
    metrics = [
        m.AUC(num_thresholds=9), m.AUC(curve="PR"), m.Precision(), m.Recall(),
        m.TruePositives(), m.FalseNegatives(), m.SensitivityAtSpecificity(0.5),
        m.PrecisionAtRecall(0.5), m.BinaryIoU(), m.FBetaScore(threshold=0.5),
        m.BinaryAccuracy(threshold=0.4), m.MeanIoU(2),
    ]  # fmt: skip
    model.compile(
        keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD()),
        "squared_hinge",
        metrics=metrics,
    )
    return model, normal(rng, 8, 4), rng.integers(2, size=(8, 1))


MODELS = (
    dense,
    noisy,
    graph_network,
    sparse_graph,
    experts,
    branches,
    wide_and_deep,
    own_operations,
    linear_algebra,
    module,
    spectrum,
    losses,
    binary_metrics,
)
