"""Layers as a user writes them: own weights, penalties, gradients, shared parts, states.

``own_layers(keras)`` makes the classes, since Keras is imported in workers only.
"""

from functools import cache


@cache
def own_layers():
    """Return name -> class of a layer with one option, a number."""
    import keras
    import tensorflow as tf

    ops = keras.ops

    class Scaled(keras.layers.Layer):
        """Every feature times a weight of its own, behind a tanh."""

        def __init__(self, by=1.0, **options):
            super().__init__(**options)
            self.by = by

        def build(self, shape):
            self.scale = self.add_weight(shape=(shape[-1],), initializer="ones", name="scale")

        def call(self, x):
            return ops.tanh(x * self.scale) * self.by

    class Polynomial(Scaled):
        def call(self, x):
            return self.scale + x * (self.by - x * self.scale)

    class Gated(Scaled):
        """A layer inside of which are layers."""

        def build(self, shape):
            self.gate = keras.layers.Dense(shape[-1], "sigmoid")
            self.value = keras.layers.Dense(shape[-1])
            self.gate.build(shape)
            self.value.build(shape)

        def call(self, x):
            return self.gate(x) * self.value(x) + self.by * x

    class Penalized(Scaled):
        def call(self, x):
            self.add_loss(self.by * ops.mean(ops.square(x)))
            return x * self.scale

    class Counted(Scaled):
        """Keeps a running mean of its outputs' sizes, which no gradient goes through."""

        def build(self, shape):
            super().build(shape)
            self.size = self.add_weight(
                shape=(), initializer="ones", trainable=False, name="running_size"
            )

        def call(self, x):
            size = ops.mean(ops.abs(x))
            self.size.assign(0.75 * self.size + 0.25 * size)
            return x * self.scale / (self.by + tf.stop_gradient(size))

    class OwnGradient(Scaled):
        """A softplus whose gradient is written out."""

        def call(self, x):
            @tf.custom_gradient
            def softplus(z):
                return tf.math.softplus(z), lambda flow: flow * tf.sigmoid(z)

            return softplus(x * self.scale)

    class Branching(Scaled):
        """One of two formulas, by what the batch is like."""

        def call(self, x):
            small = lambda: ops.sin(x) * self.scale
            return tf.cond(tf.reduce_mean(x) > 0, lambda: x * self.scale + self.by, small)

    class Sorted(Scaled):
        def call(self, x):
            return ops.sort(x, axis=-1) * self.scale

    classes = Scaled, Polynomial, Gated, Penalized, Counted, OwnGradient, Branching, Sorted
    return {each.__name__: each for each in classes}
