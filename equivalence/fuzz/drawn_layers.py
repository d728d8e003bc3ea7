"""Keras's layers with their options, and branches of them, as tables of what may be drawn.

A row takes a ``Draw`` and returns a layer; a branch also takes a tensor, and returns one.
"""

from collections.abc import Callable

from equivalence.fuzz import own_layers

VOCABULARY = 7


def _dense(d):
    return d.layers.Dense(d.whole(1, 5), **d.weighted())


def _batch_normalization(d):
    return d.layers.BatchNormalization(
        momentum=d.real(0.1, 0.99),
        epsilon=d.real(1e-5, 0.1),
        center=d.chance(0.8),
        scale=d.chance(0.8),
    )


def _layer_normalization(d):
    center, scale = d.chance(0.7), d.chance(0.7)
    return d.layers.LayerNormalization(epsilon=d.real(1e-5, 0.1), center=center, scale=scale)


def _spectral(d):
    return d.layers.SpectralNormalization(d.layers.Dense(d.whole(1, 4)), d.whole(1, 2))


def _relu(d):
    return d.layers.ReLU(
        max_value=d.one_of(None, d.real(0.1, 10)),
        negative_slope=d.one_of(0.0, d.real(0.01, 0.5)),
        threshold=d.one_of(0.0, d.real(0.01, 1)),
    )


def _own(d):
    made = own_layers.own_layers()
    return made[d.one_of(*sorted(made))](d.real(1e-2, 2))


def _frozen(d):
    return d.layers.Dense(d.whole(1, 4), d.activation, trainable=False)


ANYWHERE = (
    _dense,
    _dense,
    _dense,
    _batch_normalization,
    _layer_normalization,
    _relu,
    lambda d: d.layers.Activation(d.activation),
    lambda d: d.layers.LeakyReLU(d.real(0.01, 1)),
    lambda d: d.layers.ELU(d.real(0.1, 2)),
    lambda d: d.layers.PReLU("uniform"),
    lambda d: d.layers.Softmax(),
    lambda d: d.layers.Dropout(d.real(0.05, 0.9)),
    lambda d: d.layers.GaussianNoise(d.real(0.01, 1)),
    lambda d: d.layers.GaussianDropout(d.real(0.05, 0.9)),
    lambda d: d.layers.AlphaDropout(d.real(0.05, 0.9)),
    lambda d: d.layers.UnitNormalization(),
    lambda d: d.layers.RMSNormalization(epsilon=d.real(1e-6, 1e-2)),
    lambda d: d.layers.GroupNormalization(-1, epsilon=d.real(1e-5, 0.1)),
    lambda d: d.layers.GroupNormalization(1, epsilon=d.real(1e-5, 0.1)),
    lambda d: d.layers.Rescaling(d.real(1e-3, 1e2), d.real(1e-3, 1e2)),
    lambda d: d.layers.ActivityRegularization(d.real(1e-4, 1), d.real(1e-4, 1)),
    lambda d: d.layers.Identity(),
    _spectral,
    _own,
    _own,
    _frozen,
)


def _recurrent_options(d):
    return {
        "activation": d.one_of("tanh", "tanh", d.activation),
        "use_bias": d.chance(0.8),
        "kernel_regularizer": d.regularizer,
        "dropout": d.one_of(0.0, 0.0, d.real(0.1, 0.6)),
        "recurrent_dropout": d.one_of(0.0, 0.0, d.real(0.1, 0.6)),
        "return_sequences": d.chance(0.5),
        "go_backwards": d.chance(0.3),
        "unroll": d.chance(0.3),
    }


def _lstm(d):
    gates = d.one_of("sigmoid", "hard_sigmoid")
    forget = d.chance(0.5)
    more = {"recurrent_activation": gates, "unit_forget_bias": forget}
    return d.layers.LSTM(d.whole(1, 3), **_recurrent_options(d), **more)


def _gru(d):
    gates = d.one_of("sigmoid", "hard_sigmoid")
    more = {"recurrent_activation": gates, "reset_after": d.chance(0.5)}
    return d.layers.GRU(d.whole(1, 3), **_recurrent_options(d), **more)


def _simple_rnn(d):
    return d.layers.SimpleRNN(d.whole(1, 3), **_recurrent_options(d))


def _stacked(d):
    kinds = d.layers.LSTMCell, d.layers.GRUCell, d.layers.SimpleRNNCell
    cells = [d.one_of(*kinds)(d.whole(1, 2)) for _ in range(2)]
    return d.layers.RNN(cells, return_sequences=d.chance(0.5))


def _bidirectional(d):
    kind = d.one_of(d.layers.LSTM, d.layers.GRU, d.layers.SimpleRNN)
    inner = kind(d.whole(1, 3), return_sequences=d.chance(0.5))
    return d.layers.Bidirectional(inner, d.one_of("concat", "sum", "mul", "ave"))


def _sliding(d, most):
    """Return strides and dilation, of which Keras takes one."""
    which = d.one_of("neither", "strides", "dilation")
    if which == "neither":
        return {}
    return {"strides": d.whole(2, most)} if which == "strides" else {"dilation_rate": 2}


def _conv1d(d):
    padding = d.one_of("same", "valid", "causal")
    return d.layers.Conv1D(
        d.whole(1, 4), d.whole(1, 3), padding=padding, **_sliding(d, 2), **d.weighted()
    )


SEQUENCES = (
    _lstm,
    _gru,
    _simple_rnn,
    _bidirectional,
    _conv1d,
    _conv1d,
    lambda d: d.layers.SeparableConv1D(
        d.whole(1, 3), d.whole(1, 3), padding=d.one_of("same", "valid"), activation=d.activation
    ),
    lambda d: d.layers.DepthwiseConv1D(d.whole(1, 3), depth_multiplier=d.whole(1, 2)),
    lambda d: d.layers.Conv1DTranspose(
        d.whole(1, 3), d.whole(1, 3), d.whole(1, 2), d.one_of("same", "valid")
    ),
    lambda d: d.layers.MaxPooling1D(d.whole(1, 3), d.whole(1, 2), d.one_of("same", "valid")),
    lambda d: d.layers.AveragePooling1D(d.whole(1, 3), d.whole(1, 2), d.one_of("same", "valid")),
    lambda d: d.layers.GlobalMaxPooling1D(keepdims=d.chance(0.3)),
    lambda d: d.layers.GlobalAveragePooling1D(keepdims=d.chance(0.3)),
    lambda d: d.layers.UpSampling1D(d.whole(1, 3)),
    lambda d: d.layers.ZeroPadding1D((d.whole(0, 2), d.whole(0, 2))),
    lambda d: d.layers.Cropping1D((d.whole(0, 1), d.whole(0, 1))),
    lambda d: d.layers.AdaptiveAveragePooling1D(d.whole(1, 3)),
    lambda d: d.layers.AdaptiveMaxPooling1D(d.whole(1, 3)),
    _stacked,
    lambda d: d.layers.SpatialDropout1D(d.real(0.05, 0.7)),
    lambda d: d.layers.Masking(d.one_of(0.0, 1.0)),
    lambda d: d.layers.Permute((2, 1)),
    lambda d: d.layers.TimeDistributed(d.layers.Dense(d.whole(1, 3), d.activation)),
    lambda d: d.layers.EinsumDense("abc,cd->abd", (None, d.whole(1, 4)), bias_axes="d"),
)


def _conv2d(d):
    return d.layers.Conv2D(
        d.whole(1, 4),
        d.whole(1, 3),
        padding=d.one_of("same", "valid"),
        **_sliding(d, 2),
        **d.weighted(),
    )


def _pool(kind):
    return lambda d: getattr(d.layers, kind)(
        d.whole(1, 3), d.whole(1, 2), d.one_of("same", "valid")
    )


IMAGES = (
    _conv2d,
    _conv2d,
    _conv2d,
    lambda d: d.layers.DepthwiseConv2D(
        d.whole(1, 3), d.whole(1, 2), d.one_of("same", "valid"), activation=d.activation
    ),
    lambda d: d.layers.SeparableConv2D(
        d.whole(1, 3), d.whole(1, 3), padding=d.one_of("same", "valid"), activation=d.activation
    ),
    lambda d: d.layers.Conv2DTranspose(
        d.whole(1, 3), d.whole(1, 3), d.whole(1, 2), d.one_of("same", "valid")
    ),
    _pool("MaxPooling2D"),
    _pool("AveragePooling2D"),
    lambda d: d.layers.GlobalMaxPooling2D(keepdims=d.chance(0.3)),
    lambda d: d.layers.GlobalAveragePooling2D(keepdims=d.chance(0.3)),
    lambda d: d.layers.UpSampling2D(2, interpolation=d.one_of("nearest", "bilinear")),
    lambda d: d.layers.ZeroPadding2D(((d.whole(0, 2), 1), (0, d.whole(0, 2)))),
    lambda d: d.layers.Cropping2D(((d.whole(0, 1), 0), (0, d.whole(0, 1)))),
    lambda d: d.layers.AdaptiveAveragePooling2D(d.whole(1, 3)),
    lambda d: d.layers.AdaptiveMaxPooling2D(d.whole(1, 3)),
    lambda d: d.layers.CenterCrop(2, 2),
    lambda d: d.layers.Resizing(
        d.whole(1, 6), d.whole(1, 6), d.one_of("nearest", "bilinear", "bicubic")
    ),
    lambda d: d.layers.TimeDistributed(d.layers.Dense(d.whole(1, 3), d.activation)),
    lambda d: d.layers.ConvLSTM1D(
        d.whole(1, 2), d.whole(1, 2), padding="same", return_sequences=d.chance(0.4)
    ),
    lambda d: d.layers.SpatialDropout2D(d.real(0.05, 0.7)),
    lambda d: d.layers.Permute(d.one_of((2, 1, 3), (3, 1, 2))),
    lambda d: d.layers.Reshape((-1, d.whole(1, 2))),
    lambda d: d.layers.Flatten(),
)


def _conv3d(d):
    return d.layers.Conv3D(
        d.whole(1, 3), d.whole(1, 2), padding=d.one_of("same", "valid"), **d.weighted()
    )


VOLUMES = (
    _conv3d,
    _conv3d,
    lambda d: d.layers.Conv3DTranspose(d.whole(1, 2), d.whole(1, 2), d.whole(1, 2)),
    _pool("MaxPooling3D"),
    _pool("AveragePooling3D"),
    lambda d: d.layers.GlobalMaxPooling3D(),
    lambda d: d.layers.GlobalAveragePooling3D(),
    lambda d: d.layers.AdaptiveAveragePooling3D(d.whole(1, 2)),
    lambda d: d.layers.UpSampling3D(2),
    lambda d: d.layers.ZeroPadding3D(1),
    lambda d: d.layers.Cropping3D(((1, 0), (0, 0), (0, 1))),
    lambda d: d.layers.SpatialDropout3D(d.real(0.05, 0.7)),
    lambda d: d.layers.ConvLSTM2D(d.whole(1, 2), 2, padding="same"),
    lambda d: d.layers.TimeDistributed(d.layers.Conv2D(d.whole(1, 2), 2, padding="same")),
    lambda d: d.layers.Flatten(),
)


def _attention(d, x):
    return d.layers.MultiHeadAttention(
        d.whole(1, 2), d.whole(1, 3), use_bias=d.chance(0.7), dropout=d.one_of(0.0, 0.3)
    )(x, x, use_causal_mask=d.chance(0.4))


def _residual(d, x):
    inner = d.layers.Dense(x.shape[-1], d.activation)(x)
    return d.one_of(d.layers.Add, d.layers.Multiply, d.layers.Maximum, d.layers.Minimum,
                    d.layers.Average, d.layers.Subtract)()([x, inner])  # fmt: skip


def _concatenated(d, x):
    return d.layers.Concatenate()([x, d.layers.Dense(d.whole(1, 3), d.activation)(x)])


def _dotted(d, x):
    pair = [x, d.layers.Dense(x.shape[-1], d.activation)(x)]
    return d.layers.Dot(-1, normalize=d.chance(0.4))(pair)


def _shared(d, x):
    inner = d.layers.Dense(x.shape[-1], d.activation)
    return inner(inner(x))


BRANCHES: tuple[Callable, ...] = (_residual, _residual, _concatenated, _shared)


def _nested(d, x):
    """A model inside of the model, called once or twice."""
    rank = len(x.shape)
    given = d.keras.Input(x.shape[1:])
    y = d.layers.Dense(x.shape[-1], d.activation)(given)
    y = d.one_of(*ANYWHERE)(d)(y) if d.chance(0.5) else y
    inner = d.keras.Model(given, y)
    y = inner(x)
    twice = d.chance(0.3) and y.shape == x.shape and rank == len(y.shape)
    return inner(y) if twice else y


BRANCHES += (_nested,)


def _queries(d, x):
    heads = d.whole(1, 2)
    return d.layers.GroupQueryAttention(d.whole(1, 3), 2 * heads, heads)(x, x)


OF_SEQUENCES = (
    _attention,
    _queries,
    lambda d, x: d.layers.Attention(use_scale=d.chance(0.5))([x, x]),
    lambda d, x: d.layers.AdditiveAttention()([x, x]),
)

OF_VECTORS = (
    _dotted,
    lambda d, x: d.layers.RepeatVector(d.whole(1, 3))(x),
    lambda d, x: d.layers.Reshape((-1, 1))(x),
)
LAYERS = {3: SEQUENCES, 4: IMAGES, 5: VOLUMES}


def draw_step(d, x):
    """Return a tensor behind one more layer, or branch, that takes its rank."""
    rank = len(x.shape)
    if d.chance(0.25):
        branches = BRANCHES + (OF_SEQUENCES if rank == 3 else ())
        branches += OF_VECTORS if rank == 2 else ()
        return d.one_of(*branches)(d, x)
    of_rank = LAYERS.get(rank, ())
    table = of_rank if of_rank and d.chance(0.65) else ANYWHERE
    return d.one_of(*table)(d)(x)


# Drawn one by one, where others are drawn twice.
RARELY = ("volume", "codes")


def draw_inputs(d):
    """Return the model's input, and the tensor that its layers begin with."""
    kind = d.one_of("vector", "vector", "sequence", "sequence", "image", "image", "tokens", *RARELY)
    if kind == "tokens":
        given = d.keras.Input((d.whole(2, 5),), dtype="int32")
        mask = d.chance(0.4)
        return given, d.layers.Embedding(VOCABULARY, d.whole(1, 4), mask_zero=mask)(given)
    if kind == "codes":
        given = d.keras.Input((d.whole(1, 4),), dtype="int32")
        mode = d.one_of("multi_hot", "count")
        return given, d.layers.CategoryEncoding(VOCABULARY, mode)(given)
    shapes = {
        "vector": lambda: (d.whole(1, 5),),
        "sequence": lambda: (d.whole(2, 5), d.whole(1, 4)),
        "image": lambda: (d.whole(3, 6), d.whole(3, 6), d.whole(1, 3)),
        "volume": lambda: (*(d.whole(2, 4) for _ in range(3)), d.whole(1, 2)),
    }
    given = d.keras.Input(shapes[kind]())
    return given, given
