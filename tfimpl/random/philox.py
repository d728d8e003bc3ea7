"""Philox 4x32-10 (Salmon, Moraes, Dror and Shaw 2011, 3.3), as TensorFlow uses it.

``tf.random.stateless_uniform`` gives these numbers, but for XLA, which makes others of the
same words.
"""

from math import pi, prod

import tensorflow as tf

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
    """Return the four random words of a counter: tuples of tensors of uint64."""
    a, b, c, d = counter
    k, l = key
    for _ in range(ROUNDS):
        ac, cc = a * MULTIPLIERS[0], c * MULTIPLIERS[1]  # (1)
        a, b = _upper(cc) ^ b ^ k, cc & WORD  # (2)
        c, d = _upper(ac) ^ d ^ l, ac & WORD  # (3)
        k, l = (k + WEYL[0]) & WORD, (l + WEYL[1]) & WORD  # (4)
    return a, b, c, d


def words(seed, count):
    """Return ``count`` random words (..., count) of a seed (..., 2) of whole numbers."""
    seed = tf.cast(seed % LARGEST_SEED, tf.uint64)  # (5)
    zero = tf.zeros_like(seed[..., :1])
    first, second = seed[..., :1], seed[..., 1:]
    scrambling = tuple(zero + tf.constant(word, tf.uint64) for word in SCRAMBLING_KEY)
    k, l, c, d = philox((first, zero, second, zero), scrambling)  # (6)
    block = tf.cast(tf.range(-(-count // 4)), tf.uint64) + zero  # (7)
    drawn = philox((block, tf.zeros_like(block), c, d), (k, l))  # (8)
    together = tf.stack([word + tf.zeros_like(block) for word in drawn], axis=-1)
    return tf.reshape(together, (*seed.shape[:-1], -1))[..., :count]  # (9)


def uniform(seed, shape, dtype):
    """Return numbers of a seed (..., 2) from 0 up to but not 1: (..., *shape)."""
    count = prod(shape)
    fraction = fractions(words(seed, count * words_of(dtype)), dtype)
    return tf.reshape(tf.cast(fraction, dtype), (*seed.shape[:-1], *shape))


def words_of(dtype):
    """Return how many words make a number."""
    return 1 if tf.as_dtype(dtype).name in BITS else 2


def fractions(drawn, dtype):
    """Return words (..., count) as numbers of float64 from 0 up to but not 1."""
    if words_of(dtype) == 1:
        bits = BITS[tf.as_dtype(dtype).name]
        return tf.cast(drawn & (2**bits - 1), tf.float64) * 2.0**-bits  # (10)
    upper, lower = drawn[..., ::2] & 0xFFFFF, drawn[..., 1::2]
    return tf.cast(upper * 2**32 + lower, tf.float64) * 2.0**-52  # (11)


def normal(seed, zeros):
    """Return standard normal numbers of a seed (..., 2): (..., *shape) as ``zeros``."""
    lead = len(seed.shape) - 1
    flat = tf.reshape(zeros, (*zeros.shape[:lead], -1))
    pairs = uniform(seed, (-(-flat.shape[-1] // 2), 2), zeros.dtype)  # (12)
    return tf.reshape(of_pairs(pairs, flat), zeros.shape)


def of_pairs(pairs, flat):
    """Return as many normal numbers as ``flat`` has zeros, of pairs of uniform ones."""
    count = flat.shape[-1]
    u, v = (tf.repeat(pairs[..., k], 2, axis=-1)[..., :count] for k in range(2))
    u = tf.maximum(u, tf.constant(SMALLEST, u.dtype))  # (13)
    radius = tf.sqrt(-2 * tf.math.log(flat + u))  # (14)
    angle = (flat + v) * (2 * pi)  # (15)
    is_sine = tf.range(count) % 2 == 0
    return radius * tf.where(is_sine, tf.sin(angle), tf.cos(angle))  # (16)


def _upper(product):
    return tf.bitwise.right_shift(product, tf.constant(32, tf.uint64))
