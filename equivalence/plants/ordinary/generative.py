"""Models with a training step, or with a loss, of their own: VAE, GAN, siamese nets."""

import numpy as np

from equivalence.plants.ordinary.drawing import normal


def own_step(keras, layers, rng):
    """A subclass with a ``train_step`` of its own: two losses, two optimizers in turn."""
    import tensorflow as tf

    class Owner(keras.Model):
        def __init__(self):
            super().__init__()
            self.inner = layers.Dense(6, "softplus")
            self.outer = layers.Dense(2)

        def call(self, x, training=False):
            return self.outer(self.inner(x))

        def train_step(self, data):
            x, y = data
            with tf.GradientTape() as tape:
                away = self(x, training=True) - y
                loss = tf.reduce_mean(tf.square(away)) + 0.01 * tf.reduce_sum(tf.abs(away))
            gradients = tape.gradient(loss, self.trainable_variables)
            gradients, _ = tf.clip_by_global_norm(gradients, 0.5)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
            return {"loss": loss}

    model = Owner()
    model.compile(keras.optimizers.Nadam(1e-3), "mse")
    return model, normal(rng, 8, 4), normal(rng, 8, 2)


def vae(keras, layers, rng):
    """A code that is drawn, with the divergence from a normal one as a loss of its layer."""

    class Sampling(layers.Layer):
        def __init__(self):
            super().__init__()
            self.seeds = keras.random.SeedGenerator(3)

        def call(self, given):
            mean, log_variance = given
            drawn = keras.random.normal(keras.ops.shape(mean), seed=self.seeds)
            terms = 1 + log_variance - keras.ops.square(mean) - keras.ops.exp(log_variance)
            self.add_loss(-0.5 * keras.ops.mean(keras.ops.sum(terms, axis=1)))
            return mean + keras.ops.exp(0.5 * log_variance) * drawn

    i = keras.Input((12,))
    x = layers.Dense(8, "relu")(i)
    code = Sampling()([layers.Dense(3)(x), layers.Dense(3)(x)])
    model = keras.Model(i, layers.Dense(12, "sigmoid")(layers.Dense(8, "relu")(code)))
    model.compile("adam", "binary_crossentropy")
    x = rng.uniform(size=(6, 12)).astype(np.float32)
    return model, x, x


def gan(keras, layers, rng):
    """Two networks, two optimizers: one draws, one tells what was drawn from what was given."""
    import tensorflow as tf

    class Gan(keras.Model):
        def __init__(self):
            super().__init__()
            self.draws = keras.Sequential(
                [keras.Input((3,)), layers.Dense(8), layers.LeakyReLU(0.2), layers.Dense(4, "tanh")]
            )
            self.tells = keras.Sequential(
                [keras.Input((4,)), layers.Dense(8), layers.LeakyReLU(0.2), layers.Dense(1)]
            )
            self.seeds = keras.random.SeedGenerator(5)

        def compile(self, draws, tells, loss):
            super().compile()
            self.of_draws, self.of_tells, self.loss_of = draws, tells, loss
            draws.build(self.draws.trainable_variables)
            tells.build(self.tells.trainable_variables)

        def call(self, x):
            return self.tells(x)

        def train_step(self, real):
            real = real[0]
            count = tf.shape(real)[0]
            drawn = self.draws(keras.random.normal((count, 3), seed=self.seeds))
            both = tf.concat([drawn, real], 0)
            labels = tf.concat([tf.ones((count, 1)), tf.zeros((count, 1))], 0)
            with tf.GradientTape() as tape:
                told = self.loss_of(labels, self.tells(both))
            weights = self.tells.trainable_variables
            self.of_tells.apply(tape.gradient(told, weights), weights)
            with tf.GradientTape() as tape:
                drawn = self.draws(keras.random.normal((count, 3), seed=self.seeds))
                fooled = self.loss_of(tf.zeros((count, 1)), self.tells(drawn))
            weights = self.draws.trainable_variables
            self.of_draws.apply(tape.gradient(fooled, weights), weights)
            return {"told": told, "fooled": fooled}

    model = Gan()
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-3, 0.5), keras.optimizers.Adam(1e-3, 0.5), loss)
    return model, normal(rng, 6, 4), None


def siamese(keras, layers, rng):
    """Two inputs through the same layers; the loss is of their distance."""
    one = keras.Sequential([keras.Input((5,)), layers.Dense(6, "relu"), layers.Dense(3)])
    left, right = keras.Input((5,)), keras.Input((5,))
    a, b = one(left), one(right)
    apart = keras.ops.sqrt(keras.ops.sum(keras.ops.square(a - b), axis=1, keepdims=True) + 1e-6)
    model = keras.Model([left, right], apart)

    def contrastive(y, d):
        return y * keras.ops.square(d) + (1 - y) * keras.ops.square(keras.ops.relu(1 - d))

    model.compile("rmsprop", contrastive)
    return model, [normal(rng, 8, 5), normal(rng, 8, 5)], rng.integers(2, size=(8, 1)) * 1.0


def two_inputs(keras, layers, rng):
    left, right = keras.Input((3,), name="left"), keras.Input((4,), name="right")
    x = layers.Concatenate()([layers.Dense(5, "silu")(left), layers.Dense(5, "elu")(right)])
    model = keras.Model([left, right], layers.Dense(1, "sigmoid")(x))
    model.compile("adagrad", "binary_crossentropy")
    return model, [normal(rng, 10, 3), normal(rng, 10, 4)], rng.integers(2, size=(10, 1))


def penalty(keras, layers, rng):
    """The length of a gradient is a part of the loss, whose gradient is a second one."""
    import tensorflow as tf

    class Critic(keras.Model):
        def __init__(self):
            super().__init__()
            self.inner, self.outer = layers.Dense(6, "softplus"), layers.Dense(1)

        def call(self, x):
            return self.outer(self.inner(x))

        def train_step(self, data):
            x, y = data
            with tf.GradientTape() as tape:
                with tf.GradientTape() as inner:
                    inner.watch(x)
                    told = self(x)
                slope = inner.gradient(told, x)
                length = tf.sqrt(tf.reduce_sum(tf.square(slope), 1) + 1e-8)
                loss = tf.reduce_mean(told * y) + 10 * tf.reduce_mean(tf.square(length - 1))
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply(gradients, self.trainable_variables)
            return {"loss": loss}

    model = Critic()
    model.compile(keras.optimizers.Adam(1e-3), "mse")
    return model, normal(rng, 6, 3), np.sign(normal(rng, 6, 1))


MODELS = (own_step, vae, gan, siamese, two_inputs, penalty)
