"""The largest error of functions in half precision, over all 65,536 numbers.

    python -m equivalence.measure.halves

A row says the largest error in ULP of the half precision, at which number, and what the rounding
model allows; vectors are computed by other instructions than what is left of them, so each number
is tried in both.  Exits with 1 where an error is above its row.
"""

import sys
from functools import partial

import numpy as np

from equivalence.arithmetic import special
from equivalence.arithmetic.bounds import largest_ulp
from equivalence.arithmetic.precisions import HALVES, precision_of

# What is left of vectors of at most this many numbers.
LEFT = 3


def _softplus(x):
    return np.logaddexp(0, x)


def _sigmoid(x):
    return np.exp(-np.logaddexp(0, -x))


# name in the table of errors -> TensorFlow's operation, its exact value, where it is defined.
FUNCTIONS = {
    "exp": ("Exp", np.exp, np.isfinite),
    "expm1": ("Expm1", np.expm1, np.isfinite),
    "log": ("Log", np.log, lambda x: x > 0),
    "log1p": ("Log1p", np.log1p, lambda x: x > -1),
    "tanh": ("Tanh", np.tanh, np.isfinite),
    "sin": ("Sin", np.sin, lambda x: np.abs(x) < 2**16),
    "cos": ("Cos", np.cos, lambda x: np.abs(x) < 2**16),
    "sqrt": ("Sqrt", np.sqrt, lambda x: x > 0),
    "rsqrt": ("Rsqrt", lambda x: 1 / np.sqrt(x), lambda x: x > 0),
    # Beyond 2^114 its correction is flushed (``bounds.CORRECTION``), which is no rounding (L8).
    "reciprocal": ("Reciprocal", lambda x: 1 / x, lambda x: (x != 0) & (np.abs(x) < 2.0**114)),
    "sigmoid": ("Sigmoid", _sigmoid, np.isfinite),
    "softplus": ("Softplus", _softplus, np.isfinite),
    "erfc": ("Erfc", special.wide_erfc, np.isfinite),
}
ENGINES = {"eager": "eigen", "xla": "xla"}


def numbers(dtype):
    """Return all finite numbers of a half precision."""
    every = np.arange(2**16, dtype=np.uint16).view(precision_of(dtype).dtype)
    return every[np.isfinite(every)]


def measure(name, dtype, engine):
    """Return (the largest error in ULP, the number that has it)."""
    import tensorflow as tf

    kind, exact, defined = FUNCTIONS[name]
    x, precision = numbers(dtype), precision_of(dtype)
    x = x[defined(x.astype(np.float64))]
    if precision.flushed:  # (L8)
        x = x[np.abs(x.astype(np.float64)) >= precision.tiny]
    call = partial(_call, getattr(tf.raw_ops, kind))
    if engine == "xla":
        call = tf.function(call, autograph=False, jit_compile=True)
    with np.errstate(all="ignore"):
        true = np.asarray(exact(x.astype(np.float64)), np.float64)
    found = [call(tf.constant(x)).numpy()]
    if engine == "eager":
        found.append(
            np.concatenate(
                [call(tf.constant(x[k : k + LEFT])).numpy() for k in range(0, len(x), LEFT)]
            )
        )
    errors = np.max([ulp_errors(each, true, precision) for each in found], axis=0)
    worst = int(np.argmax(errors))
    return float(errors[worst]), float(x[worst])


def _call(operation, x):
    return operation(**{"features" if operation.__name__.lower() == "softplus" else "x": x})


def ulp_errors(values, true, precision):
    """Return the errors in ULP of normal results, 0 of others."""
    normal = (np.abs(true) >= precision.tiny * (1 + 2 * precision.unit)) & (
        np.abs(true) <= precision.largest
    )
    _, exponent = np.frexp(np.where(normal, true, 1))
    place = np.ldexp(2 * precision.unit, exponent - 1)
    with np.errstate(all="ignore"):
        errors = np.abs(values.astype(np.float64) - true) / place
    return np.where(normal, np.where(np.isnan(errors), np.inf, errors), 0)


def main():
    above = 0
    for dtype in HALVES:
        for name in FUNCTIONS:
            for engine, platform in ENGINES.items():
                error, at = measure(name, dtype, engine)
                row = largest_ulp(name, (platform,), dtype)
                above += error > row
                place = f"{dtype:9} {name:11} {engine:6}"
                mark = "  ABOVE" if error > row else ""
                print(f"{place} {error:8.4f} at {at:<12.6g} row {row:.4f}{mark}")
    return int(above > 0)


if __name__ == "__main__":
    sys.exit(main())
