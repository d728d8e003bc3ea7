"""Small Keras models of many kinds, compiled, each with data that fit: (model, x, y)."""

import numpy as np


def build(name):
    """Return a compiled model, its inputs and its targets, drawn from a fixed seed."""
    import keras

    keras.utils.clear_session()  # names of layers are counted from here
    keras.utils.set_random_seed(7)
    rng = np.random.default_rng(7)
    return MODELS[name](keras, keras.layers, rng)


def normal(rng, *shape):
    return rng.normal(size=shape).astype(np.float32)


def dense(keras, layers, rng):
    model = keras.Sequential(
        [keras.Input((5,)), layers.Dense(7, "tanh"), layers.Dense(4, "relu"), layers.Dense(3)]
    )
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True), "mse")
    return model, normal(rng, 12, 5), normal(rng, 12, 3)


def cnn(keras, layers, rng):
    model = keras.Sequential(
        [
            keras.Input((10, 10, 2)),
            layers.Conv2D(4, 3, activation="relu", padding="same"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.Conv2D(6, 3, strides=2, kernel_regularizer="l2"),
            layers.Activation("relu"),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(3),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    return model, normal(rng, 9, 10, 10, 2), rng.integers(3, size=9)


def depthwise(keras, layers, rng):
    i = keras.Input((9, 9, 3))
    x = layers.ZeroPadding2D(((0, 1), (0, 1)))(i)
    x = layers.DepthwiseConv2D(3, strides=2, use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU(6.0)(x)
    x = layers.Conv2D(8, 1)(x)
    x = layers.AveragePooling2D(2, padding="same")(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dense(4, activation="softmax")(x)
    model = keras.Model(i, x)
    model.compile(keras.optimizers.RMSprop(1e-3), "categorical_crossentropy")
    return model, normal(rng, 6, 9, 9, 3), np.eye(4, dtype=np.float32)[rng.integers(4, size=6)]


def transformer(keras, layers, rng):
    i = keras.Input((8,), dtype="int32")
    e = layers.Embedding(20, 12)(i)
    a = layers.LayerNormalization()(e)
    e = e + layers.MultiHeadAttention(2, 6)(a, a, use_causal_mask=True)
    m = layers.Dense(16, "gelu")(layers.LayerNormalization()(e))
    e = e + layers.Dense(12)(m)
    model = keras.Model(i, layers.Dense(20)(e))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.AdamW(1e-3), loss)
    return model, rng.integers(20, size=(4, 8)), rng.integers(20, size=(4, 8))


def recurrent(keras, layers, rng):
    i = keras.Input((5, 3))
    x = layers.LSTM(4, return_sequences=True)(i)
    model = keras.Model(i, layers.Dense(2)(layers.GRU(3)(x)))
    model.compile(keras.optimizers.Adam(clipnorm=1.0), "huber")
    return model, normal(rng, 4, 5, 3), normal(rng, 4, 2)


def two_inputs(keras, layers, rng):
    left, right = keras.Input((3,), name="left"), keras.Input((4,), name="right")
    x = layers.Concatenate()([layers.Dense(5, "silu")(left), layers.Dense(5, "elu")(right)])
    model = keras.Model([left, right], layers.Dense(1, "sigmoid")(x))
    model.compile("adagrad", "binary_crossentropy")
    return model, [normal(rng, 10, 3), normal(rng, 10, 4)], rng.integers(2, size=(10, 1))


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


MODELS = {
    "dense": dense,
    "cnn": cnn,
    "depthwise": depthwise,
    "transformer": transformer,
    "recurrent": recurrent,
    "two_inputs": two_inputs,
    "own_step": own_step,
}
