"""Error-free transformations: what an operation of float64 rounds, as a float64 of its own.

Every function takes and returns float64 arrays (or numbers) of any shapes that broadcast.
Sources: Dekker 1971, "A floating-point technique for extending the available precision",
Numerische Mathematik 18, 224-242 (``fast_two_sum``, ``split``); Knuth, "The Art of Computer
Programming", volume 2, 4.2.2, theorem B (``two_sum``); Ogita, Rump and Oishi 2005, "Accurate
sum and dot product", SIAM J. Sci. Comput. 26, 1955-1988 (``total``, as their Sum2).
"""

import numpy as np

# Veltkamp's constant: x times it, and back, leaves the upper 26 bits of x.
SPLITTER = 2.0**27 + 1
# The sign, the exponent and the upper 26 bits of a float64, where x times SPLITTER overflows.
UPPER_BITS = np.int64(-1 << 27)
# Elements of a block of products: what stays in a processor's cache.
BLOCK = 2**16


def two_sum(a, b):
    """Return s = fl(a + b) and e with s + e = a + b exactly, in whatever order of size."""
    s = a + b
    other = s - a
    return s, (a - (s - other)) + (b - other)


def fast_two_sum(a, b):
    """Return the same where |a| >= |b|, or a is 0."""
    s = a + b
    return s, b - (s - a)


def split(x):
    """Return x as head + tail exactly: 26 bits each, and |tail| <= 2^-25 |x|.

    Where the splitting overflows, the upper bits are cut off instead of rounded: then the
    tail may have 27 bits.
    """
    scaled = x * SPLITTER
    head = scaled - (scaled - x)
    fits = np.isfinite(head)
    if not fits.all():
        bits = np.asarray(x, np.float64).view(np.int64) & UPPER_BITS
        head = np.where(fits, head, bits.view(np.float64))
    return head, x - head


def total(x, axis):
    """Return s and e, whose sum is that of x along one axis to n^2 2^-106 of the magnitudes.

    Halves are added to halves; what every addition rounds is summed beside.
    """
    x = np.moveaxis(x, axis, 0)
    error = np.zeros(x.shape[1:])
    if len(x) == 0:
        return error, error
    while len(x) > 1:
        half = len(x) // 2
        s, e = two_sum(x[:half], x[half : 2 * half])
        error = error + e.sum(axis=0)
        x = s if len(x) == 2 * half else np.concatenate([s, x[2 * half :]])
    return x[0], error


def total_of_products(a, b):
    """Return s and e, whose sum is a @ b, where every product of two elements is a float.

    a: (..., p, n), b: (..., n, q): floats of 26 bits, as ``split`` gives them.
    """
    n, shape = a.shape[-1], np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    shape = (*shape, a.shape[-2], b.shape[-1])
    s, error = np.zeros(shape), np.zeros(shape)
    columns, rows = np.moveaxis(a, -1, 0)[..., None], np.moveaxis(b, -2, 0)[..., None, :]
    at_once = max(1, BLOCK // max(s.size, 1))
    for first in range(0, n, at_once):
        part = slice(first, first + at_once)
        more, lost = total(_aligned(columns[part], s.ndim) * _aligned(rows[part], s.ndim), 0)
        s, e = two_sum(s, more)
        error += lost + e
    return s, error


def _aligned(x, ndim):
    """Return x with the axes that it lacks behind its first, so that it broadcasts to ndim + 1."""
    return x.reshape(x.shape[0], *(1,) * (ndim + 1 - x.ndim), *x.shape[1:])
