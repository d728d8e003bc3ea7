"""Results that are nearer to the true ones than any radius is, held without a ball of each number.

Of a function of the library the radius is at least what a kernel's row says of the midpoint (L10),
of a softmax what two exponentials and a quotient have, of products L4's of the magnitudes:
what lies within that lies in the balls, of which a sample says how sharp they are.  What does not
is held by its balls.
"""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from equivalence.arithmetic import erfc_pieces
from equivalence.arithmetic.boxes import SIZE
from equivalence.arithmetic.enclosed import MORE_ROUNDINGS
from equivalence.graph.near_convolutions import NEAR_CONVOLUTIONS
from equivalence.graph.near_sums import INWARDS, LARGE, Sums, cannot_overflow
from equivalence.graph.to_the_bit import SAMPLE, sample
from refimpl.activations import Sigmoid

# Fewer numbers are held by their balls.
FEW = 4 * SAMPLE
# Of the rows of a product no fewer are held at once.
LEAST_ROWS = 64


@dataclass(frozen=True)
class Function:
    """A kind's function in float64, and the row of the table of errors of its kernel.

    off: the relative error of ``function`` itself, where it is more than a few roundings.
    """

    function: Any
    row: str
    off: float = 0.0

    def is_near(self, operands, value, attributes, model):
        (x,) = operands
        if not _are_alike(x, value):
            return False
        x, value, farthest = x.reshape(-1), value.reshape(-1), model.relative(self.row) * INWARDS
        farthest -= 2 * self.off  # of the midpoint, and of the radius that is a share of it
        for start in range(0, len(x), SIZE):
            mid = self.function(x[start : start + SIZE].astype(np.float64))
            away = np.abs(value[start : start + SIZE] - mid)
            if not (away <= np.abs(mid) * farthest).all():
                return False
        return True

    def sample(self, operands, value, attributes):
        return sample(operands, value)


def _are_alike(x, value):
    return isinstance(x, np.ndarray) and x.shape == value.shape and x.dtype == np.float32


class Softmaxes:
    """Softmax of rows: two exponentials, their sum, a quotient."""

    def is_near(self, operands, value, attributes, model):
        (x,) = operands
        if not _are_alike(x, value):
            return False
        width = x.shape[-1]
        x, value, rows = x.reshape(-1, width), value.reshape(-1, width), max(SIZE // width, 1)
        least = 2 * model.relative("exp") + model.relative("divide")
        # As ``enclosed`` has it: one more rounding, and what oneDNN's exponential is off.
        off = model.relative("softmax_per_log2") * (1 + np.log2(width))
        least += 2 * model.unit * MORE_ROUNDINGS["softmax"] + off
        gammas = model.gammas(np.arange(width + 1)).of_each
        for start in range(0, len(x), rows):
            part = x[start : start + rows].astype(np.float64)
            powers = np.exp(part - np.max(part, axis=-1, keepdims=True))
            # A sum of whole numbers, 0 and 1, is exact (L6'), and of zeros there are fewer terms.
            rounds = (powers != np.floor(powers)).any(axis=-1, keepdims=True)
            terms = np.count_nonzero(powers, axis=-1, keepdims=True)
            farthest = (least + np.where(rounds, gammas[terms], 0)) * INWARDS
            powers /= np.sum(powers, axis=-1, keepdims=True)
            away = np.abs(value[start : start + rows] - powers)
            if not (away <= powers * farthest).all():
                return False
        return True

    def sample(self, operands, value, attributes):
        (x,) = operands
        width = x.shape[-1]
        step = max(x.size // max(SAMPLE, width), 1)
        x, value = (a.reshape(-1, width)[step // 2 :: step] for a in (x, value))
        return [x], value


class CrossEntropies:
    """Of logits, and of the number of a class: log of a sum of powers, and a softmax less 1 there.

    Its two results are the losses and their slopes.
    """

    def is_near(self, operands, values, attributes, model):
        (x, labels), (losses, slopes) = operands, values
        if not _are_alike(x, slopes) or x.ndim != 2:
            return False
        rows = max(SIZE // x.shape[-1], 1)
        return all(
            self._are_near(*(a[start : start + rows] for a in (x, labels, losses, slopes)), model)
            for start in range(0, len(x), rows)
        )

    def _are_near(self, x, labels, losses, slopes, model):
        exp, gammas = model.relative("exp"), model.gammas(np.arange(x.shape[-1] + 1)).of_each
        at = labels[:, None].astype(np.intp)
        if not ((at >= 0) & (at < x.shape[-1])).all():
            return False
        shifted = x.astype(np.float64)
        shifted -= np.max(shifted, axis=-1, keepdims=True)
        powers = np.exp(shifted)
        total = np.sum(powers, axis=-1, keepdims=True)
        # A sum of whole numbers, 0 and 1, is exact (L6'), as the power of 0 is.
        rounds = (powers != np.floor(powers)).any(axis=-1, keepdims=True)
        of_sum = np.where(rounds, gammas[np.count_nonzero(powers, axis=-1, keepdims=True)], 0)
        drawn = exp * (total - np.count_nonzero(powers == 1, axis=-1, keepdims=True)) / total
        logs = np.log(total)
        true = logs - np.take_along_axis(shifted, at, -1)
        farthest = model.unit * np.abs(true) + model.relative("log") * logs + of_sum + drawn
        if not (np.abs(losses[:, None] - true) <= farthest * INWARDS).all():
            return False
        powers /= total
        farthest = powers * (exp + model.relative("divide") + of_sum)
        there = np.take_along_axis(powers, at, -1) - 1
        np.put_along_axis(powers, at, there, -1)
        more = np.take_along_axis(farthest, at, -1) + model.unit * np.abs(there)
        np.put_along_axis(farthest, at, more, -1)
        return bool((np.abs(slopes - powers) <= farthest * INWARDS).all())

    def sample(self, operands, values, attributes):
        x, _ = operands
        step = max(x.size // max(SAMPLE, x.shape[-1]), 1)
        cut = lambda arrays: [each[step // 2 :: step] for each in arrays]
        return cut(operands), cut(values)


class Products:
    """Kinds that sum products of two arrays: of each its letters, as einsum writes them."""

    def __init__(self, letters):
        self.letters = letters

    def is_near(self, operands, value, attributes, model):
        read = self._read(operands, value, attributes)
        if read is None:
            return False
        a, b, value = read
        n = a.shape[-1]
        if _may_be_whole(a[..., :1]) and _may_be_whole(b[..., :1, :]):
            return False  # whole numbers may be summed exactly (L6')
        if not cannot_overflow(a, b, n, model):
            return False
        return all(_of_product(*part).is_near(out, model) for *part, out in _in_parts(a, b, value))

    def measure(self, operands, value, attributes, model, largest):
        a, b, value = self._read(operands, value, attributes)
        # Of all matrices, or of one of its rows.
        axis = 0 if len(value) > 1 else 1
        step = min(max(value.size // SAMPLE, 1), value.shape[axis])
        some = (slice(None),) * axis + (slice(step // 2, None, step),)
        b = b if axis else b[some]
        return _of_product(a[some], b).measure(value[some], model, largest)

    def _read(self, operands, value, attributes):
        """Return (batch, M, K), (batch, K, N) and (batch, M, N); None for other sums."""
        pair = operands[0] if isinstance(operands[0], list) else operands
        if len(pair) != 2:
            return None
        if not all(isinstance(each, np.ndarray) and each.dtype == np.float32 for each in pair):
            return None
        found = self.letters(*pair, attributes)
        if found is None or any(len(of) != np.ndim(x) for of, x in zip(found, (*pair, value))):
            return None
        if any(len(set(of)) != len(of) for of in found):
            return None
        (a, b), (of_a, of_b, out) = pair, found
        return _as_matrices(a, of_a, b, of_b, value, out)


def _of_product(a, b):
    def terms():
        counts = [c for c in (_counts(a, -1), _counts(b, -2)) if c is not None]
        return None if not counts else counts[0] if len(counts) == 1 else np.minimum(*counts)

    return Sums(a, b, (-1, -2), a.shape[-1], np.matmul, terms)


def _in_parts(a, b, value):
    """Return parts of matrices, by their rows or one after another, that the cache holds."""
    if len(value) > 1:
        some = max(LARGE * len(value) // max(value.size, a.size, b.size), 1)
        for start in range(0, len(value), some):
            part = slice(start, start + some)
            yield a[part], b[part], value[part]
        return
    rows = max(LARGE // max(value.shape[-1], a.shape[-1]), LEAST_ROWS)
    for start in range(0, value.shape[1], rows):
        part = slice(None), slice(start, start + rows)
        yield a[part], b, value[part]


def _as_matrices(a, of_a, b, of_b, value, out):
    """Return (..., M, K), (..., K, N) and (..., M, N) of a sum of products; None for other sums."""
    sizes = {**dict(zip(of_a, a.shape)), **dict(zip(of_b, b.shape))}
    inner = [letter for letter in of_a if letter not in out]
    if not inner or set(inner) != {letter for letter in of_b if letter not in out}:
        return None
    if set(out) - {*of_a, *of_b}:
        return None
    both = [letter for letter in out if letter in of_a and letter in of_b]
    rows = [letter for letter in out if letter not in of_b]
    columns = [letter for letter in out if letter not in of_a]

    def arranged(x, of, *groups):
        x = np.transpose(x, [of.index(letter) for group in groups for letter in group])
        return x.reshape([prod(sizes[letter] for letter in group) for group in groups])

    return (
        arranged(a, of_a, both, rows, inner),
        arranged(b, of_b, both, inner, columns),
        arranged(value, out, both, rows, columns),
    )


def _of_matrices(a, b, attributes):
    turned = attributes.get("transpose_a", False), attributes.get("transpose_b", False)
    return ("ki" if turned[0] else "ik"), ("jk" if turned[1] else "kj"), "ij"


def _of_batches(a, b, attributes):
    if (b.ndim > 2 and a.shape[:-2] != b.shape[:-2]) or a.ndim > 6:
        return None
    before = "abcdef"[: a.ndim - 2]
    turned = attributes.get("adj_x", False), attributes.get("adj_y", False)
    of_a, of_b = ("ki" if turned[0] else "ik"), ("jk" if turned[1] else "kj")
    return before + of_a, (before if b.ndim > 2 else "") + of_b, before + "ij"


def _of_equation(a, b, attributes):
    inputs, arrow, out = attributes["equation"].replace(" ", "").partition("->")
    parts = inputs.split(",")
    if not arrow or len(parts) != 2 or "." in inputs or not out:
        return None
    return *parts, out


def _may_be_whole(first):
    """Say whether some sum's first factor is whole."""
    return bool((first == np.floor(first)).any())


def _counts(x, axis):
    """Return how many factors of each sum are not 0; None where all are other than 0."""
    return None if x.all() else np.count_nonzero(x, axis=axis, keepdims=True)


NEAR = {
    "Exp": Function(np.exp, "exp"),
    "Erfc": Function(erfc_pieces.erfc, "erfc", erfc_pieces.UNITS * 2.0**-53),
    "Log": Function(np.log, "log"),
    "Log1p": Function(np.log1p, "log1p"),
    "Expm1": Function(np.expm1, "expm1"),
    "Tanh": Function(np.tanh, "tanh"),
    "Sigmoid": Function(Sigmoid().forward, "sigmoid"),
    "Softmax": Softmaxes(),
    "SparseSoftmaxCrossEntropyWithLogits": CrossEntropies(),
    "MatMul": Products(_of_matrices),
    "BatchMatMul": Products(_of_batches),
    "BatchMatMulV2": Products(_of_batches),
    "BatchMatMulV3": Products(_of_batches),
    "Einsum": Products(_of_equation),
    **NEAR_CONVOLUTIONS,
}
