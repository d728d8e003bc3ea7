"""Look-ups in the table of rounding errors."""

from functools import lru_cache

from equivalence.rounding.table import ROWS

# NumPy divides by a constant as it divides by anything, and knows no rsqrt.
SAME = {"divide_by_constant": "divide", "rsqrt": "divide"}
# A platform that takes its functions from another, but for those that have rows of their own.
KIN = {"cuda-xla": "cuda"}
# Errors that a function has beyond a constant: a row only where there is one.
NONE_IF_MISSING = ("power_per_log2", "erfc_per_log2")

# Compilers that join an addition to a matmul, so that the addend may be the first
# term of the sum: (b + x1 w1) + x2 w2.
JOINS_ADDEND = {
    "xla": "the CPU compiler emits small products by EmitRowMajorGemv and "
    "EmitColumnMajorGemv, which take an addend (xla/service/cpu/tiled_dot_emitter.h); "
    "fma(x2, w2, fma(x1, w1, b)) gives the bits of all 200 steps of linear-2-2-2",
    "cuda": "cuBLAS GEMM with beta = 1, cuBLASLt epilogues with a bias",
}

# Compilers that make one sum of a + (b + c), in an order of their own.
REORDERS_ADDITIONS = {
    "grappler": "AddOpsRewriteStage (grappler/optimizers/arithmetic_optimizer.cc) makes one "
    "AddN of a tree of additions; m + (g + c m), as Muon has it, comes out as (m + c m) + g "
    "to the bit, and switching arithmetic_optimization off gives back the bits as written",
    "cuda": "the same rewriting by Grappler",
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

# Compilers that turn a / c with a constant c into a * (1 / c): two roundings, which
# may miss a quotient that is a float.
INVERTS_CONSTANT = {
    "grappler": "ReduceDivToReciprocalMul (grappler/optimizers/constant_folding.cc); "
    "switching constant_folding off gives back 41 / 41 = 1",
    "xla": "A / Const => A * (1 / Const) (xla/hlo/transforms/simplifiers/"
    "algebraic_simplifier.cc, HandleDivide)",
    "cuda": "the same simplification by Grappler and XLA",
}


class MissingRow(LookupError):
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
            for row in ROWS:
                if (row.function, row.platform, row.dtype) == (name, at, dtype):
                    return row.ulp
    if function in NONE_IF_MISSING:
        return 0.0
    raise MissingRow(
        f"the rounding model has no row for {function} on {platform} in {dtype}: no run there "
        "that calls it can be enclosed.  Find a published bound, or measure one as "
        "equivalence/rounding/scan.py does, and add the Row with its source to "
        "equivalence/rounding/table.py"
    )
