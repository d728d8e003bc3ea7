"""Balls of systems of equations, inverses and determinants of matrices (L21).

The exact answers are ``flint``'s; what a kernel that eliminates with partial pivoting may be off
by follows from its factors, which balls hold (Higham 2002, theorems 9.3 and 9.4).
"""

import numpy as np
from flint import arb, arb_mat

from equivalence.arithmetic.exact import precision
from equivalence.arithmetic.rounding import OUTWARDS, OWN_UNITS, RoundingArray
from equivalence.arithmetic.two_floats import TwoFloats, narrowed, size_of
from equivalence.arithmetic.two_floats_functions import pair

BITS = 320
# Of each number that is solved for: one division, or two where a diagonal's inverse multiplies.
OF_A_SYSTEM, MORE = 3, 4
# Up to how many rows a growth of 2^(n - 1) says anything.
FEW = 12


def matrix_inverse(input, *, adjoint):
    size = input.shape[-1]
    return _each(lambda a: _solved(a, a.lift(np.eye(size))), input.mT if adjoint else input)


def matrix_solve(matrix, rhs, *, adjoint):
    ball = matrix if isinstance(matrix, RoundingArray) else rhs
    matrix, rhs = ball.lift(matrix), ball.lift(rhs)
    return _each(_solved, matrix.mT if adjoint else matrix, rhs)


def matrix_determinant(input):
    return _each(lambda a: _determinant(a)[2], input)


def log_matrix_determinant(input):
    return (
        _each(lambda a: _determinant(a)[0], input),
        _each(lambda a: _determinant(a)[1], input),
    )


def _each(answer, *balls):
    """Return what each of some matrices side by side gives, in their places."""
    places = balls[0].shape[:-2]
    flat = [ball.reshape(-1, *ball.shape[-2:]) for ball in balls]
    found = [answer(*parts) for parts in zip(*flat)]
    if not found:
        raise ValueError("no matrix at all")
    return np.stack(found).reshape((*places, *found[0].shape))


def _solved(a, b):
    """Return the balls of x where A x = b."""
    model, n = a.model, a.shape[-1]
    with precision(BITS):
        exact = _exactly(a)
        try:
            x, inverse = exact.solve(_exactly(b)), _upper(exact.inv())
        except ZeroDivisionError:
            return _unbounded(b, "a matrix that may have no inverse")
        mid, size = _middles(x, a), _upper(x)
    moved = narrowed(a.rad) + model.gamma(OF_A_SYSTEM * n + MORE) * _product_of_factors(
        a, _factors(a)
    )
    moved = moved * (not model.silent) + narrowed(a.rad) * model.silent
    each = inverse @ (moved + n * model.tiny)
    whole = float(np.max(np.sum(each, axis=1)))
    if not whole < 1:
        return _unbounded(b, "a matrix that rounding may make singular")
    first = each @ size + inverse @ narrowed(b.rad)
    rad = first + np.max(first, axis=0) * (whole / (1 - whole))
    rad = rad + size * (OWN_UNITS * model.wide_unit) + model.tiny
    return a.bounded(mid, rad * (1 + 2.0**-30))


def _determinant(a):
    """Return the balls of a determinant's sign, of its logarithm, and of itself."""
    model, n = a.model, a.shape[-1]
    one = a.lift(np.zeros(()))
    with precision(BITS):
        exact = _exactly(a)
        det = exact.det()
        if det.contains(0):
            return (_unbounded(one, "a matrix that may have no inverse"),) * 3
        inverse, log = _upper(exact.inv()), abs(det).log()
        sign = 1.0 if det > 0 else -1.0
        log_mid, det_mid = _number(log, a), _number(det, a)
    factors = _factors(a)
    of_diagonal, product = _diagonal(factors), _product_of_factors(a, factors)
    moved = inverse @ (narrowed(a.rad) + model.gamma(n) * product + n * model.tiny)
    whole = float(np.max(np.sum(moved, axis=1)))
    if not (whole < 1 and np.isfinite(of_diagonal)):
        return (_unbounded(one, "a matrix that rounding may make singular"),) * 3
    rounds = (model.relative("log") + model.gamma(n)) * of_diagonal * (1 + model.relative("log"))
    apart = (-n * np.log1p(-whole) + rounds) * (1 + 2.0**-30)
    own = OWN_UNITS * model.wide_unit
    log_rad = apart + own * abs(float(log_mid)) + model.tiny
    share = np.expm1(apart) + np.exp(apart) * model.relative("exp") + own
    det_rad = abs(float(det_mid)) * share * OUTWARDS + model.tiny
    return a.lift(np.array(sign)), a.bounded(log_mid, log_rad), a.bounded(det_mid, det_rad)


def _unbounded(like, why):
    like.model.note(why)
    return RoundingArray(like.mid * 0, np.full(like.shape, np.inf), like.model)


# ------------------------------------------------------------- what a kernel's factors may be


def _factors(a):
    """Return the balls of the rows of L and U, in the order of the pivots; None if that is open.

    Every sum in any order, as blocks of any size have it.
    """
    n, left = a.shape[-1], list(range(a.shape[-1]))
    lower: dict[int, list] = {i: [] for i in left}
    upper, order = [], []
    for k in range(n):
        column = {i: _rest(a[i, k], lower[i], [row[k] for row in upper]) for i in left}
        size = {i: abs(float(narrowed(c.mid))) for i, c in column.items()}
        wide = {i: float(narrowed(c.rad)) for i, c in column.items()}
        chosen = max(left, key=size.get)
        least = size[chosen] - wide[chosen]
        if not least > 0 or any(size[i] + wide[i] >= least for i in left if i != chosen):
            return None
        left.remove(chosen)
        order.append(chosen)
        row = [_rest(a[chosen, j], lower[chosen], [one[j] for one in upper]) for j in range(k, n)]
        upper.append([None] * k + row)
        for i in left:
            lower[i].append(column[i] / row[0])
    return order, lower, upper


def _rest(number, left, right):
    """Return a - sum of l u, in any order."""
    if not left:
        return number
    return np.sum(np.stack([number, *(-one * other for one, other in zip(left, right))]))


def _diagonal(found):
    """Return the sum of the magnitudes of the logarithms of the pivots, at most."""
    if found is None:
        return np.inf
    total = 0.0
    for k, row in enumerate(found[2]):
        mid, rad = abs(float(narrowed(row[k].mid))), float(narrowed(row[k].rad))
        with np.errstate(all="ignore"):
            total += float(np.max(np.abs(np.log([mid - rad, mid + rad]))))
    return total if total == total else np.inf


def _product_of_factors(a, found):
    """Return |L||U| at most, its rows as those of the matrix.

    Where the pivots are open, numbers grow 2^(n - 1) times at most (Wilkinson 1961), and no
    multiplier is above 1.
    """
    n = a.shape[-1]
    if found is None:
        largest = float(np.max(size_of(a.mid) + narrowed(a.rad), initial=0))
        grown = n * 2.0 ** (n - 1) * largest * (1 + 8 * n * n * a.model.unit)
        return np.full((n, n), grown if n <= FEW else np.inf)
    order, lower, upper = found
    outer = lambda ball: abs(float(narrowed(ball.mid))) + float(narrowed(ball.rad))
    u = np.array([[0.0 if each is None else outer(each) for each in row] for row in upper])
    product = np.zeros((n, n))
    for k, i in enumerate(order):
        l = np.array([outer(each) for each in lower[i]] + [1.0] + [0.0] * (n - 1 - k))
        product[i] = l @ u
    return product * (1 + 2.0**-30)


# ---------------------------------------------------------------------------- flint's numbers


def _exactly(ball):
    """Return midpoints as a matrix of flint's."""
    rows, columns = ball.shape
    mid = ball.mid
    if isinstance(mid, TwoFloats):
        parts = [(float(h), float(low)) for h, low in zip(np.ravel(mid.hi), np.ravel(mid.low))]
    else:
        high = np.ravel(mid).astype(np.float64)
        low = (np.ravel(mid) - high).astype(np.float64)
        parts = list(zip(high.tolist(), low.tolist()))
    return arb_mat(rows, columns, [arb(h) + arb(low) for h, low in parts])


def _upper(matrix):
    """Return what the numbers' magnitudes are at most."""
    found = [
        float(abs(matrix[i, j]).upper())
        for i in range(matrix.nrows())
        for j in range(matrix.ncols())
    ]
    return np.reshape(found, (matrix.nrows(), matrix.ncols())) * (1 + 2.0**-50)


def _number(number, like):
    """Return a number in the format of midpoints."""
    high, low = pair(number)
    if isinstance(like.mid, TwoFloats):
        return TwoFloats(np.array(high), np.array(low))
    wide = like.mid.dtype.type
    return np.array(wide(high) + wide(low))


def _middles(matrix, like):
    rows, columns = matrix.nrows(), matrix.ncols()
    pairs = [pair(matrix[i, j]) for i in range(rows) for j in range(columns)]
    high, low = np.reshape(pairs, (rows, columns, 2)).transpose(2, 0, 1)
    if isinstance(like.mid, TwoFloats):
        return TwoFloats(high, low)
    return high.astype(like.mid.dtype) + low.astype(like.mid.dtype)
