"""By which way of running Keras somebody's float32 numbers came to be: graph, eager, XLA, oneDNN.

Ways differ by rounding alone, so this is no difference to be explained; but numbers that have
the bits of a way at every step, and not those of the usual one, came of it.  Where several ways
have these bits, as they may on some processor, all are named.
"""

import numpy as np

from equivalence.diagnose.elsewhere import SWITCH, turned

WAYS = {
    "xla": "Keras compiled by XLA (jit_compile=True)",
    "eager": "Keras run eagerly (run_eagerly=True)",
    "onednn": f"Keras where {SWITCH}={turned()} is set",  # in another process
}


def way_of(seen, own):
    """Return the words of the ways whose runs have the bits of every weight of every step, or "".

    Asked of float32 numbers that the usual run has not; a way that a model cannot go is none.
    """
    if seen.dtype != "float32" or own.again is None or seen.steps < 1:
        return ""
    fitting = []
    for way, words in WAYS.items():
        try:
            runs = own.again(way)
        except Exception:  # a model that XLA, or eager Python, cannot run: whatever it raises
            continue
        if has_bits(seen, runs):
            fitting.append(words)
    return ", or ".join(fitting)


def has_bits(seen, runs):
    """Say whether every weight of every step has the same bits in a run."""
    return len(runs) >= len(seen.weights) and all(
        np.array_equal(a, b)
        for mine, keras in zip(seen.weights, runs)
        for a, b in zip(mine, keras, strict=True)
    )
