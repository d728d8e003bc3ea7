"""Training steps as people write them: what is held of them, and what is not called wrong.

Each of these programs is honest, so its numbers are inside, its gradients are proved, and no part
of it is called another mathematics than its own.
"""

import sys
from dataclasses import dataclass

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.turns import thinned
from keras import layers, ops
from scipy.optimize import linear_sum_assignment

import equivalence
from equivalence.errors import BadInput
from equivalence.graph import recognised
from equivalence.graph.step import weights_of_classes

pytestmark = pytest.mark.tensorflow

RNG = np.random.default_rng(0)


def normal(*shape):
    return RNG.normal(size=shape).astype(np.float32)


def classes(samples, count):
    return RNG.integers(0, count, samples).astype(np.int32)


def dense(*units, inputs=3, activation="tanh"):
    """Return a net of dense layers, with an activation behind all but the last."""
    *inner, last = units
    hidden = [layers.Dense(unit, activation) for unit in inner]
    return keras.Sequential([layers.Input((inputs,)), *hidden, layers.Dense(last)])


def optimizer_of(optimizer, variables):
    optimizer.build(variables)
    return optimizer


def differential_equation():
    """Raissi and others 2019: the loss has derivatives of the net by its inputs."""
    net = dense(6, 6, 1, inputs=2)
    optimizer = optimizer_of(keras.optimizers.Adam(1e-3), net.trainable_variables)

    def step(x, y):
        with tf.GradientTape() as tape:
            with tf.GradientTape() as second:
                second.watch(x)
                with tf.GradientTape() as first:
                    first.watch(x)
                    u = net(x)
                slope = first.gradient(u, x)
            bend = second.gradient(slope, x)
            residual = slope[:, 1:] + u * slope[:, :1] - 0.01 * bend[:, :1]
            loss = tf.reduce_mean(residual**2) + tf.reduce_mean((u - y) ** 2)
        gradients = tape.gradient(loss, net.trainable_variables)
        optimizer.apply_gradients(zip(gradients, net.trainable_variables))

    return step, normal(8, 2), normal(8, 1), {}


def learning_to_learn():
    """Finn and others 2017: a gradient through a gradient step, of tf.Variables."""
    w, b = tf.Variable(normal(3, 1)), tf.Variable([0.0])
    optimizer = optimizer_of(keras.optimizers.SGD(0.1), [w, b])

    def step(x, y):
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                inner.watch([w, b])
                loss = tf.reduce_mean((x @ w + b - y) ** 2)
            by_w, by_b = inner.gradient(loss, [w, b])
            moved = x @ (w - 0.1 * by_w) + (b - 0.1 * by_b)
            loss = tf.reduce_mean(tf.nn.softplus(moved * y))
        optimizer.apply_gradients(zip(outer.gradient(loss, [w, b]), [w, b]))

    return step, normal(8, 3), normal(8, 1), {}


def gradient_penalty():
    """Gulrajani and others 2017: a penalized slope; two optimizers that the step builds."""

    class Gan(keras.Model):
        def __init__(self):
            super().__init__()
            self.maker, self.critic = dense(6, 4), dense(6, 1, inputs=4)
            self.seed = keras.random.SeedGenerator(1)

        def compile(self, of_maker, of_critic):
            super().compile()
            self.of_maker, self.of_critic = of_maker, of_critic

        def train_step(self, data):
            (x,) = data
            z = keras.random.normal((5, 3), seed=self.seed)
            with tf.GradientTape() as tape:
                made = self.maker(z)
                share = keras.random.uniform((5, 1), seed=self.seed)
                between = share * x + (1 - share) * made
                with tf.GradientTape() as inner:
                    inner.watch(between)
                    judged = self.critic(between)
                slope = inner.gradient(judged, between)
                length = tf.sqrt(tf.reduce_sum(tf.square(slope), 1))
                loss = tf.reduce_mean(self.critic(made)) - tf.reduce_mean(self.critic(x))
                loss += 10.0 * tf.reduce_mean((length - 1) ** 2)
            weights = self.critic.trainable_variables
            self.of_critic.apply_gradients(zip(tape.gradient(loss, weights), weights))
            with tf.GradientTape() as tape:
                loss = -tf.reduce_mean(self.critic(self.maker(z)))
            weights = self.maker.trainable_variables
            self.of_maker.apply_gradients(zip(tape.gradient(loss, weights), weights))
            return {"loss": loss}

    model = Gan()
    model.compile(keras.optimizers.Adam(1e-3, 0.5, 0.9), keras.optimizers.Adam(1e-3, 0.5, 0.9))
    return model, normal(5, 4), None, {}


def codebook():
    """van den Oord and others 2017: the nearest of a codebook, and a gradient around it."""

    class Nearest(layers.Layer):
        def build(self, shape):
            self.codes = self.add_weight(shape=(4, 5), initializer="random_uniform")

        def call(self, x):
            far = ops.sum(x**2, 1, keepdims=True) + ops.sum(self.codes**2, 0)
            far = far - 2 * ops.matmul(x, self.codes)
            near = ops.one_hot(ops.argmin(far, 1), 5) @ ops.transpose(self.codes)
            self.add_loss(ops.mean((near - ops.stop_gradient(x)) ** 2))
            self.add_loss(0.25 * ops.mean((ops.stop_gradient(near) - x) ** 2))
            return x + ops.stop_gradient(near - x)

    inputs = layers.Input((3,))
    outputs = layers.Dense(3)(Nearest()(layers.Dense(4)(inputs)))
    model = keras.Model(inputs, outputs)
    model.compile("adam", "mse")
    x = normal(6, 3)
    return model, x, x, {}


def translation():
    """Sutskever and others 2014: a GRU starts from the states of another one."""
    source, target = layers.Input((3,), dtype="int32"), layers.Input((2,), dtype="int32")
    states = layers.GRU(3)(layers.Embedding(7, 4, mask_zero=True)(source))
    told = layers.Embedding(7, 4, mask_zero=True)(target)
    read = layers.GRU(3, return_sequences=True)(told, initial_state=states)
    model = keras.Model([source, target], layers.Dense(7, "softmax")(read))
    model.compile("rmsprop", "sparse_categorical_crossentropy")
    x = [RNG.integers(0, 7, (3, length)).astype(np.int32) for length in (3, 2)]
    return model, x, RNG.integers(0, 7, (3, 2)), {}


def two_tapes():
    """Two losses behind one layer, each with its own tape's gradients and optimizer."""
    trunk, left, right = dense(4), dense(2, inputs=4), dense(2, inputs=4)
    both = trunk.trainable_variables + left.trainable_variables
    first = optimizer_of(keras.optimizers.SGD(0.1), both)
    second = optimizer_of(keras.optimizers.Adam(0.01), right.trainable_variables)

    def step(x, y):
        with tf.GradientTape(persistent=True) as tape:
            h = trunk(x)
            near = tf.reduce_mean((left(h) - y) ** 2)
            far = tf.reduce_mean(tf.abs(right(h) - y))
        first.apply_gradients(zip(tape.gradient(near, both), both))
        weights = right.trainable_variables
        second.apply_gradients(zip(tape.gradient(far, weights), weights))

    return step, normal(6, 3), normal(6, 2), {}


def without_a_call():
    """A model that is trained by its own step, and has no call of its own."""

    class Coder(keras.Model):
        def __init__(self):
            super().__init__()
            self.coder, self.decoder = dense(2), dense(3, inputs=2)

        def train_step(self, data):
            (x,) = data
            with tf.GradientTape() as tape:
                loss = ops.mean(ops.square(self.decoder(self.coder(x)) - x))
            weights = self.trainable_variables
            self.optimizer.apply(tape.gradient(loss, weights), weights)
            return {"loss": loss}

    model = Coder()
    model.compile("adam")
    return model, normal(6, 3), None, {}


def weighted_classes():
    """``fit``'s weights of classes."""
    model = dense(4, 3)
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model, normal(8, 3), classes(8, 3), {"class_weight": {0: 1.0, 1: 2.0, 2: 0.5}}


def weighed_sequences():
    """Steps that are masked, and steps that weigh more than others."""
    model = keras.Sequential(
        [layers.Input((4, 2)), layers.Masking(), layers.SimpleRNN(3, return_sequences=True)]
    )
    model.compile("sgd", "mse")
    x = normal(3, 4, 2)
    x[1, 2:] = 0
    return model, x, normal(3, 4, 3), {"sample_weight": np.abs(normal(3, 4))}


def spelled_words():
    """Graves and others 2006: labels without places, behind a recurrent layer."""
    model = keras.Sequential(
        [layers.Input((6, 3)), layers.SimpleRNN(4, return_sequences=True), layers.Dense(5)]
    )
    model.compile("adam", keras.losses.CTC())
    return model, normal(2, 6, 3), RNG.integers(1, 5, (2, 3)), {}


def some_nodes():
    """Rows by their numbers flow back to an output, and a layer takes a constant from outside."""
    net = dense(4, 3)
    optimizer = optimizer_of(keras.optimizers.SGD(0.1), net.trainable_variables)
    nodes = tf.constant(normal(7, 3))

    def step(places, labels):
        with tf.GradientTape() as tape:
            logits = tf.gather(net.layers[1](net.layers[0](nodes)), places)
            loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
        gradients = tape.gradient(loss, net.trainable_variables)
        optimizer.apply_gradients(zip(gradients, net.trainable_variables))

    return step, classes(4, 7), classes(4, 3), {}


def counts_and_angles():
    """Likelihoods of counts and of Student's t, a quantile, von Mises' directions."""
    net = dense(4, 4)
    optimizer = optimizer_of(keras.optimizers.SGD(0.01), net.trainable_variables)

    def step(x, y):
        with tf.GradientTape() as tape:
            mean, width, sine, cosine = tf.unstack(tf.nn.softplus(net(x)), axis=1)
            far = width + 0.5
            loss = tf.math.lgamma(y + far) - tf.math.lgamma(far) - y * tf.math.log(mean + far)
            loss += tf.math.erfinv(tf.tanh(mean) * 0.5) + tf.math.ndtri(tf.sigmoid(width))
            angle = tf.math.atan2(sine, -cosine)
            loss += tf.math.log(tf.math.bessel_i0e(width)) - width * tf.cos(angle - 0.3)
            loss = tf.reduce_mean(loss + tf.math.bessel_i1(mean) * tf.math.bessel_i0(mean))
        gradients = tape.gradient(loss, net.trainable_variables)
        optimizer.apply_gradients(zip(gradients, net.trainable_variables))

    return step, normal(6, 3), np.float32([0, 3, 1, 1, 7, 2]), {}


def deep_kernel():
    """Wilson and others 2016: a Gaussian process of what a net makes."""
    net = dense(4, 2)
    noise = tf.Variable(0.3)
    weights = [*net.trainable_variables, noise]
    optimizer = optimizer_of(keras.optimizers.SGD(0.01), weights)

    def step(x, y):
        with tf.GradientTape() as tape:
            z = net(x)
            far = tf.reduce_sum((z[:, None] - z[None]) ** 2, -1)
            kernel = tf.exp(-0.5 * far) + tf.nn.softplus(noise) * tf.eye(5)
            fit = tf.reduce_sum(y * tf.linalg.solve(kernel, y))
            volume = tf.linalg.slogdet(kernel)[1] + 0.1 * tf.linalg.det(kernel)
            loss = fit + volume + tf.linalg.trace(tf.linalg.inv(kernel, adjoint=True))
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))

    return step, normal(5, 3), normal(5, 1), {}


def crossed_columns():
    """Cheng and others 2016: columns are crossed by a kernel without a rule; no weight moves it."""
    first, second = (layers.Input((1,), dtype="int32") for _ in range(2))
    crossed = layers.HashedCrossing(num_bins=5, output_mode="one_hot")((first, second))
    model = keras.Model([first, second], layers.Dense(2)(ops.cast(crossed, "float32")))
    model.compile("sgd", "mse")
    return model, [classes(6, 4)[:, None], classes(6, 3)[:, None]], normal(6, 2), {}


def looked_up_words():
    """Cheng and others 2016 as Keras's examples have it: the model itself looks its words up."""
    told = layers.TextVectorization(vocabulary=["cat", "dog", "ran"], output_sequence_length=3)
    job, city, text = (layers.Input((1,), dtype="string") for _ in range(3))
    looked_up = layers.StringLookup(vocabulary=["cook", "nurse"], output_mode="one_hot")
    wide = [looked_up(job), layers.HashedCrossing(4, output_mode="one_hot")((job, city))]
    hashed = layers.Embedding(5, 2)(layers.Hashing(5)(city))
    deep = [layers.Flatten()(hashed), layers.Flatten()(layers.Embedding(5, 2)(told(text)))]
    outputs = layers.Dense(1, "sigmoid")(layers.Concatenate()([*wide, *deep]))
    model = keras.Model([job, city, text], outputs)
    model.compile("adam", "binary_crossentropy")
    words = [["cook", "nurse", "smith"], ["Ulm", "Bern", "Ulm"], ["a cat", "dog cat", "ran"]]
    x = [np.array(column)[:, None] for column in words]
    return model, x, np.float32([[1], [0], [1]]), {}


def step_in_a_function():
    """A step of Python's own around a tf.function with the tape, as loops over epochs have it."""
    net = dense(2, inputs=4)
    optimizer = optimizer_of(keras.optimizers.SGD(0.1), net.trainable_variables)

    @tf.function
    def told(x):
        return net(x)

    @tf.function
    def train(x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((told(x) - y) ** 2)
        weights = net.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))

    return lambda x, y: train(x, y), normal(3, 4), normal(3, 2), {}


def decorated_step():
    """A tf.function of the user's own, with a loop over a tensor, a list that grows, assertions."""
    kernel, state = tf.Variable(normal(3, 4)), tf.Variable(normal(4, 4))
    net = dense(2, inputs=4)
    weights = [kernel, state, *net.trainable_variables]
    optimizer = optimizer_of(keras.optimizers.SGD(0.1), weights)

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            told, h = tf.TensorArray(tf.float32, size=0, dynamic_size=True), tf.zeros((3, 4))
            for k in tf.range(tf.shape(x)[1]):
                h = tf.tanh(x[:, k] @ kernel + h @ state)
                told = told.write(k, h)
            tf.debugging.assert_all_finite(h, "states")
            tf.debugging.assert_less(tf.reduce_max(h), 2.0)
            loss = tf.reduce_mean((net(h) - y) ** 2) + tf.reduce_mean(told.stack() ** 2)
            loss += tf.reduce_mean(told.gather([2, 0]) ** 2) + tf.reduce_mean(told.concat() ** 4)
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))

    return step, normal(3, 4, 3), normal(3, 2), {}


def chances_of_tags():
    """Lafferty and others 2001: a step in Python, with a loop over a tensor; three arguments.

    Adam trains variables of one name: TensorFlow calls all that are given none ``Variable``.
    """
    moves, kernel, bias = (tf.Variable(normal(*shape)) for shape in ((3, 3), (4, 3), (3,)))
    weights = [moves, kernel, bias]
    optimizer = optimizer_of(keras.optimizers.Adam(0.01), weights)

    def step(x, tags, lengths):
        with tf.GradientTape() as tape:
            scores, inside = x @ kernel + bias, tf.sequence_mask(lengths, 5, tf.float32)
            told = tf.reduce_sum(tf.reduce_sum(scores * tf.one_hot(tags, 3), -1) * inside, 1)
            pairs = tf.gather_nd(moves, tf.stack([tags[:, :-1], tags[:, 1:]], -1))
            told += tf.reduce_sum(pairs * inside[:, 1:], 1)
            ways = scores[:, 0]
            for k in tf.range(1, 5):
                further = tf.reduce_logsumexp(ways[:, :, None] + moves, 1) + scores[:, k]
                ways = tf.where(inside[:, k, None] > 0, further, ways)
            loss = tf.reduce_mean(tf.reduce_logsumexp(ways, 1) - told)
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))

    x = normal(3, 5, 4), RNG.integers(0, 3, (3, 5)).astype(np.int32), np.int32([5, 3, 4])
    return step, x, None, {}


def rows_of_unequal_lengths():
    """Gilmer and others 2017 as Keras's example has it; words of sentences; steps turned round."""
    table, kernel = tf.Variable(normal(9, 4)), tf.Variable(normal(4, 2))
    molecules = tf.constant([0, 0, 1, 1, 1, 2, 2, 2])
    weights = [table, kernel]
    optimizer = optimizer_of(keras.optimizers.SGD(0.1), weights)

    def step(words, atoms):
        with tf.GradientTape() as tape:
            rows = tf.RaggedTensor.from_tensor(words, padding=0)
            told = tf.ragged.map_flat_values(tf.nn.embedding_lookup, table, rows)
            box = tf.reverse_sequence(told.to_tensor(), rows.row_lengths(), 1, 0)
            loss = tf.reduce_mean((tf.reduce_mean(told, 1) @ kernel) ** 2) + tf.reduce_sum(box**4)
            parts = tf.dynamic_partition(tf.tanh(atoms @ kernel), molecules, 3)
            many = [tf.shape(part)[0] for part in parts]
            most = tf.reduce_max(many)
            padded = [tf.pad(p, [(0, most - n), (0, 0)]) for p, n in zip(parts, many)]
            loss += tf.reduce_mean(tf.stack(padded) ** 2)
            loss += tf.reduce_sum(tf.linalg.tensor_diag_part(tf.linalg.tensor_diag(kernel)) ** 2)
            loss += tf.math.reduce_euclidean_norm(kernel)
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))

    words = RNG.integers(1, 9, (8, 5))
    words[0, 3:], words[2, 1:] = 0, 0
    return step, words, normal(8, 4), {}


def lonely_nodes():
    """Hamilton and others 2017: the largest of a node's neighbours, where some nodes have none."""
    first, second = layers.Dense(4, "tanh"), layers.Dense(2)
    first.build((None, 3))
    second.build((None, 4))
    weights = first.trainable_variables + second.trainable_variables
    optimizer = optimizer_of(keras.optimizers.SGD(0.1), weights)
    senders, takers = tf.constant([0, 2, 3, 1, 4]), tf.constant([1, 1, 0, 3, 3])

    def step(x, y):
        with tf.GradientTape() as tape:
            told = tf.gather(first(x), senders)
            largest = tf.math.unsorted_segment_max(told, takers, 5)
            largest = tf.where(largest > -1e30, largest, 0.0)
            loss = tf.reduce_mean((second(largest) - y) ** 2)
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))

    return step, normal(5, 3), normal(5, 2), {}


def regions_of_images():
    """He and others 2017: parts of images by boxes that are learnt; Krizhevsky and others 2012."""
    kernel, boxes = tf.Variable(normal(3, 3, 1, 4)), tf.Variable(0.2 + 0.1 * normal(3, 4) ** 2)
    net = dense(2, inputs=24)
    weights = [kernel, boxes, *net.trainable_variables]
    optimizer = optimizer_of(keras.optimizers.SGD(0.1), weights)

    def step(x, y):
        with tf.GradientTape() as tape:
            seen = tf.nn.local_response_normalization(tf.nn.conv2d(x, kernel, 1, "SAME"), 2)
            both = tf.concat([boxes[:, :2], 1 - boxes[:, 2:]], 1)
            parts = tf.image.crop_and_resize(seen, both, [0, 2, 1], (2, 3))
            loss = tf.reduce_mean((net(tf.reshape(parts, (3, 24))) - y) ** 2)
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))

    return step, normal(3, 7, 6, 1), normal(3, 2), {}


def spelled_captchas():
    """TensorFlow 1's loss of labels by their places, as Keras's example of captchas has it."""
    net = keras.Sequential([layers.Input((6, 4)), layers.Dense(5)])
    weights = net.trainable_variables
    optimizer = optimizer_of(keras.optimizers.Adam(0.01), weights)
    places = tf.constant([[0, 0], [0, 1], [1, 0], [1, 1], [1, 2]], tf.int64)

    def step(x):
        with tf.GradientTape() as tape:
            logits = tf.math.log(tf.transpose(tf.nn.softmax(net(x)), [1, 0, 2]) + 1e-7)
            labels = tf.SparseTensor(places, tf.constant([1, 0, 2, 2, 3]), [2, 3])
            losses = tf.compat.v1.nn.ctc_loss(labels, logits, tf.constant([6, 5]))
            loss = tf.reduce_mean(losses)
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))

    return step, normal(2, 6, 4), None, {}


def matched_boxes():
    """Carion and others 2020: SciPy says which box is whose; apart they share nothing."""
    net = dense(6, 4)
    optimizer = optimizer_of(keras.optimizers.SGD(0.1), net.trainable_variables)

    def nearest_first(costs):
        return linear_sum_assignment(costs)[1].astype(np.int32)

    def step(x, boxes):
        with tf.GradientTape() as tape:
            low, size = tf.split(net(x), 2, 1)
            high = low + tf.nn.softplus(size)
            costs = tf.reduce_sum((tf.concat([low, high], 1)[:, None] - boxes) ** 2, -1)
            which = tf.ensure_shape(tf.numpy_function(nearest_first, [costs], tf.int32), [5])
            lower, upper = tf.split(tf.gather(boxes, which), 2, 1)
            sides = tf.maximum(tf.minimum(high, upper) - tf.maximum(low, lower), 0.0)
            shared, own = tf.reduce_prod(sides, -1), tf.reduce_prod(high - low, -1)
            whole = own + tf.reduce_prod(upper - lower, -1) - shared
            loss = 1 - tf.reduce_mean(shared / whole) + 0.1 * tf.reduce_mean((low - lower) ** 2)
        gradients = tape.gradient(loss, net.trainable_variables)
        optimizer.apply_gradients(zip(gradients, net.trainable_variables))

    lower = normal(5, 2)
    return step, normal(5, 3), np.concatenate([lower, lower + 1.5], 1), {}


def sampled_words():
    """Mikolov and others 2013: a few other words, which a kernel draws."""
    table, other, bias = (tf.Variable(normal(*shape)) for shape in ((9, 4), (9, 4), (9,)))
    weights = [table, other, bias]
    optimizer = optimizer_of(keras.optimizers.SGD(0.1), weights)

    def step(words, near):
        with tf.GradientTape() as tape:
            told = tf.nn.embedding_lookup(table, words)
            losses = tf.nn.nce_loss(other, bias, tf.cast(near, tf.int64)[:, None], told, 3, 9)
            loss = tf.reduce_mean(losses)
            words = tf.cast(near, tf.int64)[:, None]
            losses = tf.nn.sampled_softmax_loss(other, bias, words, told, 4, 9)
            loss += tf.reduce_mean(losses)
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))

    return step, classes(6, 9), classes(6, 9), {}


def penalized_pools():
    """Gulrajani and others 2017 behind a largest of each window: a slope that is differentiated."""
    critic = keras.Sequential(
        [layers.Input((6, 6, 1)), layers.Conv2D(3, 3), layers.MaxPooling2D(2), layers.Flatten()]
    )
    critic.add(layers.Dense(1))
    weights = critic.trainable_variables
    optimizer = optimizer_of(keras.optimizers.Adam(0.01), weights)

    def step(x):
        with tf.GradientTape() as tape:
            with tf.GradientTape() as inner:
                inner.watch(x)
                judged = tf.tanh(critic(x))
            slope = inner.gradient(judged, x)
            loss = tf.reduce_mean((tf.norm(slope, axis=[1, 2]) - 1) ** 2)
            largest, places = tf.nn.max_pool_with_argmax(critic.layers[0](x), 2, 2, "SAME")
            loss += tf.reduce_mean(largest * tf.cast(places % 3, tf.float32))
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))

    return step, normal(4, 6, 6, 1), None, {}


class Penalized(keras.Model):
    """A step of one's own whose loss takes its layers' penalties so many times."""

    def __init__(self, times):
        super().__init__()
        penalty = {
            "kernel_regularizer": "l2",
            "bias_regularizer": keras.regularizers.L1L2(0.1, 0.2),
        }
        self.times, self.inner = times, layers.Dense(4, "tanh", **penalty)
        self.outer = layers.Dense(2, kernel_regularizer="l1")

    def call(self, x):
        return self.outer(self.inner(x))

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((self(x) - y) ** 2)
            if self.times:
                loss += sum(self.losses) * self.times if self.times != 1 else sum(self.losses)
        weights = self.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
        return {"loss": loss}


def penalized(times):
    model = Penalized(times)
    model.compile("sgd")
    return model, normal(6, 3), normal(6, 2), {}


def forgotten_penalties():
    """Dinh and others 2017 as Keras's example has it: penalties that the loss leaves out."""
    return penalized(0)


def weighed_penalties():
    """Half of what the layers' penalties are."""
    return penalized(0.5)


def scaled_penalties():
    """Micikevicius and others 2018: the loss is scaled with its penalty, and the gradients back."""
    regular = keras.regularizers.L1(0.1)
    model = keras.Sequential([layers.Input((3,)), layers.Dense(2, kernel_regularizer=regular)])
    inner = keras.optimizers.SGD(0.1)
    model.compile(keras.optimizers.LossScaleOptimizer(inner, initial_scale=8.0), "mse")
    return model, normal(6, 3), normal(6, 2), {}


def borrowed_features():
    """Yosinski and others 2014 as Keras's guide has it: what is frozen runs as in inference."""
    base = keras.Sequential(
        [
            layers.Input((6, 6, 2)),
            layers.Conv2D(3, 3),
            layers.BatchNormalization(),
            layers.ReLU(6.0),
            layers.Dropout(0.3),
        ]
    )
    base.trainable = False
    inputs = layers.Input((6, 6, 2))
    told = layers.GlobalAveragePooling2D()(base(inputs, training=False))
    model = keras.Model(inputs, layers.Dense(1)(layers.Dropout(0.2)(told)))
    model.compile("adam", keras.losses.BinaryCrossentropy(from_logits=True))
    return model, normal(4, 6, 6, 2), np.float32(classes((4, 1), 2)), {}


def taught_by_itself():
    """Tarvainen and Valpola 2017: a teacher that is the mean of its pupil, statistics and all."""
    pupil, teacher = (
        keras.Sequential([layers.Input((3,)), layers.Dense(4), layers.BatchNormalization()])
        for _ in range(2)
    )
    weights = pupil.trainable_variables
    optimizer = optimizer_of(keras.optimizers.Adam(1e-3), weights)

    def step(x, z):
        with tf.GradientTape() as tape:
            told = teacher(z, training=False)
            loss = tf.reduce_mean((pupil(x, training=True) - told) ** 2)
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
        for mean, value in zip(teacher.weights, pupil.weights):
            mean.assign(0.9 * mean + 0.1 * value)

    return step, normal(6, 3), normal(6, 3), {}


def forgotten_mode():
    """A model of one's own whose call does not say that it trains: both run as in inference."""

    class Forgetful(keras.Model):
        def __init__(self):
            super().__init__()
            self.inner, self.norm = layers.Dense(4), layers.BatchNormalization()
            self.drop, self.outer = layers.Dropout(0.5), layers.Dense(1)

        def call(self, x):
            return self.outer(self.drop(self.norm(self.inner(x))))

    model = Forgetful()
    model.compile("adam", "mse")
    return model, normal(6, 3), normal(6, 1), {}


def continued_sequences():
    """Graves 2013: a batch starts from the states in which the one before ended, in each layer."""
    both = layers.Bidirectional(layers.LSTM(2, stateful=True))
    model = keras.Sequential(
        [layers.Input((4, 2), 3), layers.GRU(3, stateful=True, return_sequences=True), both]
    )
    model.compile("rmsprop", "mse")
    return model, normal(6, 4, 2), normal(6, 4), {"batch_size": 3}


def images_of_bytes():
    """Whole numbers are made smaller in the step, as a pipeline's map does it, and colored."""
    net = dense(2, inputs=27)
    optimizer = optimizer_of(keras.optimizers.SGD(0.1), net.trainable_variables)

    def step(images, y):
        parts = [tf.image.resize(images, (3, 3), way) for way in ("bilinear", "bicubic", "area")]
        x = tf.image.adjust_saturation(tf.add_n(parts) / 900, 1.2)
        x = tf.image.adjust_hue(tf.image.adjust_contrast(x, 1.3), 0.1)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((net(tf.reshape(x, (4, 27))) - y) ** 2)
        gradients = tape.gradient(loss, net.trainable_variables)
        optimizer.apply_gradients(zip(gradients, net.trainable_variables))

    return step, RNG.integers(0, 256, (4, 5, 7, 3)).astype(np.uint8), normal(4, 2), {}


def scores_under_the_least_float():
    """Attention whose mask is the lowest of all floats, as many have it, and its logarithms."""
    kernel = tf.Variable(normal(3, 3))
    optimizer = optimizer_of(keras.optimizers.SGD(0.1), [kernel])

    def step(x, seen):
        with tf.GradientTape() as tape:
            scores = x @ kernel @ tf.transpose(x) + (1 - seen) * x.dtype.min
            told = tf.nn.softmax(scores) @ x
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.range(5), scores)
            loss = tf.reduce_mean(told**2) + tf.reduce_mean(losses)
        optimizer.apply_gradients([(tape.gradient(loss, kernel), kernel)])

    return step, normal(5, 3), np.tri(5, dtype=np.float32), {}


def attention_along_edges():
    """Velickovic and others 2018: a node looks at its neighbours alone, and scores itself."""
    kernel, own = tf.Variable(normal(3, 3)), tf.Variable(normal(4, 4))
    optimizer = optimizer_of(keras.optimizers.SGD(0.1), [kernel, own])
    edges = np.array([[0, 1], [0, 2], [1, 1], [3, 0], [3, 2]])
    sparse = lambda values: tf.SparseTensor(edges, values, (4, 4))

    def step(x, y):
        with tf.GradientTape() as tape:
            h = x @ kernel
            told = tf.reduce_sum(tf.gather(h, edges[:, 0]) * tf.gather(h, edges[:, 1]), 1)
            shares = tf.sparse.softmax(sparse(told))
            weighed = shares * tf.reduce_sum(h, axis=1, keepdims=True)
            many = tf.sparse.reduce_sum(weighed, axis=1, keepdims=True)
            turned = tf.sparse.to_dense(tf.sparse.transpose(shares))
            scaled = tf.einsum("ii,ij->ij", own, turned @ h)
            loss = tf.reduce_mean((scaled + many - y) ** 2)
        optimizer.apply_gradients(zip(tape.gradient(loss, [kernel, own]), [kernel, own]))

    return step, normal(4, 3), normal(4, 3), {}


def bags_of_words():
    """A table of few words for each sample, of which one has none, as recommenders look them up."""
    table = tf.Variable(normal(7, 3))
    optimizer = optimizer_of(keras.optimizers.SGD(0.1), [table])
    places = np.array([[0, 0], [0, 1], [2, 0], [3, 0], [3, 1], [3, 2]])

    def step(words, y):
        bags = tf.SparseTensor(places, tf.reshape(words, [-1])[:6], (4, 3))
        with tf.GradientTape() as tape:
            both = [
                tf.nn.safe_embedding_lookup_sparse(table * 1.0, bags, combiner=way)
                for way in ("mean", "sqrtn", "sum")
            ]
            loss = tf.reduce_mean((tf.add_n(both) - y) ** 2)
        optimizer.apply_gradients([(tape.gradient(loss, table), table)])

    return step, RNG.integers(0, 7, (4, 2)), normal(4, 3), {}


@dataclass(frozen=True)
class Program:
    """A row: what makes (step, x, y, options of certify), and the parts that are no own code."""

    build: object
    known: tuple = ()

    @property
    def name(self):
        return self.build.__name__.replace("_", " ")


PROGRAMS = (
    Program(differential_equation, ("dense", "dense", "dense", "adam")),
    Program(learning_to_learn, ("sgd",)),
    Program(gradient_penalty, ("dense", "dense", "dense", "dense", "adam", "adam")),
    Program(codebook, ("dense", "dense", "mean_squared_error", "adam")),
    Program(
        translation,
        (
            *("embedding", "embedding", "gru", "gru", "dense"),
            *("sparse_categorical_crossentropy_logits", "rmsprop"),
        ),
    ),
    Program(two_tapes, ("dense", "dense", "dense", "adam", "sgd")),
    Program(without_a_call, ("dense", "dense", "adam")),
    Program(
        weighted_classes,
        ("dense", "dense", "sparse_categorical_crossentropy_logits", "sgd"),
    ),
    Program(weighed_sequences, ("masking", "simple_rnn", "mean_squared_error", "sgd")),
    Program(some_nodes, ("dense", "sgd")),
    Program(counts_and_angles, ("dense", "dense", "sgd")),
    Program(deep_kernel, ("dense", "dense", "sgd")),
    Program(crossed_columns, ("dense", "mean_squared_error", "sgd")),
    Program(
        looked_up_words,
        (
            *("embedding", "embedding", "flatten", "flatten", "concatenate", "dense"),
            *("binary_crossentropy_logits", "adam"),
        ),
    ),
    Program(decorated_step, ("dense", "sgd")),
    Program(step_in_a_function, ("dense", "sgd")),
    Program(chances_of_tags, ("adam",)),
    Program(rows_of_unequal_lengths, ("sgd",)),
    Program(lonely_nodes, ("dense", "dense", "sgd")),
    Program(regions_of_images, ("dense", "sgd")),
    Program(spelled_captchas, ("dense", "adam")),
    Program(matched_boxes, ("dense", "dense", "sgd")),
    Program(sampled_words, ("sgd",)),
    Program(penalized_pools, ("convolution", "max_pooling", "flatten", "dense", "adam")),
    Program(forgotten_penalties, ("dense", "dense", "sgd")),
    Program(weighed_penalties, ("dense", "dense", "sgd")),
    Program(scaled_penalties, ("dense", "mean_squared_error", "loss_scale_optimizer")),
    Program(
        borrowed_features,
        (
            *("convolution", "batch_normalization", "general_relu", "dropout", "dropout"),
            *("global_average_pooling", "dense", "binary_crossentropy_logits", "adam"),
        ),
    ),
    Program(
        taught_by_itself, ("dense", "dense", "batch_normalization", "batch_normalization", "adam")
    ),
    Program(
        forgotten_mode,
        ("dense", "dense", "batch_normalization", "dropout", "mean_squared_error", "adam"),
    ),
    Program(continued_sequences, ("gru", "lstm", "lstm", "lstm", "mean_squared_error", "rmsprop")),
    Program(images_of_bytes, ("dense", "sgd")),
    Program(scores_under_the_least_float, ("sgd",)),
    Program(attention_along_edges, ("sgd",)),
    Program(bags_of_words, ("sgd",)),
    Program(spelled_words, ("simple_rnn", "dense", "ctc", "adam")),
)


@pytest.mark.parametrize("row", thinned(2, PROGRAMS), ids=lambda row: row.name)
def test_an_honest_program_is_held_whole_and_called_right(row):
    step, x, y, options = row.build()
    report = equivalence.certify(step, x, y, steps=2, **options)
    assert report.verdict == "rounding-identical", report
    assert report.gradient.proved and report.complete, report
    known = {(p.name, p.file) for p in report.mathematics if p.file}
    files = [file.rpartition("/")[2].removesuffix(".py") for _, file in known]
    assert sorted(files) == sorted(row.known), report


def test_a_function_with_loops_on_tensors_is_called_and_a_tape_in_it_is_told():
    kernel, optimizer = tf.Variable(normal(4, 4)), keras.optimizers.SGD(0.1)
    optimizer.build([kernel])

    @tf.function
    def train(x):
        with tf.GradientTape() as tape:
            h = x
            for _ in tf.range(3):
                h = tf.tanh(h @ kernel)
            loss = tf.reduce_sum(h)
        optimizer.apply_gradients([(tape.gradient(loss, kernel), kernel)])

    report = equivalence.certify(lambda x: train(x), normal(3, 4), None, steps=1)
    assert report.verdict == "rounding-identical" and report.complete
    assert report.gradient.without.startswith("a tape is asked inside of a loop or function")
    assert type(train).__call__.__name__ == "__call__"


def test_a_layer_at_rest_that_computes_as_in_training_is_not_its_own_mathematics(monkeypatch):
    norm = layers.BatchNormalization
    plain = norm.call
    trained = lambda self, x, training=None, mask=None: plain(self, x, training=True, mask=mask)
    monkeypatch.setattr(norm, "call", trained)
    model, x, y, _ = forgotten_mode()
    report = equivalence.certify(model, x, y, steps=1)
    assert report.verdict == "different" and report.first is None
    assert "batch_normalization" in report.astray[0].outside


def test_weights_of_classes_are_weights_of_samples():
    model, x, y, options = weighted_classes()
    start = model.get_weights()
    each = np.array([options["class_weight"][label] for label in y], np.float32)
    weights = []
    for given in (options, {"sample_weight": each}, {}):
        model.set_weights(start)
        equivalence.certify(model, x, y, steps=1, keep=True, **given)
        weights.append(model.get_weights())
    by_class, by_sample, without = weights
    assert all(map(np.array_equal, by_class, by_sample))
    assert not all(map(np.array_equal, by_class, without))


def test_labels_of_classes_are_numbers_columns_or_rows_of_shares():
    weights = {0: 3.0, 2: 0.5}
    for y in (np.int32([2, 0, 1]), np.float32([[2], [0], [1]]), np.eye(3)[[2, 0, 1]]):
        assert weights_of_classes(weights, y).tolist() == [0.5, 3.0, 1.0]
    with pytest.raises(BadInput, match="one array of labels"):
        weights_of_classes(weights, {"a": np.zeros(3)})
    model, x, y, options = weighted_classes()
    with pytest.raises(BadInput, match="not both"):
        equivalence.certify(model, x, y, sample_weight=np.ones(8), **options)


# Of the gradients of 12 + 4 and 8 + 2 weights; L1 and L2 together read a weight twice.
@pytest.mark.parametrize(
    ("times", "inner", "outer"), [(0, 12 + 4, 8 + 2), (1, 12, 8 + 2), (0.5, 0, 2)]
)
def test_a_penalty_counts_as_the_loss_takes_it(times, inner, outer):
    step, x, y, _ = penalized(times)
    report = equivalence.certify(step, x, y, steps=1)
    assert report.verdict == "rounding-identical", report
    numbers = [part.numbers for part in report.mathematics if "dense" in part.file]
    assert numbers == [6 * 4 + inner, 6 * 2 + outer]


def test_a_penalty_that_is_left_out_is_not_its_layer_s_gradient(monkeypatch):
    monkeypatch.setattr(recognised, "without_penalties", lambda twin: twin)
    step, x, y, _ = penalized(0)
    report = equivalence.certify(step, x, y, steps=1)
    assert report.verdict == "different" and len(report.astray) == 2
    assert all("gradients" in part.outside for part in report.astray)


def test_a_kernel_s_gradient_around_a_layer_s_output_is_no_part_of_the_layer():
    """Slopes by inputs hang on the kernels themselves, and on the biases by outputs alone."""
    step, x, y, _ = differential_equation()
    report = equivalence.certify(step, x, y, steps=1)
    numbers = [part.numbers for part in report.mathematics if "dense" in part.file]
    outputs, biases = (8 * 6, 8 * 6, 8), (6, 6, 1)
    assert numbers == [o + b for o, b in zip(outputs, biases)]
    step, x, y, _ = two_tapes()
    report = equivalence.certify(step, x, y, steps=1)
    held = [part.held for part in report.mathematics if "dense" in part.file]
    assert held == [["outputs", "gradients"]] * 3


def test_a_mask_that_does_not_make_up_for_what_it_leaves_out_is_another_loss(monkeypatch):
    """Keras's loss with its mask as weights of 0 and 1, divided by all steps."""
    module = sys.modules[keras.losses.Loss.__module__]

    def without_share(sample_weight, mask, dtype, reduction):
        return sample_weight if mask is None else sample_weight * ops.cast(mask, dtype)

    monkeypatch.setattr(module, "apply_mask", without_share)
    model, x, y, options = weighed_sequences()
    report = equivalence.certify(model, x, y, steps=1, **options)
    (loss,) = (part for part in report.mathematics if part.kind == "loss")
    assert report.verdict == "different"
    assert "mean_squared_error.py" in loss.outside


def test_what_flows_back_to_a_slice_under_xla_is_held():
    """It is put into zeros by an operation that only XLA's bridge has, and no pad."""
    w = tf.Variable(normal(3, 4))

    def step(x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((tf.tanh(tf.slice(x @ w, (0, 1), (-1, 2))) - y) ** 2)
        w.assign_sub(0.1 * tape.gradient(loss, w))

    report = equivalence.certify(step, normal(6, 3), normal(6, 2), steps=1, engine="xla")
    assert "XlaDynamicUpdateSlice" in {each.kind for each in report.operations}
    assert report.verdict == "rounding-identical" and report.complete, report
    assert report.gradient.proved and not report.gradient.without


def test_a_branch_and_its_gradient_are_held_under_xla():
    """What the branch that is not taken would hand on is no number: nothing reads it."""
    w = tf.Variable(0.3 * normal(3, 3))

    def step(x, y):
        with tf.GradientTape() as tape:
            h = tf.tanh(x @ w)
            h = tf.cond(
                tf.reduce_mean(h) > 0, lambda: tf.exp(h) * 0.5, lambda: h + tf.reduce_max(h)
            )
            loss = tf.reduce_mean((h - y) ** 2)
        w.assign_sub(0.1 * tape.gradient(loss, w))

    report = equivalence.certify(step, normal(5, 3), normal(5, 3), steps=1, engine="xla")
    assert "FakeParam" in {each.kind for each in report.operations}
    assert report.verdict == "rounding-identical" and report.complete, report
    assert report.gradient.proved


def test_texts_are_refused_under_xla_which_ends_the_process_by_them():
    words = np.array([["cat ran"], ["dog"]], object)
    told = layers.TextVectorization(vocabulary=["cat", "dog", "ran"], output_sequence_length=3)
    inner = [layers.Embedding(5, 2), layers.Flatten(), layers.Dense(1)]
    model = keras.Sequential([keras.Input((1,), dtype="string"), told, *inner])
    model.compile("sgd", "mse")
    with pytest.raises(BadInput, match="takes no texts"):
        equivalence.certify(model, words, normal(2, 1), steps=1, engine="xla")


def test_tapes_that_carry_tangents_forward_are_not_the_step_s():
    """TensorFlow makes a function with tapes of each kind and shape when it first meets it."""
    w = tf.Variable(normal(11, 3))

    def step(x, y):
        with tf.autodiff.ForwardAccumulator(w, tf.ones_like(w)) as forward:
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((tf.tanh(x @ w) - y) ** 2)
            slope = tape.gradient(loss, w)
        w.assign_sub(0.1 * slope + 0.01 * forward.jvp(slope))

    for _ in range(2):
        report = equivalence.certify(step, normal(13, 11), normal(13, 3), steps=1)
        assert report.verdict == "rounding-identical" and report.gradient.proved
        assert report.gradient.variables == 1
