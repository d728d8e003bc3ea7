"""Philox 4x32-10 (Salmon, Moraes, Dror and Shaw 2011, 3.3), as TensorFlow uses it.

A counter of four words of 32 bits is encrypted by a key of two, in ten rounds.  Counter
after counter, that gives four random words each.  Words are held in uint64, so that a
product of two is whole.
"""

import numpy as np

ROUNDS = 10
MULTIPLIERS = 0xD2511F53, 0xCD9E8D57  # M of the paper's listing of Philox 4x32
WEYL = 0x9E3779B9, 0xBB67AE85  # added to the key after every round
SCRAMBLING_KEY = 0x3EC8F720, 0x02461E29  # ScramblePhiloxKey of TensorFlow
LARGEST_SEED = 2**31 - 2  # keras/src/backend/tensorflow/random.py, _cast_seed
WORD = 0xFFFFFFFF
BITS = {
    "float32": 23,
    "float16": 10,
    "bfloat16": 7,
}  # of a word that is a number: Uint32ToFloat, Uint16ToHalf, Uint16ToGfloat16
SMALLEST = 1e-7  # BoxMullerFloat's and BoxMullerDouble's least u


def philox(counter, key):
    """Return the four random words of a counter: tuples of arrays of uint64."""
    a, b, c, d = counter
    k, l = key
    for _ in range(ROUNDS):
        ac, cc = a * MULTIPLIERS[0], c * MULTIPLIERS[1]  # (1)
        a, b = (cc >> 32) ^ b ^ k, cc & WORD  # (2)
        c, d = (ac >> 32) ^ d ^ l, ac & WORD  # (3)
        k, l = (k + WEYL[0]) & WORD, (l + WEYL[1]) & WORD  # (4)
    return a, b, c, d


def words(seed, count):
    """Return ``count`` random words (..., count) of a seed (..., 2) of whole numbers.

    TensorFlow takes the seed for a counter, encrypts it, and makes the key of two of the
    four words, and the upper half of the counter of the other two
    (StatelessRandomGetKeyCounter); the lower half counts from 0.
    """
    seed = (seed % LARGEST_SEED).astype(np.uint64)  # (5)
    zero = np.zeros_like(seed[..., :1])
    first, second = seed[..., :1], seed[..., 1:]
    scrambling = tuple(zero + np.uint64(word) for word in SCRAMBLING_KEY)
    k, l, c, d = philox((first, zero, second, zero), scrambling)  # (6)
    block = np.arange(-(-count // 4), dtype=np.uint64) + zero  # (7)
    drawn = philox((block, 0 * block, c, d), (k, l))  # (8)
    return np.stack(drawn, axis=-1).reshape(*seed.shape[:-1], -1)[..., :count]  # (9)


def uniform(seed, shape, dtype):
    """Return numbers of a seed (..., 2) from 0 up to but not 1: (..., *shape)."""
    count = int(np.prod(shape))
    fraction = fractions(words(seed, count * words_of(dtype)), dtype)
    return fraction.astype(dtype).reshape(*seed.shape[:-1], *shape)


def words_of(dtype):
    """Return how many words make a number."""
    return 1 if np.dtype(dtype).name in BITS else 2


def fractions(drawn, dtype):
    """Return words (..., count) as numbers of float64 from 0 up to but not 1.

    A float32 is the lower 23 bits of a word, a float64 the lower 20 of one and all of the
    next, as the fraction behind a binary point (Uint32ToFloat, Uint64ToDouble).
    """
    if words_of(dtype) == 1:
        bits = BITS[np.dtype(dtype).name]
        return (drawn & (2**bits - 1)).astype(np.float64) * 2.0**-bits  # (10)
    upper, lower = drawn[..., ::2] & 0xFFFFF, drawn[..., 1::2]
    return (upper * 2**32 + lower).astype(np.float64) * 2.0**-52  # (11)


def normal(seed, zeros):
    """Return standard normal numbers of a seed (..., 2): (..., *shape) as ``zeros``.

    Box and Muller (1958), for pairs of uniform numbers u and v (BoxMullerFloat, -Double):

        sqrt(-2 log u) sin(2 pi v),  sqrt(-2 log u) cos(2 pi v)

    In the arithmetic of ``zeros``, since these functions round, where words do not.
    """
    lead = len(seed.shape) - 1
    flat = zeros.reshape(*zeros.shape[:lead], -1)
    pairs = uniform(seed, (-(-flat.shape[-1] // 2), 2), zeros.dtype)  # (12)
    return of_pairs(pairs, flat).reshape(*zeros.shape)


def of_pairs(pairs, flat):
    """Return as many normal numbers as ``flat`` has zeros, of pairs of uniform ones."""
    count = flat.shape[-1]
    u, v = (np.repeat(pairs[..., k], 2, axis=-1)[..., :count] for k in range(2))
    u = np.where(u < SMALLEST, SMALLEST, u).astype(u.dtype)  # (13)
    radius = np.sqrt(-2 * np.log(flat + u))  # (14)
    angle = (flat + v) * (2 * np.pi)  # (15)
    is_sine = np.arange(count) % 2 == 0
    return radius * np.where(is_sine, np.sin(angle), np.cos(angle))  # (16)
