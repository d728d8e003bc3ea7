"""Random numbers of a key and a counter, as ``random.philox`` has them of a seed."""

import tensorflow as tf


def stateless_random_get_key_counter(seed):
    """The key and the counter (lower half, upper half) that TensorFlow makes of a seed."""
    return tf.raw_ops.StatelessRandomGetKeyCounter(seed=seed)  # (1)-(2)


def stateless_random_uniform(shape, key, counter, alg, *, dtype):
    """Numbers from 0 up to but not 1, of the lower bits of a word each."""
    return tf.raw_ops.StatelessRandomUniformV2(
        shape=shape, key=key, counter=counter, alg=alg, dtype=dtype
    )  # (3)-(4)


def stateless_random_normal(shape, key, counter, alg, *, dtype):
    """Normal numbers of pairs of words by Box and Muller, as ``random.philox.normal``."""
    return tf.raw_ops.StatelessRandomNormalV2(
        shape=shape, key=key, counter=counter, alg=alg, dtype=dtype
    )  # (5)-(6)


def stateless_random_uniform_int(shape, key, counter, alg, minval, maxval):
    """Whole numbers from ``minval`` up to but not ``maxval``: what a word leaves over."""
    return tf.raw_ops.StatelessRandomUniformIntV2(
        shape=shape, key=key, counter=counter, alg=alg, minval=minval, maxval=maxval
    )  # (7)-(9)
