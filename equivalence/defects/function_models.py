"""Activations and losses of the reference with a known upstream defect built in.

Each is called with the object that it replaces, and keeps its parameters.
"""

from dataclasses import fields, replace

import numpy as np

from equivalence.arithmetic.rounding import OUTWARDS, RoundingArray
from equivalence.arithmetic.two_floats import size_of
from refimpl.activations import (
    CELU,
    GELU,
    SELU,
    GELUTanh,
    GeneralReLU,
    LeakyReLU,
)
from refimpl.losses import (
    CTC,
    CategoricalGeneralizedCrossEntropy,
    LogCosh,
    MeanSquaredLogarithmicError,
)
from refimpl.random import words


def float32(value):
    """Return the float32 that a number becomes when TensorFlow casts it first."""
    value = getattr(value, "mid", value)  # a hyperparameter may be a ball already
    return None if value is None else float(np.float32(value))


class SparsemaxOfCumulativeSums:
    """Keras's sparsemax: tau = (the sum of the supported *cumulative* sums - 1) / k.

    A cumulative sum is that of the values before and at its own in falling order, equal
    ones in the order that they stand in; its rank is how many they are.
    """

    name = "sparsemax"

    def __init__(self, activation):
        self.activation = activation

    def forward(self, x):
        tau, _ = self._threshold(x)
        return np.maximum(x - tau, 0)

    def backward(self, yb, x, y):
        tau, weights = self._threshold(x)
        through = np.where(x - tau >= 0, yb, 0)
        return through - np.sum(through, axis=-1, keepdims=True) * weights

    def _threshold(self, x):
        """Return tau, and its derivative by each of the values."""
        own, other = x[..., :, None], x[..., None, :]
        units = np.arange(x.shape[-1])
        earlier, same = units < units[:, None], units == units[:, None]
        before = (other > own) | ((other >= own) & earlier) | same
        first = np.where(before, np.ones_like(own * other), 0)
        rank, cumulative = np.sum(first, axis=-1), np.sum(first * other, axis=-1)
        support = np.where(x - (cumulative - 1) / rank > 0, np.ones_like(x), 0)
        k = np.sum(support, axis=-1, keepdims=True)
        with np.errstate(divide="ignore", invalid="ignore"):
            tau = (np.sum(support * cumulative, axis=-1, keepdims=True) - 1) / k
            weights = np.maximum(k - rank + 1, 0) / k
        return tau, weights


def regularizer_of_float32(regularizer):
    """Return the regularizer with its factors as float32."""
    factors = {field.name: getattr(regularizer, field.name) for field in fields(regularizer)}
    return replace(regularizer, **{name: float32(factor) for name, factor in factors.items()})


def dropout_of_upper_bits(layer):
    """Return the dropout with the numbers that XLA makes; its class keeps its name."""
    own = {field.name: getattr(layer, field.name) for field in fields(layer)}
    kind = type(layer)
    return type(kind.__name__, (_UpperBits, kind), {})(**own)


class _UpperBits:
    """A float32 is the upper 23 bits of a word; a float64 the upper 52 of two, low word first."""

    def numbers(self, seed, shape, dtype):
        count = int(np.prod(shape))
        if np.dtype(dtype) == np.float32:
            fraction = (words(seed, count) >> 9).astype(np.float64) * 2.0**-23
        else:
            pairs = words(seed, 2 * count).reshape(*seed.shape[:-1], count, 2)
            whole = pairs[..., 1] * 2**32 + pairs[..., 0]
            fraction = (whole >> 12).astype(np.float64) * 2.0**-52
        return fraction.astype(dtype).reshape(*seed.shape[:-1], *shape)


class _CELUCountedTwice(CELU):
    """Both the maximum and the minimum hand a tie's gradient on."""

    def backward(self, yb, x, y):
        above = np.where(x < 0, 0, yb)
        slope = yb * self.alpha * np.exp(np.minimum(x, 0) / self.alpha) / self.alpha
        return above + np.where(x > 0, 0, slope)


class _GeneralReLUOfOpenSides(GeneralReLU):
    """Neither side hands a tie's gradient on."""

    def backward(self, yb, x, y):
        whole = super().backward(yb, x, y)
        beside = np.where(x < self.threshold, whole, 0)
        return np.where(x > self.threshold, whole, beside)


class _GeneralReLUOfFloat32(GeneralReLU):
    """The upper branch has float32 limits; the lower one has the threshold given."""

    def forward(self, x):
        above, below = self._branches()
        return above.forward(x) - self.negative_slope * np.maximum(below - x, 0)

    def backward(self, yb, x, y):
        above, below = self._branches()
        lower = np.where(x < below, self.negative_slope * yb, 0)
        return above.backward(yb, x, y) + lower

    def _branches(self):
        limits = float32(self.max_value), float32(self.threshold)
        return GeneralReLU(0.0, *limits), self.threshold


class SELUByExp(SELU):
    """TensorFlow's CPU kernels: exp(x) - 1, and a derivative that looks at y."""

    def __init__(self, activation):
        self.activation = activation

    def forward(self, x):
        below = self.scale_alpha * (np.exp(np.minimum(x, 0)) - 1)
        return np.where(x > 0, self.scale * x, below)

    def backward(self, yb, x, y):
        below = yb * (y + self.scale_alpha)
        return np.where(y < 0, below, yb * self.scale)


class _GELUOfFloat32(GELU):
    root_half = float32(GELU.root_half)


class _GELUTanhOfFloat32(GELUTanh):
    coefficient = float32(GELUTanh.coefficient)


class _LogCoshOfFloat32(LogCosh):
    log_2 = float32(LogCosh.log_2)


class _MeanSquaredLogarithmicErrorOfFloat32(MeanSquaredLogarithmicError):
    epsilon = float32(MeanSquaredLogarithmicError.epsilon)


class _GeneralizedOfEveryPair(CategoricalGeneralizedCrossEntropy):
    """Every sample with every label: S is (batch, batch), a row a label."""

    def samples(self, O, T):
        return (1 - np.power(self._probabilities(O, T), self.q)) / self.q

    def forward(self, O, T, sample_weight=None):
        return np.mean(self.samples(O, T), axis=(-2, -1))

    def _probabilities(self, O, T):
        hot = self.one_hot(O, T)
        return np.sum(O[..., None, :, :] * hot[..., :, None, :], axis=-1)


class _CTCOfLikelyLabels(CTC):
    """TensorFlow's logarithm of 0: no state is less likely than 1e-307."""

    impossible = float32(np.log(1e-307))


class _CTCOfFloat32(_CTCOfLikelyLabels):
    """TensorFlow's, as Keras calls it in float64: between a cast to float32 and one back."""

    def samples(self, O, T):
        return _as_float64(super().samples(_as_float32(O), _as_float32(T)))

    def samples_backward(self, Sb, O, T):
        return _as_float64(super().samples_backward(*map(_as_float32, (Sb, O, T))))


def _as_float32(x):
    """Return float64 numbers, or balls around such, as float32."""
    if not isinstance(x, RoundingArray):
        return x.astype(np.float32)
    model = replace(x.model, dtype="float32")
    mid = x.mid.astype(model.wide)
    rad = size_of(x.mid - mid) + x.rad
    same = (rad == 0) & (mid == mid.astype(np.float32))
    rad = rad + np.where(same, 0, model.unit * (np.abs(mid) + rad) + model.tiny)
    return RoundingArray(mid, (rad * OUTWARDS).astype(model.wide), model)


def _as_float64(x):
    """Return float32 numbers, or balls around such, as float64."""
    if not isinstance(x, RoundingArray):
        return x.astype(np.float64)
    model = replace(x.model, dtype="float64")
    form = model.format
    return RoundingArray(form.of(x.mid), x.rad.astype(form.radius), model)


def ctc_of_likely_labels(loss):
    return _CTCOfLikelyLabels(loss.log_softmax, loss.log_sum_exp, reduction=loss.reduction)


def ctc_of_float32(loss):
    return _CTCOfFloat32(loss.log_softmax, loss.log_sum_exp, reduction=loss.reduction)


def focal_of_float32(loss):
    return replace(loss, alpha=tuple(map(float32, loss.alpha)))


def log_cosh_of_float32(loss):
    return _LogCoshOfFloat32(loss.softplus, reduction=loss.reduction)


def mean_squared_logarithmic_error_of_float32(loss):
    return _MeanSquaredLogarithmicErrorOfFloat32(reduction=loss.reduction)


def generalized_of_every_pair(loss):
    return _GeneralizedOfEveryPair(loss.q, reduction=loss.reduction)


def celu_counted_twice(activation):
    return _CELUCountedTwice(activation.alpha)


def general_relu_of_open_sides(activation):
    return _GeneralReLUOfOpenSides(*_limits(activation))


def general_relu_of_float32(activation):
    return _GeneralReLUOfFloat32(*_limits(activation))


def leaky_relu_of_float32(activation):
    return LeakyReLU(float32(activation.negative_slope))


def gelu_of_float32(activation):
    return _GELUOfFloat32()


def gelu_tanh_of_float32(activation):
    return _GELUTanhOfFloat32()


def _limits(activation):
    return activation.negative_slope, activation.max_value, activation.threshold
