"""Models of sequences: recurrent, convolutional, and of attention with masks."""

import numpy as np

from equivalence.plants.ordinary.drawing import normal


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


def bert(keras, layers, rng):
    """Words and places are summed; a word that is 0 is none, for attention and loss."""
    words = keras.Input((6,), dtype="int32")
    e = layers.Embedding(15, 8, mask_zero=True)(words)
    e = layers.Dropout(0.1)(layers.LayerNormalization(epsilon=1e-12)(e))
    e = layers.LayerNormalization()(e + layers.MultiHeadAttention(2, 4)(e, e))
    m = layers.Dense(8)(layers.Dense(12, keras.activations.gelu)(e))
    e = layers.LayerNormalization()(e + m)
    model = keras.Model(words, layers.Dense(15)(e))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    warm = keras.optimizers.schedules.PolynomialDecay(1e-3, 10)
    model.compile(keras.optimizers.AdamW(warm, global_clipnorm=1.0), loss, metrics=["accuracy"])
    x = rng.integers(1, 15, size=(4, 6))
    x[1, 4:], x[2, 2:] = 0, 0
    return model, x, rng.integers(15, size=(4, 6))


def bidirectional(keras, layers, rng):
    """Stacks that read from both ends, with a mask, dropouts and states of their own."""
    i = keras.Input((6, 3))
    x = layers.Masking(0.0)(i)
    lstm = layers.LSTM(4, return_sequences=True, recurrent_dropout=0.1, dropout=0.1)
    x = layers.Bidirectional(lstm)(x)
    x = layers.Bidirectional(layers.GRU(3, reset_after=False), merge_mode="sum")(x)
    model = keras.Model(i, layers.Dense(2)(x))
    cosine = keras.optimizers.schedules.CosineDecay(0.01, 20)
    model.compile(keras.optimizers.RMSprop(cosine, centered=True, momentum=0.5), "msle")
    x = normal(rng, 4, 6, 3)
    x[1, 4:] = 0
    return model, x, rng.uniform(size=(4, 2)).astype(np.float32)


def stateful(keras, layers, rng):
    i = keras.Input(batch_shape=(4, 5, 2))
    x = layers.SimpleRNN(3, stateful=True, return_sequences=True, unroll=True)(i)
    x = layers.RNN(layers.GRUCell(3), go_backwards=True)(x)
    model = keras.Model(i, layers.Dense(1)(x))
    model.compile("adagrad", "mean_absolute_percentage_error")
    return model, normal(rng, 4, 5, 2), normal(rng, 4, 1)


def wavenet(keras, layers, rng):
    """Causal convolutions that see twice as far from layer to layer, with gates."""
    i = keras.Input((16, 1))
    x = layers.Conv1D(4, 2, padding="causal")(i)
    skips = []
    for rate in (1, 2, 4):
        a = layers.Conv1D(4, 2, padding="causal", dilation_rate=rate, activation="tanh")(x)
        b = layers.Conv1D(4, 2, padding="causal", dilation_rate=rate, activation="sigmoid")(x)
        gated = layers.Multiply()([a, b])
        skips.append(layers.Conv1D(4, 1)(gated))
        x = layers.Add()([x, skips[-1]])
    x = layers.ReLU()(layers.Add()(skips))
    model = keras.Model(i, layers.Conv1D(8, 1, activation="softmax")(x))
    model.compile("adam", "sparse_categorical_crossentropy")
    return model, normal(rng, 4, 16, 1), rng.integers(8, size=(4, 16))


def conv_lstm(keras, layers, rng):
    i = keras.Input((3, 6, 6, 1))
    x = layers.ConvLSTM2D(2, 3, padding="same", return_sequences=True)(i)
    x = layers.ConvLSTM2D(2, 3)(x)
    x = layers.TimeDistributed(layers.Dense(2))(layers.Reshape((4, 8))(x))
    model = keras.Model(i, layers.Dense(1)(layers.Flatten()(x)))
    model.compile("adam", "mse")
    return model, normal(rng, 3, 3, 6, 6, 1), normal(rng, 3, 1)


def attention(keras, layers, rng):
    """From one sequence to another: dot products, sums, and few keys for many queries."""
    q, k = keras.Input((4, 6)), keras.Input((5, 6))
    a = layers.Attention(use_scale=True)([q, k])
    b = layers.AdditiveAttention()([q, k])
    c = layers.GroupQueryAttention(4, 4, 2)(q, k)
    x = layers.Concatenate()([a, b, c])
    x = layers.GlobalMaxPooling1D()(layers.RMSNormalization()(x))
    model = keras.Model([q, k], layers.Dense(3)(x))
    model.compile("adam", keras.losses.CosineSimilarity())
    return model, [normal(rng, 4, 4, 6), normal(rng, 4, 5, 6)], normal(rng, 4, 3)


def ctc(keras, layers, rng):
    """Letters of a sound, wherever in it they are."""
    i = keras.Input((10, 4))
    x = layers.Bidirectional(layers.SimpleRNN(5, return_sequences=True))(i)
    model = keras.Model(i, layers.Dense(6)(x))
    model.compile("sgd", keras.losses.CTC())
    return model, normal(rng, 3, 10, 4), rng.integers(1, 6, size=(3, 4))


MODELS = (
    transformer,
    recurrent,
    bert,
    bidirectional,
    stateful,
    wavenet,
    conv_lstm,
    attention,
    ctc,
)
