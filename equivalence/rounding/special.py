"""The rounding errors of more functions: those of activations that the first table lacks.

Rows as ``table.py`` has them, with the same meaning.  ``erfc`` is the complementary error
function; ``softplus`` is TensorFlow's kernel for log(1 + exp(x)), which is x, exp(x) or
log1p(exp(x)) by the size of x.

    python -m equivalence.rounding.special --exhaustive softplus erfc

measures them again with the machinery of ``scan.py``.
"""

import math

import numpy as np
from flint import arb, ctx
from scipy.special import erfc as erfc_of_float64

from equivalence.rounding import scan
from equivalence.rounding.table import ALL_FLOATS, F32, F64, MACHINE, SAMPLED, Row

GLIBC = "The GNU C Library, Errors in Math Functions, x86_64: erfc 5 ULP"
NEAREST = "DERIVED: erfc in float64 to 5 ULP, rounded to float32 once: 0.5 + 5 / 2^29 ULP"
NEARLY_ALL = (
    f"the largest over all float32 above 2^-14 in magnitude, and every 97th below, {MACHINE}"
)
FEWER = f"twice the largest over 2e6 inputs, {MACHINE}"

ROWS = (
    Row("softplus", "eigen", F32, 7.0, ALL_FLOATS, 6.9557),
    Row("softplus", "xla", F32, 7.4, ALL_FLOATS, 7.3980),
    Row("softplus", "eigen", F64, 15.1, SAMPLED, 7.5483),
    Row("softplus", "xla", F64, 15.1, SAMPLED, 7.5483),
    # TensorFlow's two square x in float32, whose rounding exp(-x^2) enlarges: the more, the smaller
    # the result is.
    Row("erfc", "eigen", F32, 8.4, NEARLY_ALL, 8.3848),
    Row("erfc_per_log2", "eigen", F32, 0.52, NEARLY_ALL, 0.5102),
    Row("erfc", "xla", F32, 6.0, NEARLY_ALL, 5.8678),
    Row("erfc_per_log2", "xla", F32, 0.63, NEARLY_ALL, 0.6208),
    Row("erfc", "eigen", F64, 19.3, FEWER, 9.6104),
    Row("erfc_per_log2", "eigen", F64, 1.02, FEWER, 0.5052),
    Row("erfc", "xla", F64, 19.2, FEWER, 9.5933),
    Row("erfc_per_log2", "xla", F64, 1.35, FEWER, 0.6701),
    Row("erfc", "numpy", F32, 0.51, NEAREST),
    Row("erfc", "numpy", F64, 5.0, GLIBC),
)

BITS = 160  # of the exact complementary error function, far more than any result needs


def exact_erfc(x):
    """Return erfc of an array, correct to the array's own format: float64 or wider."""
    if x.dtype == np.float64:
        return erfc_of_float64(x)
    return arb_function(arb.erfc, x)


def arb_function(function, x):
    """Return ``function``, of ``flint.arb``, of an array: rounded to the array's format."""
    flat = np.asarray(x).ravel()
    before, ctx.prec = ctx.prec, BITS
    try:
        found = [_narrow(function(_exactly(value)), flat.dtype) for value in flat]
    finally:
        ctx.prec = before
    return np.array(found, flat.dtype).reshape(np.shape(x))


def _exactly(value):
    """Return a float of any format up to twice float64's as an arb."""
    high = float(value)
    if not math.isfinite(high):
        return arb(high)
    return arb(high) + arb(float(value - type(value)(high)))


def _narrow(ball, dtype):
    middle = ball.mid()
    high = float(middle)
    if not math.isfinite(high):
        return dtype.type(high)
    return dtype.type(high) + dtype.type(float(middle - arb(high)))


SCANNED = {
    "erfc": scan.Function(
        lambda tf, x: tf.math.erfc(x),
        exact_erfc,
        domains=((-6.0, 26.0), (-1.0, 1.0), (-6.0, 6.0)),
    ),
    "softplus": scan.Function(
        lambda tf, x: tf.math.softplus(x),
        lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))),
        domains=((-708.0, 40.0), (-40.0, 40.0)),
    ),
}


def main(arguments=None):
    """Measure the rows that the command line names; see ``scan.main``."""
    scan.FUNCTIONS.update(SCANNED)
    scan.ROWS = (*scan.ROWS, *ROWS)
    return scan.main(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
