"""Random small Keras models, each with a loss, an optimizer and data of a regime.

A model is a short row of layers, with branches that meet again, over vectors, sequences,
images or the numbers of tokens.  Which layers, options, losses and optimizers there are stands in
tables; what is drawn is drawn from one generator.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from equivalence.fuzz.regimes import numbers

BATCH = 4
MOST_LAYERS = 3
# Options that Keras refuses for a shape, or a shape that nothing is left of, are drawn again.
MOST_TRIES = 50
# Numbers from 1e-5 to 1e3, constants, ties, far means, zeros.
REGIMES = ("normal", "decades", "small decades", "constant", "ties", "far mean", "zeros")
ACTIVATIONS = (
    *(None, "relu", "tanh", "sigmoid", "softmax", "elu", "selu", "softplus", "softsign"),
    *("gelu", "silu", "exponential", "hard_sigmoid", "relu6", "leaky_relu", "log_softmax", "mish"),
    *("hard_silu", "squareplus", "tanh_shrink", "celu"),
)


class Draw:
    """What is drawn of one model, by one generator."""

    def __init__(self, keras, rng):
        self.keras, self.layers, self.rng = keras, keras.layers, rng

    def one_of(self, *choices):
        return choices[self.rng.integers(len(choices))]

    def whole(self, low, high):
        return int(self.rng.integers(low, high + 1))

    def real(self, low, high):
        """Return a number between, in equal shares of its logarithm; with three digits."""
        return float(f"{np.exp(self.rng.uniform(np.log(low), np.log(high))):.3g}")

    def chance(self, share):
        return bool(self.rng.random() < share)

    @property
    def activation(self):
        return self.one_of(*ACTIVATIONS)

    @property
    def regularizer(self):
        if not self.chance(0.15):
            return None
        r = self.keras.regularizers
        return self.one_of(
            r.L1(self.real(1e-4, 1)),
            r.L2(self.real(1e-4, 1)),
            r.L1L2(self.real(1e-4, 1), self.real(1e-4, 1)),
            r.OrthogonalRegularizer(self.real(1e-4, 1)),
        )

    @property
    def constraint(self):
        if not self.chance(0.1):
            return None
        c = self.keras.constraints
        return self.one_of(c.NonNeg(), c.MaxNorm(self.real(0.1, 3)), c.UnitNorm(), c.MinMaxNorm())

    def weighted(self):
        """Return the options of a layer with a kernel and a bias."""
        return {
            "use_bias": self.chance(0.7),
            "activation": self.activation,
            "kernel_regularizer": self.regularizer,
            "kernel_constraint": self.constraint,
        }


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
    _spectral,
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
    lambda d: d.layers.SpatialDropout2D(d.real(0.05, 0.7)),
    lambda d: d.layers.Permute(d.one_of((2, 1, 3), (3, 1, 2))),
    lambda d: d.layers.Reshape((-1, d.whole(1, 2))),
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


BRANCHES = (_residual, _residual, _concatenated, _shared)
OF_SEQUENCES = (
    _attention,
    lambda d, x: d.layers.Attention(use_scale=d.chance(0.5))([x, x]),
    lambda d, x: d.layers.AdditiveAttention()([x, x]),
)


def _step(d, x):
    """Return a tensor behind one more layer, or branch, that takes its rank."""
    rank = len(x.shape)
    if d.chance(0.25):
        branches = BRANCHES + (OF_SEQUENCES if rank == 3 else ())
        branches += (_dotted,) if rank == 2 else ()
        return d.one_of(*branches)(d, x)
    of_rank = {3: SEQUENCES, 4: IMAGES}.get(rank, ())
    table = of_rank if of_rank and d.chance(0.65) else ANYWHERE
    return d.one_of(*table)(d)(x)


def _inputs(d):
    """Return the model's input, and the tensor that its layers begin with."""
    kind = d.one_of("vector", "vector", "sequence", "sequence", "image", "image", "tokens")
    if kind == "tokens":
        given = d.keras.Input((d.whole(2, 5),), dtype="int32")
        mask = d.chance(0.4)
        return given, d.layers.Embedding(VOCABULARY, d.whole(1, 4), mask_zero=mask)(given)
    shapes = {
        "vector": lambda: (d.whole(1, 5),),
        "sequence": lambda: (d.whole(2, 5), d.whole(1, 4)),
        "image": lambda: (d.whole(3, 6), d.whole(3, 6), d.whole(1, 3)),
    }
    given = d.keras.Input(shapes[kind]())
    return given, given


VOCABULARY = 7

# --------------------------------------------------------------------------------- losses


def _reduced(d):
    return d.one_of("sum_over_batch_size", "sum_over_batch_size", "sum", "mean")


def _of_classes(d):
    """Return the layers at the end, the loss and what makes its targets, of several classes."""
    losses, classes = d.keras.losses, d.whole(2, 4)
    logits = d.chance(0.5)
    smoothing = d.one_of(0.0, d.real(0.01, 0.5))
    more = {"reduction": _reduced(d)}
    made = d.one_of(
        lambda: losses.CategoricalCrossentropy(logits, smoothing, **more),
        lambda: losses.SparseCategoricalCrossentropy(logits, **more),
        lambda: losses.CategoricalFocalCrossentropy(
            d.real(0.1, 1), d.whole(1, 3), logits, smoothing, **more
        ),
        lambda: losses.CategoricalHinge(**more),
        lambda: losses.KLDivergence(**more),
        lambda: losses.Dice(**more),
        lambda: losses.Tversky(d.real(0.1, 1), d.real(0.1, 1), **more),
    )()
    last = d.layers.Dense(classes, None if logits else "softmax")
    if isinstance(made, losses.SparseCategoricalCrossentropy):
        return last, made, lambda regime, rng, shape: rng.integers(classes, size=shape[:-1])
    hot = lambda regime, rng, shape: np.eye(classes, dtype=np.float32)[
        rng.integers(classes, size=shape[:-1])
    ]
    return last, made, hot


def _of_two(d):
    losses, logits = d.keras.losses, d.chance(0.5)
    smoothing = d.one_of(0.0, d.real(0.01, 0.5))
    made = d.one_of(
        lambda: losses.BinaryCrossentropy(logits, smoothing, reduction=_reduced(d)),
        lambda: losses.BinaryFocalCrossentropy(
            d.chance(0.5), d.real(0.1, 0.9), d.whole(1, 3), logits, smoothing
        ),
        lambda: losses.Hinge(reduction=_reduced(d)),
        lambda: losses.SquaredHinge(reduction=_reduced(d)),
    )()
    last = d.layers.Dense(d.whole(1, 2), None if logits else "sigmoid")
    return last, made, lambda regime, rng, shape: rng.integers(2, size=shape).astype(np.float32)


def _of_numbers(d):
    losses, more = d.keras.losses, {"reduction": _reduced(d)}
    made = d.one_of(
        lambda: losses.MeanSquaredError(**more),
        lambda: losses.MeanSquaredError(**more),
        lambda: losses.MeanAbsoluteError(**more),
        lambda: losses.MeanAbsolutePercentageError(**more),
        lambda: losses.MeanSquaredLogarithmicError(**more),
        lambda: losses.Huber(d.real(0.01, 10), **more),
        lambda: losses.LogCosh(**more),
        lambda: losses.Poisson(**more),
        lambda: losses.CosineSimilarity(**more),
    )()
    positive = isinstance(made, losses.Poisson)
    last = d.layers.Dense(d.whole(1, 3), "softplus" if positive else d.activation)

    def targets(regime, rng, shape):
        found = draw_numbers(regime, rng, shape)
        return np.abs(found) if positive else found

    return last, made, targets


LOSSES = (_of_classes, _of_two, _of_numbers, _of_numbers)

# ----------------------------------------------------------------------------- optimizers


def _rate(d):
    s, rate = d.keras.optimizers.schedules, d.real(1e-4, 1)
    steps = d.whole(1, 5)
    return d.one_of(
        *(lambda: rate,) * 8,
        lambda: s.ExponentialDecay(rate, steps, d.real(0.1, 0.99), d.chance(0.5)),
        lambda: s.InverseTimeDecay(rate, steps, d.real(0.1, 0.99), d.chance(0.5)),
        lambda: s.PolynomialDecay(rate, steps, rate / 3, d.real(0.5, 3), d.chance(0.5)),
        lambda: s.PiecewiseConstantDecay([1, 3], [rate, rate / 3, rate / 7]),
        lambda: s.CosineDecay(rate, steps, 0.1, warmup_target=2 * rate, warmup_steps=2),
        lambda: s.CosineDecayRestarts(rate, steps, d.real(1, 3), d.real(0.5, 1), 0.1),
    )()


def _common(d):
    """Return options that every optimizer of Keras has."""
    found = {}
    clip = d.one_of(*(None,) * 6, "clipnorm", "clipvalue", "global_clipnorm")
    if clip:
        found[clip] = d.real(0.01, 10)
    if d.chance(0.15):
        found["weight_decay"] = d.real(1e-4, 0.1)
    if d.chance(0.1):
        every = d.one_of(None, 1, 2)
        found |= {
            "use_ema": True,
            "ema_momentum": d.real(0.5, 0.99),
            "ema_overwrite_frequency": every,
        }
    if d.chance(0.1):
        found["gradient_accumulation_steps"] = 2
    return found


def _beta(d):
    return d.real(0.5, 0.999)


OPTIMIZERS = (
    lambda o, d, r, m: o.SGD(r, d.one_of(0.0, d.real(0.1, 0.99)), d.chance(0.5), **m),
    lambda o, d, r, m: o.RMSprop(
        r, _beta(d), d.one_of(0.0, 0.9), d.real(1e-8, 1e-3), d.chance(0.5), **m
    ),
    lambda o, d, r, m: o.Adam(r, _beta(d), _beta(d), d.real(1e-8, 1e-3), d.chance(0.4), **m),
    lambda o, d, r, m: o.AdamW(r, beta_1=_beta(d), amsgrad=d.chance(0.4), **m),
    lambda o, d, r, m: o.Adadelta(r, _beta(d), d.real(1e-8, 1e-3), **m),
    lambda o, d, r, m: o.Adagrad(r, d.real(1e-3, 1), d.real(1e-8, 1e-3), **m),
    lambda o, d, r, m: o.Adamax(r, _beta(d), _beta(d), **m),
    lambda o, d, r, m: o.Nadam(r, _beta(d), _beta(d), **m),
    lambda o, d, r, m: o.Ftrl(r, -d.real(0.1, 1), l1_regularization_strength=d.real(1e-3, 1), **m),
    lambda o, d, r, m: o.Lion(r, _beta(d), _beta(d), **m),
    lambda o, d, r, m: o.Lamb(r, _beta(d), _beta(d), **m),
    lambda o, d, r, m: o.Adafactor(r, relative_step=d.chance(0.5), **m),
    lambda o, d, r, m: o.Muon(r, **m),
)


def _optimizer(d):
    """Return an optimizer; Keras refuses some options together, which are drawn again."""
    for _ in range(MOST_TRIES):
        try:
            return d.one_of(*OPTIMIZERS)(d.keras.optimizers, d, _rate(d), _common(d))
        except (TypeError, ValueError):
            continue
    raise RuntimeError("no optimizer out of so many tries")


# --------------------------------------------------------------------------------- models


@dataclass
class Drawn:
    """A compiled model, and what makes the data of it.

    layers: the names of their classes, in a row.
    """

    model: Any
    shape: tuple
    of_tokens: bool
    output: tuple
    targets: Any
    layers: tuple

    @property
    def what(self):
        optimizer, loss = type(self.model.optimizer).__name__, type(self.model.loss).__name__
        return f"{' '.join(self.layers)}, {loss}, {optimizer}"

    def data(self, regime, rng):
        """Return (x, y), one batch, of numbers of a regime."""
        shape = (BATCH, *self.shape)
        of_tokens = self.of_tokens
        x = rng.integers(VOCABULARY, size=shape) if of_tokens else draw_numbers(regime, rng, shape)
        return x, self.targets(regime, rng, (BATCH, *self.output))

    def start(self, regime, rng):
        """Let the model begin from weights of a regime; None leaves what Keras began with."""
        for variable in self.model.trainable_variables if regime else ():
            variable.assign(draw_numbers(regime, rng, tuple(variable.shape)))


def draw_numbers(regime, rng, shape):
    """Return float32 numbers of a regime of REGIMES."""
    if regime == "ties":
        return (rng.integers(-2, 3, size=shape) / 2).astype(np.float32)
    if regime == "small decades":
        found = 10 ** rng.uniform(-5, -2, size=shape) * rng.choice((1.0, -1.0), size=shape)
        return found.astype(np.float32)
    return numbers(regime, rng, shape, "float32")


def draw_model(rng):
    """Return a Drawn model."""
    import keras

    keras.utils.clear_session()
    keras.utils.set_random_seed(int(rng.integers(2**31)))
    d = Draw(keras, rng)
    for _ in range(MOST_TRIES):
        try:
            return _model(d)
        except (TypeError, ValueError):
            continue  # what Keras refuses for this shape
    raise RuntimeError("no model out of so many tries")


def _model(d):
    given, x = _inputs(d)
    for _ in range(d.whole(1, MOST_LAYERS)):
        x = _step(d, x)
    if len(x.shape) > 2 and d.chance(0.8):
        x = d.layers.Flatten()(x)
    last, loss, targets = d.one_of(*LOSSES)(d)
    out = last(x)
    model = d.keras.Model(given, out)
    if model.count_params() > MOST_WEIGHTS or None in out.shape[1:] or 0 in out.shape[1:]:
        raise ValueError("too large, or nothing is left")
    model.compile(_optimizer(d), loss)
    names = tuple(type(layer).__name__ for layer in model.layers[1:])
    shape = tuple(given.shape[1:])
    return Drawn(model, shape, given.dtype == "int32", tuple(out.shape[1:]), targets, names)


MOST_WEIGHTS = 1500
