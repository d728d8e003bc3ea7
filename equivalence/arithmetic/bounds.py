"""Look-ups in the table of rounding errors."""

from functools import lru_cache

from equivalence.arithmetic.errors import ROWS
from equivalence.arithmetic.precisions import precision_of
from equivalence.arithmetic.processor import kernels_fuse
from equivalence.errors import Error

# NumPy divides by a constant as it divides by anything, and knows no rsqrt; only Eigen's
# float32 has a reciprocal of its own.
SAME = {"divide_by_constant": "divide", "rsqrt": "divide", "reciprocal": "divide"}
# A platform that takes its functions from another, but for those that have rows of their own.
KIN = {"cuda-xla": "cuda"}
# Names of errors that a function has beyond a constant: a row only where there is one.
PER_LOG2 = "_per_log2"
# Platforms that compute half precision in float32; a GPU has instructions of its own.
WIDENS = ("eigen", "xla", "numpy")

# Compilers that join an addition to a matmul, so that the addend may be the first
# term of the sum: (b + x1 w1) + x2 w2.
JOINS_ADDEND = {
    "xla": "the CPU compiler emits small products by EmitRowMajorGemv and "
    "EmitColumnMajorGemv, which take an addend (xla/service/cpu/tiled_dot_emitter.h); "
    "fma(x2, w2, fma(x1, w1, b)) gives the bits of all 200 steps of linear-2-2-2",
    "cuda": "cuBLAS GEMM with beta = 1, cuBLASLt epilogues with a bias",
}

# Compilers that turn a / sqrt(b) into a * rsqrt(b): another function, and one
# rounding more.
INVERTS_ROOT = {
    "rsqrt": "no compiler, but an operation that calls tf.math.rsqrt itself; "
    "enclosed.CALLS_RSQRT names them",
    "grappler": "ConvertSqrtDivToRsqrtMulStage (grappler/optimizers/"
    "arithmetic_optimizer.cc); switching arithmetic_optimization off gives back the "
    "bits of the pair adagrad",
    "xla": "A / Sqrt(B) => A * Rsqrt(B) (xla/hlo/transforms/simplifiers/"
    "algebraic_simplifier.cc, HandleDivide)",
    "cuda": "the same simplification by Grappler and XLA",
}

# ------------------------------------------------------------------ more rewrites
# tests/test_rewrites.py runs programs in which each of these leaves the ball of the
# program as it is written.  Grappler's rules are in grappler/optimizers/
# arithmetic_optimizer.cc and constant_folding.cc, XLA's in xla/hlo/transforms/simplifiers/
# algebraic_simplifier.cc; XLA gets the graph after Grappler.

# A chain of additions and subtractions in another order: u |x + c1| may become u |c1 + c2|.
REORDERS_SUMS = {
    "grappler": "AddOpsRewriteStage makes one AddN of a tree of additions: m + (g + c m), as "
    "Muon has it, comes out as (m + c m) + g to the bit; ConstantPushDown brings constants "
    "together: (x + c1) + c2, c - (x + y), (x + c) + y",
    "xla": "(A + C1) + C2 => A + (C1 + C2)",
    "cuda": "Grappler and XLA",
}

# Factors that are constants meet: x y c becomes x (y c), so that a product that was
# exact, as whole numbers' are, is not formed, and another is, which rounds or is flushed.
FOLDS_FACTORS = {
    "grappler": "ConstantPushDown: (x c1) c2, (x c1) (y c2), x y c, x / c1 / c2",
    "xla": "(A C1) C2 => A (C1 C2)",
    "cuda": "Grappler and XLA",
}

# x / c becomes x (1 / c): its rounding is a row of the table; for c > 2^126 (2^1022) the
# reciprocal is subnormal, and flushed to 0.
INVERTS_CONSTANT = {
    "grappler": "ReduceDivToReciprocalMul; switching constant_folding off gives back 41 / 41 = 1",
    "xla": "A / Const => A * (1 / Const)",
    "cuda": "Grappler and XLA",
}

# 1 / x and x ** -1 become another function.
TAKES_RECIPROCAL = {
    "grappler": "ReplaceDivisionOfOnesByReciprocal, ConvertPowStage",
    "cuda": "Grappler",
}
# Eigen's float32 reciprocal corrects an estimate of 1.5 2^-12 by a term that is flushed
# to 0 where it is subnormal: vectors of 1 / x for x above 2^114 are off by up to 3e-4.
CORRECTION = 4  # of the smallest normal float

# exp(x) - 1 and log(1 + x) become other functions.
KNOWS_EXPM1 = {
    "grappler": "ConvertExpm1Stage, ConvertLog1pStage",
    "cuda": "Grappler",
}

# a / b / c becomes a / (b c), and a / (b / c) becomes a c / b: the same number of
# roundings, but the product may overflow or be flushed.
MERGES_DIVISIONS = {"xla": "HandleDivide: (A / B) / C, A / (B / C)", "cuda": "XLA"}

# a / exp(b) becomes a exp(-b), and a / pow(b, c) becomes a pow(b, -c), which may be flushed.
INVERTS_EXP = {"xla": "HandleDivide: A / exp(B), A / pow(B, C)", "cuda": "XLA"}

# exp(a) exp(b) becomes exp(a + b): the sum's rounding is exponentiated.
MERGES_EXP = {"xla": "HandleMultiply: exp(A) * exp(B)", "cuda": "XLA"}


class MissingRow(Error, LookupError):
    """A function whose error on a platform nobody has bounded yet."""


@lru_cache
def largest_ulp(function, platforms, dtype):
    """Return the largest error in ULP of ``function`` on any of ``platforms``.

    Raises MissingRow where the table has none: an operation without a cited
    bound cannot be enclosed.
    """
    return max(_ulp(function, platform, dtype) for platform in platforms)


def _ulp(function, platform, dtype):
    for at in (platform, KIN.get(platform)):
        for name in (function, SAME.get(function)):
            found = [
                row.ulp
                for row in ROWS
                if (row.function, row.platform, row.dtype) == (name, at, dtype)
                and not (row.unfused and kernels_fuse())
            ]
            if found:
                return max(found)
    if precision_of(dtype).wider and platform in WIDENS:
        return _of_wider(function, platform, precision_of(dtype))
    if function.endswith(PER_LOG2):
        return 0.0
    raise MissingRow(
        f"the rounding model has no row for {function} on {platform} in {dtype}: no run there "
        "that calls it can be enclosed.  Find a published bound, or measure one as "
        "equivalence/measure/scan.py does, and add the Row with its source to "
        "equivalence/arithmetic/errors.py"
    )


def _of_wider(function, platform, precision):
    """Return the largest error in ULP of a function computed in float32 and rounded once (L18).

    With k ULP in float32, of unit w, |fl(y') - y| <= u |y'| + |y' - y| and |y' - y| <= 2 k w |y|.
    """
    wider = precision_of(precision.wider)
    more = _ulp(function, platform, wider.name) * wider.unit / precision.unit * (1 + precision.unit)
    return more if function.endswith(PER_LOG2) else 0.5 + more
