"""Functions of NumPy written in operations that have rules, for every array type.

Each is sound for an implementation that computes it by the operations written here, sums
and products in any order, fused or not: NumPy does, and TensorFlow, unless a docstring says
what other algorithm is held too (L15) or is not (L16).
"""

from string import ascii_letters

import numpy as np

from equivalence.arithmetic.decision import Decision
from equivalence.arithmetic.dispatch import DispatchedArray, Unanswered, composed, newer, refuse

# ------------------------------------------------------------------------- statistics


@composed(np.mean)
def mean(a, axis=None, keepdims=False):
    """The sum, divided by the count (L5, L3); a compiler may multiply by 1 / count (L3).

    Numbers divided before they are summed are another formula, and not covered (L16).
    """
    total = np.sum(a, axis=axis, keepdims=keepdims)
    return total / _count(a, total)


@composed(np.var)
def var(a, axis=None, ddof=0, keepdims=False, correction=None):
    """The mean of the squares of x - mean, in two passes, as NumPy and TensorFlow do.

    E[x^2] - E[x]^2 is another formula, which rounds by the size of x^2, and not covered (L16).
    """
    squares = np.square(a - np.mean(a, axis=axis, keepdims=True))
    total = np.sum(squares, axis=axis, keepdims=keepdims)
    return total / max(_count(a, total) - (ddof if correction is None else correction), 0)


@composed(np.std)
def std(a, axis=None, ddof=0, keepdims=False, correction=None):
    return np.sqrt(np.var(a, axis=axis, ddof=correction or ddof, keepdims=keepdims))


def _count(whole, reduced):
    """Return how many numbers of ``whole`` went into each of ``reduced``."""
    return whole.size // max(reduced.size, 1)


@composed(np.min, np.amin)
def minimum_of(a, axis=None, keepdims=False):
    return -np.max(-a, axis=axis, keepdims=keepdims)


@composed(np.ptp)
def ptp(a, axis=None, keepdims=False):
    along = {"axis": axis, "keepdims": keepdims}
    return np.max(a, **along) - np.min(a, **along)


@composed(np.cumsum)
def cumsum(a, axis=None):
    """Each number is a sum of its own (L5), since a scan may be done in any order."""
    return _accumulated(np.sum, a, axis)


@composed(np.cumprod)
def cumprod(a, axis=None):
    return _accumulated(np.prod, a, axis)


def _accumulated(reduce, a, axis):
    if axis is None:
        a, axis = np.ravel(a), 0
    if a.shape[axis] == 0:
        return a
    a = np.moveaxis(a, axis, -1)
    parts = [reduce(a[..., : k + 1], axis=-1) for k in range(a.shape[-1])]
    return np.moveaxis(np.stack(parts, axis=-1), -1, axis)


@composed(*newer("cumulative_sum"))
def cumulative_sum(x, axis=None, include_initial=False):
    return _with_initial(np.zeros_like, np.cumsum(x, axis=axis), axis, include_initial)


@composed(*newer("cumulative_prod"))
def cumulative_prod(x, axis=None, include_initial=False):
    return _with_initial(np.ones_like, np.cumprod(x, axis=axis), axis, include_initial)


def _with_initial(like, a, axis, include_initial):
    axis = 0 if axis is None else axis
    first = like(np.take(a, [0], axis)) if include_initial else None
    return a if first is None else np.concatenate([first, a], axis=axis)


@composed(np.diff)
def diff(a, n=1, axis=-1):
    a = np.moveaxis(a, axis, -1)
    for _ in range(n):
        a = a[..., 1:] - a[..., :-1]
    return np.moveaxis(a, -1, axis)


# ------------------------------------------------------------------ products of arrays


@composed(np.einsum)
def einsum(*operands, optimize=False):
    """A sum of one array, or of products of two, in any order (L5, L4).

    Three operands are refused, and a sum over an index of one of two: which product or sum
    comes first is a program's own choice, and has roundings of its own (L16).
    """
    subscripts, *arrays = operands
    if not isinstance(subscripts, str):
        raise Unanswered("np.einsum over balls takes its subscripts as a string: 'ij,jk->ik'")
    if len(arrays) > 2:
        raise Unanswered(
            f"np.einsum over balls takes one or two arrays, not {len(arrays)}: write it as "
            "contractions of two, in the order in which the program does them"
        )
    inputs, output = _spelt_out(subscripts.replace(" ", ""), arrays)
    parts = [_diagonals(array, letters) for array, letters in zip(arrays, inputs)]
    if len(parts) == 1:
        return _summed(*parts[0], output)
    return _contracted(*parts[0], *parts[1], output)


def _spelt_out(subscripts, arrays):
    """Return the letters of each operand and of the output, without dots and arrows."""
    inputs, arrow, output = subscripts.partition("->")
    terms = inputs.split(",")
    if len(terms) != len(arrays):
        raise ValueError(f"np.einsum({subscripts!r}) has {len(terms)} terms for {len(arrays)}")
    free = [letter for letter in ascii_letters if letter not in subscripts]
    hidden = [np.ndim(a) - len(t) + 3 if "..." in t else 0 for a, t in zip(arrays, terms)]
    most = max(hidden)
    if not arrow:
        singles = sorted(x for x in inputs if x.isalpha() and inputs.count(x) == 1)
        output = "..." * (most > 0) + "".join(singles)
    if most and "..." not in output:
        raise ValueError(f"np.einsum({subscripts!r}) leaves out the dots behind the arrow")
    letters = "".join(free[:most])
    spelt = [term.replace("...", letters[most - n :]) for term, n in zip(terms, hidden)]
    return spelt, output.replace("...", letters)


def _diagonals(array, letters):
    """Return an array with each of its letters once, and these letters."""
    once = "".join(dict.fromkeys(letters))
    if once == letters:
        return array, letters
    pick = f"{letters}->{once}"
    if isinstance(array, DispatchedArray):
        return array._moved(lambda part: np.einsum(pick, part)), once
    return np.einsum(pick, array), once


def _summed(array, letters, output):
    away = tuple(at for at, letter in enumerate(letters) if letter not in output)
    left = [letter for letter in letters if letter in output]
    total = np.sum(array, axis=away) if away else array
    return np.transpose(total, [left.index(letter) for letter in output])


def _contracted(a, a_letters, b, b_letters, output):
    sizes = {}
    for letter, size in (*zip(a_letters, a.shape), *zip(b_letters, b.shape)):
        sizes[letter] = size if sizes.get(letter, 1) == 1 else sizes[letter]
    inner = [letter for letter in sizes if letter not in output]
    if lonely := [x for x in inner if x not in a_letters or x not in b_letters]:
        raise Unanswered(
            f"np.einsum over balls sums over {lonely[0]!r}, which only one of its arrays has: "
            "write that sum by np.sum, before the product or behind it, as the program does"
        )
    if not inner:
        return _arranged(a, a_letters, output, sizes) * _arranged(b, b_letters, output, sizes)
    both = [letter for letter in output if letter in a_letters and letter in b_letters]
    rows = [letter for letter in output if letter not in b_letters]
    columns = [letter for letter in output if letter not in a_letters]
    shape = lambda letters: tuple(sizes[letter] for letter in letters)
    flat = lambda letters: int(np.prod(shape(letters)))
    left = _arranged(a, a_letters, [*both, *rows, *inner], sizes)
    right = _arranged(b, b_letters, [*both, *inner, *columns], sizes)
    product = np.matmul(
        left.reshape(*shape(both), flat(rows), flat(inner)),
        right.reshape(*shape(both), flat(inner), flat(columns)),
    )
    order = [*both, *rows, *columns]
    product = product.reshape(shape(order))
    return np.transpose(product, [order.index(letter) for letter in output])


def _arranged(array, letters, wanted, sizes):
    """Return an array with its axes in the order of ``wanted``, repeated along those it lacks."""
    array = np.transpose(array, [letters.index(w) for w in wanted if w in letters])
    places = iter(array.shape)
    array = array.reshape(tuple(next(places) if w in letters else 1 for w in wanted))
    return np.broadcast_to(array, tuple(sizes[w] for w in wanted))


@composed(np.tensordot, np.linalg.tensordot)
def tensordot(a, b, axes=2):
    if isinstance(axes, int):
        axes = (range(-axes, 0), range(axes))
    firsts, seconds = ([k] if isinstance(k, int) else list(k) for k in axes)
    a_letters = list(ascii_letters[: np.ndim(a)])
    b_letters = list(ascii_letters[np.ndim(a) : np.ndim(a) + np.ndim(b)])
    for first, second in zip(firsts, seconds):
        b_letters[second] = a_letters[first]
    left = [letter for letter in a_letters if letter not in b_letters]
    left += [letter for letter in b_letters if letter not in a_letters]
    return np.einsum(f"{''.join(a_letters)},{''.join(b_letters)}->{''.join(left)}", a, b)


@composed(np.dot)
def dot(a, b):
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return np.multiply(a, b)
    return np.matmul(a, b) if np.ndim(b) <= 2 else np.tensordot(a, b, axes=(-1, -2))


@composed(np.inner)
def inner(a, b):
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return np.multiply(a, b)
    return np.tensordot(a, b, axes=(-1, -1))


@composed(np.vdot)
def vdot(a, b):
    return np.matmul(np.ravel(a), np.ravel(b))


@composed(np.outer, np.linalg.outer)
def outer(a, b):
    return np.multiply(np.ravel(a)[:, None], np.ravel(b))


@composed(np.vecdot)
def vecdot(a, b):
    return np.einsum("...i,...i->...", a, b)


@composed(np.linalg.vecdot)
def linalg_vecdot(x1, x2, axis=-1):
    return np.vecdot(np.moveaxis(x1, axis, -1), np.moveaxis(x2, axis, -1))


@composed(*newer("matvec"))
def matvec(a, b):
    return np.einsum("...ij,...j->...i", a, b)


@composed(*newer("vecmat"))
def vecmat(a, b):
    return np.einsum("...i,...ij->...j", a, b)


@composed(np.linalg.matmul)
def linalg_matmul(x1, x2):
    return np.matmul(x1, x2)


@composed(np.cross, np.linalg.cross)
def cross(a, b):
    """The cross product of vectors of three numbers along the last axis."""
    if np.shape(a)[-1] != 3 or np.shape(b)[-1] != 3:
        raise ValueError("np.cross over balls takes vectors of three numbers along the last axis")
    turns = ((1, 2), (2, 0), (0, 1))
    parts = [a[..., i] * b[..., j] - a[..., j] * b[..., i] for i, j in turns]
    return np.stack(parts, axis=-1)


@composed(np.trace)
def trace(a, offset=0, axis1=0, axis2=1):
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1)


@composed(np.linalg.trace)
def linalg_trace(x, offset=0):
    return np.trace(x, offset, -2, -1)


# ------------------------------------------------------------------------------- norms


@composed(np.linalg.norm)
def norm(x, ord=None, axis=None, keepdims=False):
    """A norm of vectors or matrices; the 2-norm is the root of the sum of squares (L16).

    So NumPy and TensorFlow compute it.  BLAS's nrm2 scales by the largest number so far, and
    rounds up to 5 times for each number where the sum of squares does once: not covered.
    """
    if axis is None and ord is None:
        return _vector_norm(x, 2, None, keepdims)
    axes = tuple(range(x.ndim)) if axis is None else axis
    axes = (axes,) if isinstance(axes, int) else tuple(axes)
    if len(axes) == 1:
        return _vector_norm(x, 2 if ord is None else ord, axes, keepdims)
    if len(axes) == 2:
        return _matrix_norm(x, "fro" if ord is None else ord, axes, keepdims)
    raise ValueError(f"np.linalg.norm takes the norm along one axis or two, not {len(axes)}")


@composed(np.linalg.vector_norm)
def vector_norm(x, axis=None, keepdims=False, ord=2):
    return _vector_norm(x, ord, axis, keepdims)


@composed(np.linalg.matrix_norm)
def matrix_norm(x, keepdims=False, ord="fro"):
    return _matrix_norm(x, ord, (-2, -1), keepdims)


def _vector_norm(x, ord, axis, keepdims):
    along = {"axis": axis, "keepdims": keepdims}
    if ord == 2:
        return np.sqrt(np.sum(np.square(x), **along))
    if ord == 1:
        return np.sum(np.abs(x), **along)
    if ord in (np.inf, -np.inf):
        return (np.max if ord > 0 else np.min)(np.abs(x), **along)
    if ord == 0:
        return np.sum(np.where(x != 0, np.ones_like(x), np.zeros_like(x)), **along)
    raise Unanswered(
        f"np.linalg.norm of vectors with ord={ord!r} has no rule: write the powers and the root "
        "out (ord with a rule: 0, 1, 2, inf, -inf)"
    )


def _matrix_norm(x, ord, axes, keepdims):
    if ord in ("fro", "f"):
        return _vector_norm(x, 2, axes, keepdims)
    if ord not in (1, -1, np.inf, -np.inf):
        raise Unanswered(
            f"np.linalg.norm of matrices with ord={ord!r} has no rule: it takes singular values, "
            "by an iteration (ord with a rule: 'fro', 1, -1, inf, -inf)"
        )
    x = np.moveaxis(x, axes, (-2, -1))
    sums = np.sum(np.abs(x), axis=-2 if abs(ord) == 1 else -1)
    result = (np.max if ord > 0 else np.min)(sums, axis=-1)
    return np.expand_dims(result, axes) if keepdims else result


# ------------------------------------------------------------------- one number at a time


@composed(np.clip)
def clip(a, a_min=None, a_max=None, min=None, max=None):
    """min(max(x, low), high): the same as the other way round where low <= high."""
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    a = a if low is None else np.maximum(a, low)
    return a if high is None else np.minimum(a, high)


@composed(np.logaddexp)
def logaddexp(a, b):
    """max(a, b) + log(1 + exp(-|a - b|)), as NumPy and tf.experimental.numpy do (L15)."""
    return np.maximum(a, b) + np.log1p(np.exp(-np.abs(np.subtract(a, b))))


@composed(np.round, np.around)
def round_half_even(a, decimals=0):
    if decimals != 0:
        raise Unanswered(
            f"np.round(decimals={decimals}) over balls has no rule: scale, round, and scale back"
        )
    return np.rint(a)


@composed(np.trunc, np.fix)
def trunc(x):
    return np.where(x < 0, np.ceil(x), np.floor(x))


@composed(np.isnan, np.isinf)
def isnan(x):
    """A number in a ball is finite; in one without bounds it may be anything."""
    return ~np.isfinite(x)


# ------------------------------------------------------------------- places of numbers


@composed(np.argmax)
def argmax(a, axis=None, keepdims=False):
    """Return the place of the largest number, the first of equals, as whole numbers of NumPy.

    Raises ValueError where rounding decides it.
    """
    if axis is None:
        place = argmax(np.ravel(a), axis=0)
        return np.reshape(place, (1,) * a.ndim) if keepdims else place
    x = np.moveaxis(a, axis, -1)
    places, beaten = np.arange(x.shape[-1]), Decision.of(np.zeros(x.shape, bool))
    for k in range(x.shape[-1]):
        rival = x[..., k : k + 1]
        beaten = beaten | ((rival >= x) & (places > k)) | ((rival > x) & (places < k))
    first = ~beaten
    found = first.yes & first.known
    if not found.any(axis=-1).all():
        raise ValueError(
            "np.argmax over balls: rounding decides which number is the largest; an index cannot "
            "be both, so choose by np.where on comparisons, whose ball holds both"
        )
    place = found.argmax(axis=-1)
    return np.expand_dims(place, axis) if keepdims else place


@composed(np.argmin)
def argmin(a, axis=None, keepdims=False):
    return np.argmax(-a, axis=axis, keepdims=keepdims)


# -------------------------------------------------------------------------- decisions


@composed(np.logical_and)
def logical_and(a, b):
    return Decision.of(a) & Decision.of(b)


@composed(np.logical_or)
def logical_or(a, b):
    return Decision.of(a) | Decision.of(b)


@composed(np.logical_xor)
def logical_xor(a, b):
    a, b = Decision.of(a), Decision.of(b)
    return (a & ~b) | (~a & b)


@composed(np.logical_not)
def logical_not(a):
    return ~Decision.of(a)


@composed(np.bitwise_and)
def bitwise_and(a, b):
    return _answer(a) & _answer(b)


@composed(np.bitwise_or)
def bitwise_or(a, b):
    return _answer(a) | _answer(b)


@composed(np.bitwise_xor)
def bitwise_xor(a, b):
    return logical_xor(_answer(a), _answer(b))


@composed(np.invert)
def invert(a):
    return ~_answer(a)


def _answer(a):
    if isinstance(a, DispatchedArray):
        raise Unanswered("&, |, ^ and ~ are for answers to comparisons: a ball has no bits")
    return Decision.of(a)


# ------------------------------------------------------------------ methods of ufuncs


@composed(np.add.reduce)
def add_reduce(array, axis=0, keepdims=False):
    return np.sum(array, axis=axis, keepdims=keepdims)


@composed(np.multiply.reduce)
def multiply_reduce(array, axis=0, keepdims=False):
    return np.prod(array, axis=axis, keepdims=keepdims)


@composed(np.maximum.reduce, np.fmax.reduce)
def maximum_reduce(array, axis=0, keepdims=False):
    return np.max(array, axis=axis, keepdims=keepdims)


@composed(np.minimum.reduce, np.fmin.reduce)
def minimum_reduce(array, axis=0, keepdims=False):
    return np.min(array, axis=axis, keepdims=keepdims)


@composed(np.logical_and.reduce)
def logical_and_reduce(array, axis=0, keepdims=False):
    return np.all(array, axis=axis, keepdims=keepdims)


@composed(np.logical_or.reduce)
def logical_or_reduce(array, axis=0, keepdims=False):
    return np.any(array, axis=axis, keepdims=keepdims)


@composed(np.add.accumulate)
def add_accumulate(array, axis=0):
    return np.cumsum(array, axis=axis)


@composed(np.multiply.accumulate)
def multiply_accumulate(array, axis=0):
    return np.cumprod(array, axis=axis)


# ---------------------------------------------------------------------------- refused

refuse(
    "the rounding model has no row for its error on any platform: find a published bound or "
    "measure one, add the Row to equivalence/arithmetic/errors.py, give RoundingArray and "
    "ExactArray a method with a lemma, and register that by @rule",
    *(np.arccos, np.arccosh, np.arcsin, np.arcsinh, np.arctan, np.arctanh, np.arctan2),
    *(np.cosh, np.sinh, np.tan, np.log2, np.log10, np.logaddexp2, np.exp2, np.cbrt),
)
refuse(
    "it computes in float64 whatever its operands are, which no run in float32 does: write x ** y",
    np.float_power,
)
refuse(
    "a ball stands for real numbers, which have no sign of zero, no neighbours and no exponent: "
    "compare with 0, or write the arithmetic out",
    *(np.copysign, np.signbit, np.nextafter, np.spacing, np.frexp, np.ldexp),
)
refuse("a ball has no bits", np.left_shift, np.right_shift)
refuse(
    "what it returns hangs on comparisons that rounding may decide: choose by np.where on "
    "comparisons, whose ball holds both answers, or order the recorded floats",
    *(np.sort, np.argsort, np.partition, np.argpartition, np.lexsort, np.median, np.percentile),
    *(np.quantile, np.searchsorted, np.nonzero, np.argwhere, np.flatnonzero, np.count_nonzero),
    *(np.unique, np.unique_all, np.unique_counts, np.unique_inverse, np.unique_values, np.isin),
)
refuse(
    "LAPACK eliminates or iterates in an order of its own, and no lemma bounds that: hold its "
    "result against the equation that defines it, as np.matmul(a, x) - b",
    *(np.linalg.cholesky, np.linalg.det, np.linalg.eig, np.linalg.eigh, np.linalg.eigvals),
    *(np.linalg.eigvalsh, np.linalg.inv, np.linalg.lstsq, np.linalg.matrix_rank),
    *(np.linalg.pinv, np.linalg.qr, np.linalg.slogdet, np.linalg.solve, np.linalg.svd),
    *(np.linalg.svdvals, np.linalg.cond),
)
refuse(
    "in which order its products meet is a program's own choice: write them by np.matmul",
    *(np.linalg.matrix_power, np.linalg.multi_dot),
)
refuse(
    "it holds whatever was in the memory, and a ball is not written into: write np.zeros_like, or "
    "np.stack or np.concatenate of the parts",
    np.empty_like,
)
