"""Random numbers of a key and a counter, as ``random.philox`` has them of a seed."""

import numpy as np

from refimpl.random.philox import (
    SCRAMBLING_KEY,
    WORD,
    fractions,
    of_pairs,
    philox,
    words_of,
)

_PHILOX = (
    1,
    3,
)  # the algorithm's number, and that of "whichever is fastest", which it is on a CPU


def stateless_random_get_key_counter(seed):
    """The key and the counter (lower half, upper half) that TensorFlow makes of a seed."""
    first, second = (np.uint64(int(s) & (2**64 - 1)) for s in seed)
    lower, upper = np.uint64(WORD), np.uint64(32)
    scrambling = tuple(np.uint64(word) for word in SCRAMBLING_KEY)
    counter = first & lower, first >> upper, second & lower, second >> upper
    k, l, c, d = philox(counter, scrambling)  # (1)
    return np.array([k | l << upper]), np.array([np.uint64(0), c | d << upper])  # (2)


def stateless_random_uniform(shape, key, counter, alg, *, dtype):
    """Numbers from 0 up to but not 1, of the lower bits of a word each, or of two."""
    shape = tuple(int(n) for n in shape)
    fraction = _fractions(key, counter, alg, int(np.prod(shape)), dtype)  # (3)
    return fraction.astype(dtype).reshape(shape)  # (4)


def stateless_random_normal(shape, key, counter, alg, *, dtype):
    """Normal numbers of pairs of words by Box and Muller, as ``random.philox.normal``."""
    pairs, count = _normal_pairs(shape, key, counter, alg, dtype)  # (5)
    drawn = of_pairs(pairs, np.zeros(count, pairs.dtype)).reshape(shape)
    return drawn.astype(dtype)  # (6)


def stateless_random_uniform_int(shape, key, counter, alg, minval, maxval):
    """Whole numbers from ``minval`` up to but not ``maxval``: what a word leaves over."""
    if int(alg) not in _PHILOX:
        raise NotImplementedError("random numbers of another algorithm")
    dtype, shape = np.asarray(minval).dtype, tuple(int(n) for n in shape)
    width, pairs = int(maxval) - int(minval), dtype.itemsize // 4
    words = _words(key, counter, int(np.prod(shape)) * pairs).astype(np.uint64)
    if pairs == 2:
        words = words[::2] | words[1::2] << np.uint64(32)  # (7)
    drawn = words % np.uint64(width)  # (8)
    return (drawn.astype(dtype) + dtype.type(minval)).reshape(shape)  # (9)


def _normal_pairs(shape, key, counter, alg, dtype):
    """Return the uniform numbers (pairs, 2) of normal ones, and how many these are.

    Those of half precision are float32's, rounded at the end.
    """
    dtype = np.float64 if np.dtype(dtype) == np.float64 else np.float32
    count = int(np.prod([int(n) for n in shape]))
    fraction = _fractions(key, counter, alg, 2 * -(-count // 2), dtype)
    return fraction.astype(dtype).reshape(-1, 2), count


def _fractions(key, counter, alg, count, dtype):
    """Return numbers in float64 from 0 up to but not 1, as a format has them."""
    if int(alg) not in _PHILOX:
        raise NotImplementedError("random numbers of another algorithm")
    return fractions(_words(key, counter, count * words_of(dtype)), dtype)


def _words(key, counter, count):
    """Return ``count`` words; the counter's lower half counts on, four words each."""
    lower, upper = np.uint64(WORD), np.uint64(32)
    low = counter[0] + np.arange(-(-count // 4), dtype=np.uint64)
    high = counter[1] + np.zeros_like(low)
    blocks = low & lower, low >> upper, high & lower, high >> upper
    drawn = philox(blocks, (key[0] & lower, key[0] >> upper))
    return np.stack(drawn, axis=-1).reshape(-1)[:count]
