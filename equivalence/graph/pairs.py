"""Operations of complex numbers, as pairs of real ones along an axis more: (..., 2).

So balls and numbers that move need be of real numbers alone.  What is linear and keeps real
numbers real is done to both halves by themselves.
"""

from functools import partial

import numpy as np

from equivalence.arithmetic.dispatch import DispatchedArray
from equivalence.arithmetic.rounding import RoundingArray
from equivalence.arithmetic.tangent import Tangent, turning
from equivalence.arithmetic.two_floats import TwoFloats, narrowed
from equivalence.graph import kernels
from equivalence.graph.rules import RULES, Rule
from refimpl.ops import fourier, special

# Kinds that do to both halves what they do to real numbers, beside those that are exact.
BY_HALVES = (
    *("Add", "AddV2", "AddN", "Sub", "Neg", "Sum", "Mean", "Cumsum"),
    *("AssignAddVariableOp", "AssignSubVariableOp", "UnsortedSegmentSum"),
)
# Exact kinds that ask what numbers are, which halves do not answer.
NOT_BY_HALVES = ("Maximum", "Minimum", "Abs", "Sign", "Equal", "NotEqual", "Where", "Bitcast")
# Roundings of a term in a stage of a transform beside its sum's (L23).
OF_A_TERM = 12
# From so many numbers on a prime factor may be convolved instead (Bluestein 1970).
MANY, LARGE = 50, 11
# Roundings of a quotient by any of the three ways to divide that kernels have (L24).
OF_A_QUOTIENT = 10
# Attributes that rules of pairs take, by kind.
NAMED = {
    "Cast": ("SrcT", "DstT"),
    "MatMul": ("transpose_a", "transpose_b"),
    **dict.fromkeys(("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3"), ("adj_x", "adj_y")),
    "Einsum": ("equation",),
}


def is_complex(array):
    return isinstance(array, np.ndarray | np.generic) and array.dtype.kind == "c"


def as_pairs(array):
    """Return a complex array as real pairs, any other as it is."""
    if not is_complex(array):
        return array
    return np.stack([array.real, array.imag], axis=-1)


def rule_for(kind, given, several, attributes):
    """Return the Rule of pairs in the place of complex numbers, its attributes given; or None.

    given: which operands are complex; several: whether the results are.
    """
    own = OF_PAIRS.get(kind)
    if own is not None:
        named = {name: attributes[name] for name in NAMED.get(kind, ())}
        return Rule(f"{kind} of pairs", partial(own, **named))
    rule = RULES.get(kind)
    if rule is None or kind in NOT_BY_HALVES or not several:
        return None
    if not (rule.exact or kind in BY_HALVES):
        return None
    answer = partial(rule.answer, **rule.attributes(attributes))
    return Rule(f"{kind} of pairs", partial(_by_halves, answer, tuple(given)))


def _by_halves(answer, given, *operands):
    halves = []
    for k in range(2):
        part = lambda array, k=k: array[..., k]
        parts = [
            ([part(x) for x in o] if isinstance(o, list) else part(o)) if pair else o
            for o, pair in zip(operands, given, strict=True)
        ]
        halves.append(answer(*parts))
    first, second = halves
    if isinstance(first, list | tuple):
        return [np.stack(both, axis=-1) for both in zip(first, second, strict=True)]
    return np.stack(halves, axis=-1)


def _of_halves(real, imag):
    shape = np.broadcast_shapes(np.shape(real), np.shape(imag))
    return np.stack([np.broadcast_to(part, shape) for part in (real, imag)], axis=-1)


def _multiply(x, y):
    """(a + bi)(c + di), each part one sum of two products."""
    a, b, c, d = x[..., 0], x[..., 1], y[..., 0], y[..., 1]
    real = np.sum(np.stack([a * c, -b * d], axis=-1), axis=-1)
    imaginary = np.sum(np.stack([a * d, b * c], axis=-1), axis=-1)
    return np.stack([real, imaginary], axis=-1)


def _conjugate(input):
    return np.stack([input[..., 0], -input[..., 1]], axis=-1)


def _conjugate_transpose(x, perm):
    return np.transpose(_conjugate(x), (*(int(n) for n in perm), x.ndim - 1))


def _size(x):
    return np.hypot(x[..., 0], x[..., 1])


def _angle(input):
    y, x = input[..., 1], input[..., 0]
    if isinstance(input, Tangent):
        return turning(y, x)
    return (kernels if isinstance(input, RoundingArray) else special).atan2(y, x)


def _divide(x, y):
    """x times the conjugate of y, by the square of y's size."""
    above = _multiply(x, _conjugate(y))
    quotient = above / np.sum(np.square(y), axis=-1, keepdims=True)
    if not isinstance(quotient, RoundingArray) or quotient.model.silent:
        return quotient
    # Kernels divide by the larger half first, so that nothing overflows: each half of the result
    # is off by the roundings of all of it (L24).
    most = np.abs(np.asarray(narrowed(quotient.mid), float)) + narrowed(quotient.rad)
    whole = np.sqrt(np.sum(np.square(most), axis=-1, keepdims=True))
    more = quotient.model.gamma(OF_A_QUOTIENT) * whole * (1 + 2.0**-30)
    return quotient.bounded(quotient.mid, quotient.rad + more)


def _divide_no_nan(x, y):
    """The quotient, and 0 where the divisor is."""
    nothing = np.equal(y[..., :1], 0) & np.equal(y[..., 1:], 0)
    one = np.where(nothing, _ones_like(y), y)
    return np.where(nothing, np.zeros_like(x), _divide(x, one))


def _exponential(x):
    """e^a cos b and e^a sin b."""
    size = np.exp(x[..., 0])
    return np.stack([size * np.cos(x[..., 1]), size * np.sin(x[..., 1])], axis=-1)


def _ones_like(y):
    return np.stack([np.ones_like(y[..., 0]), np.zeros_like(y[..., 1])], axis=-1)


def _reciprocal(x):
    return _divide(_ones_like(x), x)


def _einsum(inputs, *, equation):
    """Products of two tensors: each half of a number is one sum of twice as many products."""
    if len(inputs) == 1:
        (x,) = inputs
        return np.stack([np.einsum(equation, x[..., k]) for k in range(2)], axis=-1)
    letters, result = equation.split("->")
    first, second = letters.split(",")
    half = next(letter for letter in "zyxwvutsrqponmlkjihgfedcba" if letter not in equation)
    of_halves = f"{first}{half},{second}{half}->{result}"
    x, y = inputs
    crossed = np.stack([y[..., 1], y[..., 0]], axis=-1)
    both = [np.einsum(of_halves, x, each) for each in (_conjugate(y), crossed)]
    return np.stack(both, axis=-1)


def _products(x, y, adj_x, adj_y):
    """Products of matrices of complex numbers, of which either may be turned and conjugate."""
    flipped = lambda a: np.swapaxes(_conjugate(a), -2, -3)
    x, y = (flipped(a) if turned else a for a, turned in ((x, adj_x), (y, adj_y)))
    left = np.concatenate([x[..., 0], x[..., 1]], axis=-1)
    real = np.concatenate([y[..., 0], -y[..., 1]], axis=-2)
    imaginary = np.concatenate([y[..., 1], y[..., 0]], axis=-2)
    return np.stack([left @ real, left @ imaginary], axis=-1)


def _mat_mul(a, b, *, transpose_a, transpose_b):
    """A product of two matrices, of which either may be turned."""
    a, b = (np.swapaxes(m, 0, 1) if turned else m
            for m, turned in ((a, transpose_a), (b, transpose_b)))  # fmt: skip
    return _products(a, b, False, False)


def _batch_mat_mul(x, y, *, adj_x, adj_y):
    return _products(x, y, adj_x, adj_y)


def _cast(x, *, SrcT, DstT):
    """A real number has no imaginary part; of a complex one that is left out."""
    if np.dtype(DstT).kind != "c":
        return x[..., 0]
    return x if np.dtype(SrcT).kind == "c" else np.stack([x, np.zeros_like(x)], axis=-1)


# ------------------------------------------------------------------ Fourier's transforms


# Those that give real numbers, and those that take the length of one axis as a number.
TO_REAL = (np.fft.irfft, np.fft.irfft2)
OF_A_LINE = (np.fft.rfft, np.fft.irfft)
INVERSE = (*TO_REAL, np.fft.ifft, np.fft.ifft2, fourier.ifft3d)


def _transform(formula, axes, real=False):
    """Return a rule of a transform that ``formula`` computes of complex numbers.

    axes: how many it goes along; real: whether real numbers are given.
    """

    def answer(input, *lengths):
        given = [int(n) for n in np.ravel(lengths[0])] if lengths else None
        linear = lambda part: _plain(formula, part, given, real)
        if isinstance(input, RoundingArray):
            return _enclosed(input, linear, axes, given, real, formula)
        return input._moved(linear) if isinstance(input, DispatchedArray) else linear(input)

    return answer


def _plain(formula, part, length, real):
    number = part if real else part[..., 0] + 1j * part[..., 1]
    if length is None:
        return as_pairs(formula(number))
    return as_pairs(formula(number, length[0] if formula in OF_A_LINE else length))


def _enclosed(input, linear, axes, length, real, formula):
    """The balls of a transform: each is as wide as all that its numbers may be off by (L23)."""
    model = input.model
    if isinstance(input.mid, TwoFloats):
        raise NotImplementedError("a Fourier transform beside midpoints of two floats")
    ends = range(input.ndim - axes - (not real), input.ndim - (not real))
    shape = length or [input.shape[k] for k in ends]
    whole = tuple(range(input.ndim - axes - (not real), input.ndim))
    mirrored = 2 if formula in TO_REAL else 1
    norm = lambda part: np.sqrt(mirrored * np.sum(np.square(part), axis=whole, keepdims=True))
    inverse = formula in INVERSE
    count = float(np.prod(shape))
    scale = 1 / np.sqrt(count) if inverse else np.sqrt(count)
    mid = linear(input.mid)
    rounds = (0 if model.silent else _share(shape, model)) + _share(shape, model, wide=True)
    each = scale * (norm(np.asarray(input.rad)) + rounds * norm(np.abs(input.mid) + input.rad))
    if formula in TO_REAL:
        each = each[..., 0]
    if real:
        each = each[..., None]
    rad = np.broadcast_to(each * (1 + 2.0**-30) + count * model.tiny, mid.shape)
    return input.bounded(mid, rad)


def _share(shape, model, wide=False):
    """Return how much of its norm a transform may be off by, stage by stage of its factors."""
    total = 1.0
    for n in shape:
        factors = _factors(n)
        if n >= MANY and max(factors, default=1) > LARGE:
            raise NotImplementedError(
                f"no bound of a transform of {n} numbers, which is not smooth"
            )
        for p in factors:
            terms = p + OF_A_TERM
            gamma = terms * model.wide_unit * 2 if wide else model.gamma(terms)
            total *= 1 + np.sqrt(p) * gamma
    return total - 1 + (4 * model.wide_unit if wide else model.gamma(4))


def _factors(n):
    found, p = [], 2
    while n > 1:
        while n % p == 0:
            found.append(p)
            n //= p
        p += 1
    return found


OF_PAIRS = {
    "Complex": _of_halves,
    "Real": lambda input: input[..., 0],
    "Imag": lambda input: input[..., 1],
    "Conj": _conjugate,
    "Mul": _multiply,
    "Square": lambda x: _multiply(x, x),
    "Cast": _cast,
    "Exp": _exponential,
    "ComplexAbs": _size,
    "Angle": _angle,
    "ConjugateTranspose": _conjugate_transpose,
    "RealDiv": _divide,
    "Div": _divide,
    "DivNoNan": _divide_no_nan,
    **dict.fromkeys(("Reciprocal", "Inv"), _reciprocal),
    "MatMul": _mat_mul,
    **dict.fromkeys(("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3"), _batch_mat_mul),
    "Einsum": _einsum,
    "FFT": _transform(np.fft.fft, 1),
    "IFFT": _transform(np.fft.ifft, 1),
    "FFT2D": _transform(np.fft.fft2, 2),
    "IFFT2D": _transform(np.fft.ifft2, 2),
    "RFFT": _transform(np.fft.rfft, 1, real=True),
    "IRFFT": _transform(np.fft.irfft, 1),
    "RFFT2D": _transform(np.fft.rfft2, 2, real=True),
    "IRFFT2D": _transform(np.fft.irfft2, 2),
    "FFT3D": _transform(fourier.fft3d, 3),
    "IFFT3D": _transform(fourier.ifft3d, 3),
}
