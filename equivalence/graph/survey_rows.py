"""What of Keras a training step may call, each with operands: the rows of ``survey``.

A row is (name, operands, options).  Floats among the operands are trained; whole numbers and
booleans are given.  What no step calls is in ``LEFT_OUT``, with the reason.
"""

import numpy as np


def _floats(numbers):
    return np.asarray(numbers, np.float32)


def _whole(numbers):
    return np.asarray(numbers, np.int32)


RNG = np.random.default_rng(11)
A, B = (_floats(RNG.normal(size=(4, 6))) for _ in range(2))
POSITIVE, UNIT = np.abs(A) + _floats(0.1), np.tanh(A) * _floats(0.9)
ABOVE_ONE = POSITIVE + 1
VECTOR, OTHER = A[0], B[0]
SQUARE = _floats(RNG.normal(size=(3, 3)))
SPREAD = _floats(SQUARE @ SQUARE.T + np.eye(3))
TRIANGLE = np.tril(SPREAD)
TALL = _floats(RNG.normal(size=(5, 3)))
SYMMETRIC = _floats(SQUARE + SQUARE.T)
THREES = _floats(RNG.normal(size=(4, 3)))
LINE = _floats(RNG.normal(size=(2, 8, 3)))
IMAGES = _floats(RNG.normal(size=(2, 8, 8, 3)))
PICTURES = _floats(RNG.uniform(0, 255, size=(2, 8, 8, 3)))
SHARES = _floats(RNG.uniform(size=(2, 8, 8, 3)))
VOLUME = _floats(RNG.normal(size=(2, 4, 4, 4, 2)))
VIDEO = _floats(RNG.normal(size=(2, 3, 6, 6, 2)))
SIGNAL = _floats(RNG.normal(size=(2, 64)))
HEADS = _floats(RNG.normal(size=(2, 5, 4, 8)))
LABELS, WHOLE, OTHERS = (
    _whole([0, 2, 1, 5]),
    _whole([[5, 2], [7, 4]]),
    _whole([[3, 1], [2, 6]]),
)
TRUTH = A > 0
CTC = (
    _whole([[1, 2, 0], [2, 2, 1]]),
    _floats(RNG.normal(size=(2, 8, 4))),
    _whole([2, 3]),
    _whole([8, 8]),
)
PARTS = (A, B)

_UNARY = (
    "abs absolute celu cos cosh elu erf erfc exp exp2 expm1 fabs floor ceil round trunc glu "
    "hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu log_sigmoid log_softmax "
    "gelu negative ravel relu relu6 selu sigmoid sign silu sin sinc sinh soft_shrink softmax "
    "softplus softsign sparse_plus sparse_sigmoid sparsemax square squareplus swish tan tanh "
    "tanh_shrink arctan arcsinh i0 logsumexp mean max min amax amin prod ptp std sum var median "
    "nanmax nanmin nanmean nanmedian nanprod nanstd nansum nanvar nancumsum nancumprod argmax "
    "argmin nanargmax nanargmin argsort sort cumsum cumprod copy cbrt deg2rad rad2deg diff "
    "flip fliplr flipud isfinite isinf isnan isposinf isreal signbit count_nonzero "
    "nan_to_num norm normalize real imag conj conjugate angle ones_like zeros_like empty_like "
    "unstack transpose squeeze stop_gradient all any nonzero rms_normalization layer_normalization "
    "identity_of trapezoid diagonal trace triu tril rot90 diagflat array size shape"
)
_POSITIVE = "sqrt rsqrt reciprocal log log10 log1p log2"
_UNIT = "arccos arcsin arctanh erfinv"
_BINARY = (
    "add subtract multiply divide true_divide divide_no_nan floor_divide mod fmod maximum minimum "
    "fmax fmin equal not_equal less less_equal greater greater_equal logaddexp logaddexp2 hypot "
    "arctan2 heaviside isclose allclose nextafter cdist vdot inner"
)
OPS = [
    *((name, (A,), {}) for name in _UNARY.split() if name != "identity_of"),
    *((name, (POSITIVE,), {}) for name in _POSITIVE.split()),
    *((name, (UNIT,), {}) for name in _UNIT.split()),
    ("arccosh", (ABOVE_ONE,), {}),
    *((name, (A, B), {}) for name in _BINARY.split()),
    ("power", (POSITIVE, B), {}),
    *((name, (TRUTH, ~TRUTH), {}) for name in ("logical_and", "logical_or", "logical_xor")),
    ("logical_not", (TRUTH,), {}),
    *((name, (WHOLE, OTHERS), {}) for name in ("bitwise_and", "bitwise_or", "bitwise_xor")),
    *((name, (WHOLE, OTHERS), {}) for name in ("bitwise_left_shift", "bitwise_right_shift")),
    *((name, (WHOLE, OTHERS), {}) for name in ("left_shift", "right_shift", "gcd", "lcm")),
    *((name, (WHOLE,), {}) for name in ("bitwise_invert", "bitwise_not")),
    ("ldexp", (A, LABELS[:1]), {}),
    ("adaptive_average_pool", (IMAGES,), {"output_size": 3}),
    ("adaptive_max_pool", (IMAGES,), {"output_size": 3}),
    ("append", (A, B), {}),
    ("arange", (), {"start": 0, "stop": 5, "dtype": "float32"}),
    ("argpartition", (A,), {"kth": 2}),
    ("array_split", (A,), {"indices_or_sections": 3, "axis": 1}),
    ("associative_scan", (np.add, A), {}),
    ("average", (A,), {"axis": 1, "weights": OTHER}),
    ("average_pool", (IMAGES,), {"pool_size": 2}),
    *((name, (8,), {}) for name in ("blackman", "hamming", "hanning")),
    ("kaiser", (8, 3.0), {}),
    (
        "batch_normalization",
        (A, OTHER, np.abs(VECTOR) + _floats(0.2)),
        {"axis": -1, "offset": VECTOR, "scale": OTHER},
    ),
    ("binary_crossentropy", (_floats(TRUTH), np.abs(UNIT) + _floats(0.05)), {}),
    ("bincount", (LABELS,), {}),
    ("bincount", (LABELS,), {"weights": A[:, 0]}),
    ("broadcast_to", (A,), {"shape": (3, 4, 6)}),
    ("cast", (A,), {"dtype": "float64"}),
    ("saturate_cast", (A,), {"dtype": "int8"}),
    ("view", (A,), {"dtype": "int32"}),
    ("categorical_crossentropy", (np.abs(A), np.abs(B)), {}),
    ("sparse_categorical_crossentropy", (LABELS, A), {"from_logits": True}),
    *((name, (SPREAD,), {}) for name in ("cholesky", "inv", "det", "logdet", "slogdet", "pinv")),
    ("cholesky_inverse", (np.linalg.cholesky(SPREAD),), {}),
    ("eigh", (SYMMETRIC,), {}),
    ("eig", (SQUARE,), {}),
    ("svd", (SQUARE,), {}),
    ("svd", (TALL,), {"compute_uv": False}),
    ("qr", (TALL,), {}),
    ("qr", (SQUARE,), {"mode": "complete"}),
    ("lstsq", (TALL, TALL[:, 0]), {}),
    ("solve", (SPREAD, SQUARE), {}),
    ("solve_triangular", (TRIANGLE, SQUARE), {"lower": True}),
    ("matrix_rank", (SPREAD,), {}),
    ("norm", (A,), {"ord": "nuc"}),
    ("norm", (A,), {"ord": 2}),
    ("norm", (A,), {"ord": "fro"}),
    ("clip", (A,), {"x_min": -0.5, "x_max": 0.5}),
    ("concatenate", (PARTS,), {"axis": 1}),
    ("stack", (PARTS,), {"axis": 1}),
    *((name, (PARTS,), {}) for name in ("hstack", "vstack", "dstack")),
    ("meshgrid", (VECTOR, OTHER), {}),
    ("conv", (IMAGES, _floats(RNG.normal(size=(3, 3, 3, 4)))), {}),
    ("conv_transpose", (IMAGES, _floats(RNG.normal(size=(3, 3, 4, 3)))), {"strides": 2}),
    ("depthwise_conv", (IMAGES, _floats(RNG.normal(size=(3, 3, 3, 2)))), {}),
    (
        "separable_conv",
        (
            IMAGES,
            _floats(RNG.normal(size=(3, 3, 3, 2))),
            _floats(RNG.normal(size=(1, 1, 6, 4))),
        ),
        {},
    ),
    ("correlate", (VECTOR, OTHER), {"mode": "same"}),
    ("cross", (THREES, THREES[::-1]), {}),
    ("ctc_loss", CTC, {}),
    ("ctc_decode", (CTC[1], CTC[3]), {}),
    ("depth_to_space", (IMAGES[..., :1].repeat(4, -1),), {"block_size": 2}),
    ("space_to_depth", (IMAGES,), {"block_size": 2}),
    ("diag", (VECTOR,), {}),
    ("digitize", (A, [-1.0, 0.0, 0.5]), {}),
    ("dot", (A, B.T), {}),
    ("matmul", (A, B.T), {}),
    ("tensordot", (A, B), {"axes": 2}),
    ("outer", (VECTOR, OTHER), {}),
    ("dot_product_attention", (HEADS, HEADS[::-1], HEADS * 2), {}),
    ("einsum", ("ab,cb->ac", A, B), {}),
    ("empty", (), {"shape": (2, 3)}),
    ("zeros", (), {"shape": (2, 3)}),
    ("ones", (), {"shape": (2, 3)}),
    ("eye", (3,), {}),
    ("identity", (3,), {}),
    ("tri", (3,), {}),
    ("full", ((2, 3), 1.5), {}),
    ("full_like", (A, 1.5), {}),
    ("expand_dims", (A,), {"axis": 1}),
    ("extract_sequences", (SIGNAL,), {"sequence_length": 16, "sequence_stride": 8}),
    ("fft", (PARTS,), {}),
    ("fft2", (PARTS,), {}),
    ("ifft2", (PARTS,), {}),
    ("rfft", (A,), {}),
    ("irfft", (PARTS,), {}),
    ("stft", (SIGNAL,), {"sequence_length": 16, "sequence_stride": 8, "fft_length": 16}),
    (
        "istft",
        ((LINE[:, :, :1].repeat(9, -1), LINE[:, :, 1:2].repeat(9, -1)),),
        {"sequence_length": 16, "sequence_stride": 8, "fft_length": 16},
    ),
    ("view_as_complex", (A.reshape(4, 3, 2),), {}),
    ("polar", (POSITIVE, A), {}),
    ("fold", (_floats(RNG.normal(size=(1, 12, 9))),), {"output_size": 4, "kernel_size": 2}),
    ("unfold", (_floats(RNG.normal(size=(1, 3, 4, 4))),), {"kernel_size": 2}),
    ("geomspace", (1.0, 8.0, 4), {}),
    ("linspace", (0.0, 1.0, 5), {}),
    ("logspace", (0.0, 1.0, 5), {}),
    ("get_item", (A, 1), {}),
    ("histogram", (VECTOR,), {}),
    ("in_top_k", (LABELS, A), {"k": 2}),
    ("top_k", (A,), {"k": 2}),
    ("max_pool", (IMAGES,), {"pool_size": 2}),
    ("moments", (A,), {"axes": 1}),
    ("moveaxis", (IMAGES, 3, 1), {}),
    ("swapaxes", (A, 0, 1), {}),
    ("multi_hot", (LABELS,), {"num_classes": 6}),
    ("one_hot", (LABELS,), {"num_classes": 6}),
    ("quantile", (A, 0.3), {"axis": 1}),
    ("percentile", (A, 30.0), {"axis": 1}),
    ("pad", (A, ((1, 2), (0, 1))), {}),
    ("pad", (A, ((1, 2), (0, 1))), {"mode": "symmetric"}),
    ("psnr", (A, B), {"max_val": 1.0}),
    ("rearrange", (IMAGES, "b h w c -> b (h w) c"), {}),
    ("repeat", (A, 2), {"axis": 1}),
    ("reshape", (A, (2, 12)), {}),
    ("roll", (A, 2), {"axis": 1}),
    ("scatter", (LABELS[:, None], A[:, 0], (8,)), {}),
    ("scatter_update", (A, _whole([[0, 1], [2, 3]]), VECTOR[:2]), {}),
    ("slice", (A, (1, 2), (2, 3)), {}),
    ("searchsorted", (np.sort(OTHER), VECTOR), {}),
    *(
        (name, (A, _whole([0, 0, 1, 2])), {"num_segments": 3})
        for name in ("segment_max", "segment_min", "segment_prod", "segment_sum")
    ),
    ("select", ([TRUTH, A > 1], [A, B]), {"default": 0.5}),
    ("split", (A,), {"indices_or_sections": 3, "axis": 1}),
    *((name, (IMAGES, 2), {}) for name in ("vsplit", "hsplit")),
    ("dsplit", (IMAGES[..., :2], 2), {}),
    ("take", (A, LABELS), {"axis": 1}),
    ("take_along_axis", (A, LABELS[:, None]), {"axis": 1}),
    ("threshold", (A, 0.2, -1.0), {}),
    ("tile", (A, (2, 1)), {}),
    ("unique", (LABELS,), {}),
    ("unravel_index", (LABELS, (2, 3)), {}),
    ("vander", (VECTOR,), {}),
    ("where", (TRUTH, A, B), {}),
]


def _twice(x):
    return x * 2


def _add(a, b):
    return a + b


def _squared(x):
    def slope(*given, upstream=None):
        return 2 * x * (given[0] if upstream is None else upstream)

    return x * x, slope


# Those that take functions, and are written out here: name -> what is called with ``ops``.
CALLS = {
    "associative_scan": (lambda ops, a: ops.associative_scan(_add, a), (A,)),
    "cond": (lambda ops, a: ops.cond(ops.sum(a) > 0, lambda: a * 2, lambda: a * 3), (A,)),
    "switch": (lambda ops, a: ops.switch(1, [lambda x: x, _twice], a), (A,)),
    "custom_gradient": (
        lambda ops, a: ops.custom_gradient(_squared)(a),
        (A,),
    ),
    "fori_loop": (lambda ops, a: ops.fori_loop(0, 3, lambda i, x: x * 2, a), (A,)),
    "while_loop": (
        lambda ops, a: ops.while_loop(lambda x: ops.sum(x * x) < 50, lambda x: (x * 2,), (a,))[0],
        (A,),
    ),
    "map": (lambda ops, a: ops.map(_twice, a), (A,)),
    "scan": (lambda ops, a: ops.scan(lambda c, x: (c + x, c * x), a[0], a)[1], (A,)),
    "vectorized_map": (lambda ops, a: ops.vectorized_map(_twice, a), (A,)),
    "view_as_real": (
        lambda ops, a: ops.view_as_real(ops.view_as_complex(a)),
        (A.reshape(4, 3, 2),),
    ),
}


OPS = [row for row in OPS if row[0] not in CALLS]

ACTIVATIONS = [
    "celu",
    "elu",
    "exponential",
    "gelu",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
]

# name, operands, options of the layer.
LAYERS = [
    ("Activation", (A,), {"activation": "tanh"}),
    ("ActivityRegularization", (A,), {"l1": 0.1, "l2": 0.2}),
    *(
        (f"Adaptive{kind}Pooling{n}D", (images,), {"output_size": 2})
        for kind in ("Average", "Max")
        for n, images in ((1, LINE), (2, IMAGES), (3, VOLUME))
    ),
    *((name, (PARTS,), {}) for name in ("Add", "Average", "Concatenate", "Maximum", "Minimum")),
    *((name, (PARTS,), {}) for name in ("Multiply", "Subtract")),
    ("Dot", (PARTS,), {"axes": 1}),
    ("Dot", (PARTS,), {"axes": 1, "normalize": True}),
    ("AdditiveAttention", ([LINE, LINE[:, ::-1]],), {}),
    ("Attention", ([LINE, LINE[:, ::-1]],), {"use_scale": True, "score_mode": "concat"}),
    ("AlphaDropout", (A,), {"rate": 0.4}),
    ("Dropout", (A,), {"rate": 0.4}),
    ("GaussianDropout", (A,), {"rate": 0.4}),
    ("GaussianNoise", (A,), {"stddev": 0.4}),
    *(
        (f"SpatialDropout{n}D", (images,), {"rate": 0.4})
        for n, images in ((1, LINE), (2, IMAGES), (3, VOLUME))
    ),
    *(
        (f"{kind}Pooling{n}D", (images,), {})
        for kind in ("GlobalAverage", "GlobalMax")
        for n, images in ((1, LINE), (2, IMAGES), (3, VOLUME))
    ),
    *(
        (f"{kind}Pooling{n}D", (images,), {"pool_size": 2})
        for kind in ("Average", "Max")
        for n, images in ((1, LINE), (2, IMAGES), (3, VOLUME))
    ),
    *(
        (f"{kind}{n}D", (images,), {})
        for kind in ("Cropping", "ZeroPadding", "UpSampling")
        for n, images in ((1, LINE), (2, IMAGES), (3, VOLUME))
    ),
    ("UpSampling2D", (IMAGES,), {"interpolation": "bilinear"}),
    *(
        (f"Conv{n}D{more}", (images,), {"filters": 3, "kernel_size": 2})
        for more in ("", "Transpose")
        for n, images in ((1, LINE), (2, IMAGES), (3, VOLUME))
    ),
    *(
        (f"{kind}Conv{n}D", (images,), {"kernel_size": 2, **more})
        for kind, more in (("Depthwise", {}), ("Separable", {"filters": 3}))
        for n, images in ((1, LINE), (2, IMAGES))
    ),
    *(
        (f"ConvLSTM{n}D", (images,), {"filters": 2, "kernel_size": 2})
        for n, images in (
            (1, VIDEO[:, :, 0]),
            (2, VIDEO),
            (3, VIDEO[:, :, :4, :4, None].repeat(3, 4)),
        )
    ),
    ("BatchNormalization", (A,), {}),
    ("BatchNormalization", (IMAGES,), {}),
    ("GroupNormalization", (A,), {"groups": 2}),
    ("LayerNormalization", (A,), {}),
    ("RMSNormalization", (A,), {}),
    ("UnitNormalization", (A,), {}),
    ("Normalization", (A,), {"mean": 0.5, "variance": 2.0}),
    ("Dense", (A,), {"units": 3}),
    ("EinsumDense", (LINE,), {"equation": "abc,cd->abd", "output_shape": (None, 4)}),
    ("ELU", (A,), {}),
    ("LeakyReLU", (A,), {}),
    ("PReLU", (A,), {}),
    ("ReLU", (A,), {"max_value": 1.0, "negative_slope": 0.1, "threshold": 0.2}),
    ("Softmax", (A,), {}),
    ("Embedding", (WHOLE,), {"input_dim": 9, "output_dim": 3}),
    ("ReversibleEmbedding", (WHOLE,), {"input_dim": 9, "output_dim": 3}),
    *((name, (LINE,), {"units": 3}) for name in ("SimpleRNN", "LSTM", "GRU")),
    ("GRU", (LINE,), {"units": 3, "reset_after": False}),
    ("Masking", (LINE,), {}),
    ("MultiHeadAttention", (LINE, LINE[:, ::-1]), {"num_heads": 2, "key_dim": 3}),
    (
        "GroupQueryAttention",
        (LINE, LINE[:, ::-1]),
        {"num_query_heads": 4, "num_key_value_heads": 2, "head_dim": 3},
    ),
    *((name, (LINE,), {}) for name in ("Flatten", "Identity")),
    ("Permute", (LINE,), {"dims": (2, 1)}),
    ("RepeatVector", (A,), {"n": 3}),
    ("Reshape", (A,), {"target_shape": (3, 2)}),
    ("Rescaling", (A,), {"scale": 0.3, "offset": 0.1}),
    ("CenterCrop", (IMAGES,), {"height": 4, "width": 5}),
    *(
        ("Resizing", (IMAGES,), {"height": 5, "width": 11, "interpolation": way})
        for way in ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")
    ),
    ("CategoryEncoding", (WHOLE,), {"num_tokens": 9}),
    ("CategoryEncoding", (WHOLE,), {"num_tokens": 9, "output_mode": "count"}),
    ("Discretization", (A,), {"bin_boundaries": [-0.5, 0.0, 0.5]}),
    ("IntegerLookup", (WHOLE,), {"vocabulary": [2, 4, 5, 7]}),
    ("HashedCrossing", ((WHOLE[:, :1], OTHERS[:, :1]),), {"num_bins": 5}),
    ("Hashing", (WHOLE,), {"num_bins": 5}),
    (
        "STFTSpectrogram",
        (SIGNAL[..., None],),
        {"frame_length": 16, "frame_step": 8, "fft_length": 16},
    ),
    (
        "MelSpectrogram",
        (SIGNAL,),
        {
            "fft_length": 16,
            "sequence_stride": 8,
            "sampling_rate": 64,
            "num_mel_bins": 4,
            "min_freq": 2.0,
            "max_freq": 30.0,
        },
    ),
    *(
        (name, (PICTURES,), {})
        for name in (
            "AugMix",
            "AutoContrast",
            "Equalization",
            "RandAugment",
            "RandomElasticTransform",
            "RandomFlip",
            "RandomGaussianBlur",
            "RandomPerspective",
            "ContrastLimitedAdaptiveHistogramEqualization",
        )
    ),
    *(
        (name, (PICTURES,), {"factor": 0.4})
        for name in (
            "RandomBrightness",
            "RandomColorDegeneration",
            "RandomContrast",
            "RandomErasing",
            "RandomGrayscale",
            "RandomInvert",
            "RandomRotation",
            "RandomSaturation",
            "RandomSharpness",
            "RandomHue",
        )
    ),
    ("RandomPosterization", (PICTURES,), {"factor": 3}),
    ("RandomColorJitter", (PICTURES,), {"brightness_factor": 0.3, "hue_factor": 0.2}),
    ("RandomCrop", (PICTURES,), {"height": 4, "width": 5}),
    ("RandomShear", (PICTURES,), {"x_factor": 0.2, "y_factor": 0.2}),
    ("RandomTranslation", (PICTURES,), {"height_factor": 0.2, "width_factor": 0.3}),
    ("RandomZoom", (PICTURES,), {"height_factor": 0.2}),
    ("Solarization", (PICTURES,), {"threshold_factor": 0.4}),
]

# Layers around layers: name -> what makes it of ``keras.layers``, and the operands.
WRAPPERS = {
    "Bidirectional": (lambda layers: layers.Bidirectional(layers.LSTM(3)), LINE),
    "TimeDistributed": (lambda layers: layers.TimeDistributed(layers.Dense(2)), LINE),
    "SpectralNormalization": (lambda layers: layers.SpectralNormalization(layers.Dense(2)), A),
    "RNN": (lambda layers: layers.RNN(layers.GRUCell(3)), LINE),
    "StackedRNNCells": (
        lambda layers: layers.RNN(layers.StackedRNNCells([layers.LSTMCell(3), layers.LSTMCell(2)])),
        LINE,
    ),
    "SimpleRNNCell": (lambda layers: layers.RNN(layers.SimpleRNNCell(3)), LINE),
    "Lambda": (lambda layers: layers.Lambda(lambda x: x * x), A),
    "Pipeline": (lambda layers: layers.Pipeline([layers.Rescaling(0.5)]), A),
}

_LIKELY, _TARGETS = np.abs(UNIT) + _floats(0.05), _floats(np.eye(6))[LABELS]
# Of a loss or metric: targets and outputs.
LOSSES = [
    *(
        (name, (B, A), {})
        for name in (
            "CategoricalHinge",
            "CosineSimilarity",
            "Huber",
            "LogCosh",
            "MeanAbsoluteError",
            "MeanAbsolutePercentageError",
            "MeanSquaredError",
        )
    ),
    *((name, (np.abs(B), POSITIVE), {}) for name in ("MeanSquaredLogarithmicError", "Poisson")),
    *(
        (name, (_TARGETS, _LIKELY), {})
        for name in (
            "BinaryCrossentropy",
            "BinaryFocalCrossentropy",
            "CategoricalCrossentropy",
            "CategoricalFocalCrossentropy",
            "Dice",
            "KLDivergence",
            "Tversky",
        )
    ),
    *((name, (np.sign(B), A), {}) for name in ("Hinge", "SquaredHinge")),
    *(
        (name, (_TARGETS, A), {"from_logits": True})
        for name in (
            "BinaryCrossentropy",
            "BinaryFocalCrossentropy",
            "CategoricalCrossentropy",
            "CategoricalFocalCrossentropy",
        )
    ),
    ("CategoricalGeneralizedCrossEntropy", (LABELS, _LIKELY), {}),
    ("Circle", (_whole([0, 1, 0, 1]), A), {}),
    ("SparseCategoricalCrossentropy", (LABELS, _LIKELY), {}),
    ("SparseCategoricalCrossentropy", (LABELS, A), {"from_logits": True}),
    ("CTC", (CTC[0], CTC[1]), {}),
]

METRICS = [
    *(
        (name, (B, A), {})
        for name in (
            "Accuracy",
            "ConcordanceCorrelation",
            "CosineSimilarity",
            "LogCoshError",
            "MeanAbsoluteError",
            "MeanAbsolutePercentageError",
            "MeanSquaredError",
            "PearsonCorrelation",
            "R2Score",
            "RootMeanSquaredError",
            "CategoricalHinge",
        )
    ),
    *((name, (np.abs(B), POSITIVE), {}) for name in ("MeanSquaredLogarithmicError", "Poisson")),
    *(
        (name, (_TARGETS, _LIKELY), {})
        for name in (
            "AUC",
            "BinaryAccuracy",
            "BinaryCrossentropy",
            "CategoricalAccuracy",
            "CategoricalCrossentropy",
            "F1Score",
            "FBetaScore",
            "FalseNegatives",
            "FalsePositives",
            "KLDivergence",
            "Precision",
            "Recall",
            "TopKCategoricalAccuracy",
            "TrueNegatives",
            "TruePositives",
        )
    ),
    *((name, (np.sign(B), A), {}) for name in ("Hinge", "SquaredHinge")),
    *(
        (name, (LABELS, _LIKELY), {})
        for name in (
            "SparseCategoricalAccuracy",
            "SparseCategoricalCrossentropy",
            "SparseTopKCategoricalAccuracy",
        )
    ),
    ("IoU", (LABELS, LABELS[::-1]), {"num_classes": 6, "target_class_ids": [0, 1]}),
    ("MeanIoU", (LABELS, LABELS[::-1]), {"num_classes": 6}),
    ("BinaryIoU", (_TARGETS, _LIKELY), {}),
    ("OneHotIoU", (_TARGETS, _LIKELY), {"num_classes": 6, "target_class_ids": [0, 1]}),
    ("OneHotMeanIoU", (_TARGETS, _LIKELY), {"num_classes": 6}),
    *(
        (name, (_TARGETS, _LIKELY), {other: 0.5})
        for name, other in (
            ("PrecisionAtRecall", "recall"),
            ("RecallAtPrecision", "precision"),
            ("SensitivityAtSpecificity", "specificity"),
            ("SpecificityAtSensitivity", "sensitivity"),
        )
    ),
    ("Mean", (A,), {}),
    ("Sum", (A,), {}),
]

OPTIMIZERS = [
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Ftrl",
    "Lamb",
    "Lion",
    "Muon",
    "Nadam",
    "RMSprop",
    "SGD",
    "ScheduleFreeAdamW",
]
REGULARIZERS = ("L1", "L2", "L1L2", "OrthogonalRegularizer")

# Names of rooms of Keras that no training step calls, or that are another's second name.
LEFT_OUT = {
    "ops": {
        "Keras cannot trace it, or TensorFlow has no gradient of it": (
            "bartlett corrcoef isin kron lu_factor nanpercentile nanquantile slice_update vectorize"
        ),
        "the value of a number that is none": "isneginf",
        "asks of a tensor": "convert_to_numpy convert_to_tensor dtype is_tensor ndim",
        "differentiates what is outside of a step's tape": "jvp",
    },
    "layers": {
        "another name of a row": (
            "AvgPool1D AvgPool2D AvgPool3D Convolution1D Convolution1DTranspose Convolution2D "
            "Convolution2DTranspose Convolution3D Convolution3DTranspose GlobalAvgPool1D "
            "GlobalAvgPool2D GlobalAvgPool3D GlobalMaxPool1D GlobalMaxPool2D GlobalMaxPool3D "
            "MaxPool1D MaxPool2D MaxPool3D SeparableConvolution1D SeparableConvolution2D add "
            "average concatenate dot maximum minimum multiply subtract"
        ),
        "no layer of its own": (
            "Input InputLayer InputSpec Layer Wrapper deserialize serialize GRUCell LSTMCell"
        ),
        "of other libraries or saved graphs": "FlaxLayer JaxLayer TFSMLayer TorchModuleWrapper",
        "takes texts, which no step trains on": "StringLookup TextVectorization",
        "takes images with labels or boxes, outside of a model": "CutMix MixUp MaxNumBoundingBoxes",
    },
    "losses": {
        "makes losses": "Loss deserialize get serialize",
        "the function of a row": (
            "binary_crossentropy binary_focal_crossentropy categorical_crossentropy "
            "categorical_focal_crossentropy categorical_generalized_cross_entropy "
            "categorical_hinge circle cosine_similarity ctc dice hinge huber kl_divergence "
            "log_cosh mean_absolute_error mean_absolute_percentage_error mean_squared_error "
            "mean_squared_logarithmic_error poisson sparse_categorical_crossentropy "
            "squared_hinge tversky"
        ),
    },
    "metrics": {
        "makes metrics": "MeanMetricWrapper Metric deserialize get serialize",
        "the function of a row, or of a loss": (
            "binary_accuracy binary_crossentropy binary_focal_crossentropy "
            "categorical_accuracy categorical_crossentropy categorical_focal_crossentropy "
            "categorical_hinge concordance_correlation cosine_similarity hinge huber "
            "kl_divergence log_cosh mean_absolute_error mean_absolute_percentage_error "
            "mean_squared_error mean_squared_logarithmic_error pearson_correlation poisson "
            "sparse_categorical_accuracy sparse_categorical_crossentropy "
            "sparse_top_k_categorical_accuracy squared_hinge top_k_categorical_accuracy"
        ),
    },
    "activations": {
        "another row has it with its arguments": "threshold",
        "makes activations": "deserialize get serialize",
    },
    "optimizers": {
        "makes optimizers": "Optimizer OptimizerMap deserialize get serialize",
        "holds others": "LossScaleOptimizer MultiOptimizer",
    },
    "regularizers": {
        "makes regularizers": "Regularizer deserialize get serialize",
        "another name of a row": "l1 l1_l2 l2 orthogonal_regularizer",
    },
}

# Layers whose gradient is none: the departure ``tensorflow-transformed-images-gradient``.
NO_DERIVATIVE = ("RandomRotation", "RandomShear", "RandomTranslation", "RandomZoom")

# Kinds that have no rule yet, and why.
_COMPLEX = "complex eigenvalues have no rule"
_FACTORS = "orthogonal factors of matrices have no rule"
REMAINING = {
    "Eig": _COMPLEX,
    **dict.fromkeys(["Svd", "Qr", "SelfAdjointEigV2"], _FACTORS),
    **dict.fromkeys(["ScaleAndTranslate", "ScaleAndTranslateGrad"], "Lanczos' kernels"),
    "CTCGreedyDecoder": "decodes, in no training step",
    "SparseCross": "takes texts or their hashes",
    "StringToHashBucketFast": "takes texts",
    "LookupTableFindV2": "asks a table",
}

# What has no twin in ``refimpl``, so that ``certify`` holds its operations alone, and why.
OWN_CODE = {
    "layers": {
        "what it does to images is drawn anew for every batch": (
            "AugMix RandAugment RandomBrightness RandomColorDegeneration RandomColorJitter "
            "RandomContrast RandomCrop RandomElasticTransform RandomErasing RandomFlip "
            "RandomGaussianBlur RandomGrayscale RandomHue RandomInvert RandomPerspective "
            "RandomPosterization RandomRotation RandomSaturation RandomSharpness RandomShear "
            "RandomTranslation RandomZoom"
        ),
        "prepares images, and trains nothing": (
            "AutoContrast CenterCrop ContrastLimitedAdaptiveHistogramEqualization Equalization "
            "Resizing Solarization"
        ),
        "prepares numbers and words, and trains nothing": (
            "CategoryEncoding Discretization HashedCrossing Hashing IntegerLookup Normalization"
        ),
        "prepares sounds, and trains nothing": "MelSpectrogram STFTSpectrogram",
        "windows of unequal sizes": (
            "AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D "
            "AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D"
        ),
        "a loop over time around a convolution": "ConvLSTM1D ConvLSTM2D ConvLSTM3D",
        "a loop over time around a cell that may be anybody's": (
            "RNN SimpleRNNCell StackedRNNCells"
        ),
        "it writes the kernel of the layer inside": "SpectralNormalization",
        "heads that share keys and values": "GroupQueryAttention",
        "what goes through it is as it was": "ActivityRegularization",
        "one table read both ways": "ReversibleEmbedding",
        "what is inside may be anybody's": "Lambda Pipeline",
    },
    "losses": {},
    "optimizers": {},
}
# Calls that have a twin, and are not read by it.
_SHAPES = "its update depends on the shapes that Keras's variables have"
UNREAD = {
    "optimizers.Adafactor": _SHAPES,
    "optimizers.Muon": _SHAPES,
}
