"""Models of images: from a plain CNN to a U-Net, an autoencoder and a vision transformer."""

import numpy as np

from equivalence.plants.ordinary.drawing import normal, one_hot


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
    return model, normal(rng, 6, 9, 9, 3), one_hot(rng, 6, 4)


def u_net(keras, layers, rng):
    """Down, up again, and what went down is put beside it; the loss is of every place."""
    i = keras.Input((8, 8, 2))
    a = layers.Conv2D(4, 3, padding="same", activation="relu")(i)
    b = layers.Conv2D(6, 3, padding="same", activation="relu")(layers.MaxPooling2D()(a))
    c = layers.Conv2D(8, 3, padding="same", activation="relu")(layers.MaxPooling2D()(b))
    b = layers.Concatenate()([layers.UpSampling2D()(c), b])
    b = layers.Conv2D(6, 3, padding="same", activation="relu")(b)
    a = layers.Concatenate()([layers.UpSampling2D(interpolation="bilinear")(b), a])
    model = keras.Model(i, layers.Conv2D(1, 1, activation="sigmoid")(a))
    model.compile("adam", keras.losses.Dice())
    masks = rng.integers(2, size=(4, 8, 8, 1)).astype(np.float32)
    return model, normal(rng, 4, 8, 8, 2), masks


def autoencoder(keras, layers, rng):
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(4, 3, strides=2, padding="same", activation="relu"),
            layers.GroupNormalization(2),
            layers.Conv2D(8, 3, strides=2, padding="same", activation="leaky_relu"),
            layers.Conv2DTranspose(4, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2DTranspose(1, 3, strides=2, padding="same", activation="sigmoid"),
        ]
    )
    model.compile("adamax", "binary_crossentropy", metrics=["mae"])
    images = rng.uniform(size=(5, 8, 8, 1)).astype(np.float32)
    return model, images, images


def resized(keras, layers, rng):
    """The four ways to make an image larger or smaller."""
    i = keras.Input((6, 7, 2))
    x = layers.Conv2D(3, 3, padding="same")(i)
    x = layers.Resizing(9, 5, interpolation="bilinear")(x)
    x = layers.Conv2D(3, 3, padding="same")(x)
    x = layers.Resizing(4, 8, interpolation="bicubic")(x)
    x = layers.Conv2D(3, 3, padding="same")(x)
    x = layers.Resizing(8, 8, interpolation="nearest")(x)
    x = layers.UpSampling2D((2, 1), interpolation="bicubic")(x)
    model = keras.Model(i, layers.Dense(2)(layers.GlobalMaxPooling2D()(x)))
    model.compile("adadelta", "mae")
    return model, normal(rng, 4, 6, 7, 2), normal(rng, 4, 2)


def vision_transformer(keras, layers, rng):
    """Patches by a convolution, a learned position for each, attention among them."""
    i = keras.Input((8, 8, 3))
    x = layers.Reshape((16, 8))(layers.Conv2D(8, 2, strides=2)(i))
    x = x + layers.Embedding(16, 8)(keras.ops.arange(16))
    a = layers.LayerNormalization(epsilon=1e-6)(x)
    x = layers.Add()([x, layers.MultiHeadAttention(2, 4, dropout=0.1)(a, a)])
    m = layers.Dense(16, "gelu")(layers.LayerNormalization(epsilon=1e-6)(x))
    x = layers.Add()([x, layers.Dense(8)(layers.Dropout(0.1)(m))])
    x = layers.GlobalAveragePooling1D()(layers.LayerNormalization()(x))
    model = keras.Model(i, layers.Dense(5)(x))
    smooth = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    model.compile(keras.optimizers.Lion(1e-4), smooth, metrics=["top_k_categorical_accuracy"])
    return model, normal(rng, 4, 8, 8, 3), one_hot(rng, 4, 5)


def volumes(keras, layers, rng):
    model = keras.Sequential(
        [
            keras.Input((6, 6, 6, 2)),
            layers.Conv3D(3, 3, padding="same", activation="relu"),
            layers.MaxPooling3D(),
            layers.Conv3D(4, 2, strides=1, activation="tanh"),
            layers.Conv3DTranspose(2, 2, strides=2),
            layers.AveragePooling3D(2),
            layers.GlobalAveragePooling3D(),
            layers.Dense(2),
        ]
    )
    model.compile("ftrl", "log_cosh")
    return model, normal(rng, 3, 6, 6, 6, 2), normal(rng, 3, 2)


def separable(keras, layers, rng):
    model = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.SeparableConv2D(6, 3, dilation_rate=2, padding="same", activation="elu"),
            layers.SpatialDropout2D(0.2),
            layers.UnitNormalization(),
            layers.Conv2D(6, 3, groups=3, activation="selu"),
            layers.Cropping2D(1),
            layers.PReLU(),
            layers.Flatten(),
            layers.Dense(4, activation="log_softmax"),
        ]
    )
    model.compile("nadam", "kl_divergence")
    return model, normal(rng, 4, 8, 8, 3), one_hot(rng, 4, 4)


def spectral(keras, layers, rng):
    model = keras.Sequential(
        [
            keras.Input((6, 6, 2)),
            layers.SpectralNormalization(layers.Conv2D(4, 3), power_iterations=2),
            layers.BatchNormalization(renorm=False, momentum=0.9),
            layers.Flatten(),
            layers.SpectralNormalization(layers.Dense(3)),
        ]
    )
    model.compile("sgd", "hinge")
    return model, normal(rng, 4, 6, 6, 2), np.sign(normal(rng, 4, 3))


def convnext(keras, layers, rng):
    """A block as in ConvNeXt: depthwise, normalized by layer, scaled, dropped by sample."""
    i = keras.Input((8, 8, 3))
    x = layers.Conv2D(6, 2, strides=2)(i)
    y = layers.DepthwiseConv2D(7, padding="same")(x)
    y = layers.Dense(12, "gelu")(layers.LayerNormalization(epsilon=1e-6)(y))
    y = layers.Dropout(0.2, noise_shape=(None, 1, 1, 1))(layers.Dense(6)(y))
    x = layers.Add()([x, y])
    model = keras.Model(i, layers.Dense(3, "softmax")(layers.GlobalAveragePooling2D()(x)))
    focal = keras.losses.CategoricalFocalCrossentropy()
    model.compile(keras.optimizers.AdamW(1e-3, use_ema=True), focal)
    return model, normal(rng, 4, 8, 8, 3), one_hot(rng, 4, 3)


def channels_first(keras, layers, rng):
    i = keras.Input((2, 8, 8))
    x = layers.Permute((2, 3, 1))(i)
    x = layers.Conv2D(4, 3)(x)
    x = layers.LayerNormalization(axis=[1, 2])(x)
    x = layers.AveragePooling2D(3, strides=2)(x)
    model = keras.Model(i, layers.Dense(2)(layers.Flatten()(x)))
    model.compile(keras.optimizers.SGD(0.1, clipvalue=0.5), "mse")
    return model, normal(rng, 3, 2, 8, 8), normal(rng, 3, 2)


MODELS = (
    cnn,
    depthwise,
    u_net,
    autoencoder,
    resized,
    vision_transformer,
    volumes,
    separable,
    spectral,
    convnext,
    channels_first,
)
