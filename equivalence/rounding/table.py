"""The largest rounding error of each elementary function, by platform and dtype.

One ULP is the spacing of the floats of the row's dtype at the exact result: for an
exact result y with 2^e <= |y| < 2^(e+1) and precision p it is 2^(e-p+1).  With
u = 2^-p the relative error of a row is at most 2 * ulp * u.

Every row says where its number comes from:

* ``IEEE``, ``SVML``, ``CUDA``: a standard or a vendor's published bound;
* ``DERIVED``: from other rows, in the row's own words;
* ``ALL_FLOATS``: the largest error over *all* float32 inputs with a normal result,
  measured, and rounded up to one decimal.  For the code that was measured it is
  exact, not an estimate;
* ``SAMPLED``: twice the largest error over at least 5e7 inputs, where nobody
  publishes a bound and there are too many inputs to try them all.

``python -m equivalence.rounding.scan`` measures again on this machine.  A row is
never widened to make a run pass.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """The largest error of one function on one platform in one dtype, in ULP.

    function: NumPy's name; ``divide_by_constant`` and ``power_per_log2`` are ours:
        the latter is the error of a power for each factor of 2 that its result is
        away from 1, on top of ``power``.
    platform: "eigen" (TensorFlow's CPU kernels), "xla" (its CPU compiler), "numpy",
        "cuda" (TensorFlow's GPU kernels), "cuda-xla" (its GPU compiler).
    measured: the largest error seen, None where nothing had to be measured.
    """

    function: str
    platform: str
    dtype: str
    ulp: float
    source: str
    measured: float | None = None


MACHINE = "x86-64 with AVX-512, TensorFlow 2.21.0, NumPy 2.4.6"
IEEE = "IEEE 754-2019, 5.4.1: correctly rounded"
SVML = "NumPy's vector math library (SVML): less than 4 ULP; glibc's functions lie below"
ALL_FLOATS = f"the largest over all float32, {MACHINE}"
SAMPLED = f"twice the largest over at least 5e7 inputs, {MACHINE}"

F32, F64 = "float32", "float64"
PLATFORMS = ("eigen", "xla", "numpy", "cuda")

CORRECTLY_ROUNDED = tuple(
    Row(function, platform, dtype, 0.5, IEEE)
    for function in ("add", "subtract", "multiply", "divide", "sqrt", "square")
    for platform in PLATFORMS
    for dtype in (F32, F64)
)

# x * fl(1/c): two correctly rounded operations, at most 0.5 + 1 ULP of the result.
RECIPROCAL = (
    "DERIVED: A / Const => A * (1 / Const) (xla/hlo/transforms/simplifiers/"
    "algebraic_simplifier.cc, HandleDivide), two correctly rounded operations"
)
BY_CONSTANT = tuple(
    Row("divide_by_constant", platform, dtype, 1.5, RECIPROCAL)
    for platform in ("eigen", "xla", "cuda")
    for dtype in (F32, F64)
)

POWER = (
    "DERIVED: x^y is 2^(y log2 x), and y log2 x is kept to one float64: an error of half a "
    "unit in its last place is ln 2 / 2 of |log2 of the result| in the result, at most "
    "0.7 ULP; measured 0.575 (587 ULP at 0.7067^2021)"
)

FUNCTIONS = (
    Row("exp", "eigen", F32, 1.4, ALL_FLOATS, 1.3103),
    Row("log", "eigen", F32, 3.5, ALL_FLOATS, 3.4711),
    Row("tanh", "eigen", F32, 6.2, ALL_FLOATS, 6.1399),
    Row("sigmoid", "eigen", F32, 6.6, ALL_FLOATS, 6.5792),
    Row("expm1", "eigen", F32, 4.9, ALL_FLOATS, 4.8895),
    Row("log1p", "eigen", F32, 4.8, ALL_FLOATS, 4.7735),
    Row("rsqrt", "eigen", F32, 3.4, ALL_FLOATS, 3.3393),
    Row("power", "eigen", F32, 3.0, SAMPLED, 1.5),
    Row("power_per_log2", "eigen", F32, 0.1, SAMPLED, 0.05),
    Row("exp", "xla", F32, 5.6, ALL_FLOATS, 5.5112),
    Row("log", "xla", F32, 1.2, ALL_FLOATS, 1.1919),
    Row("tanh", "xla", F32, 4.9, ALL_FLOATS, 4.8963),
    Row("sigmoid", "xla", F32, 2.5, ALL_FLOATS, 2.4808),
    Row("expm1", "xla", F32, 6.2, ALL_FLOATS, 6.1680),
    Row("log1p", "xla", F32, 2.6, ALL_FLOATS, 2.5202),
    Row("rsqrt", "xla", F32, 1.0, ALL_FLOATS, 0.9999968),
    Row("power", "xla", F32, 1.6, SAMPLED, 0.7977),
    Row("exp", "numpy", F32, 2.6, ALL_FLOATS, 2.5408),
    Row("log", "numpy", F32, 3.9, ALL_FLOATS, 3.8318),
    Row("tanh", "numpy", F32, 2.2, f"{ALL_FLOATS}; glibc's tanhf", 2.1886),
    Row("expm1", "numpy", F32, 2.7, ALL_FLOATS, 2.6198),
    Row("log1p", "numpy", F32, 2.0, ALL_FLOATS, 1.9573),
    Row("power", "numpy", F32, 3.7, SAMPLED, 1.8055),
    Row("exp", "eigen", F64, 3.4, SAMPLED, 1.6973),
    Row("log", "eigen", F64, 3.1, SAMPLED, 1.5186),
    Row("tanh", "eigen", F64, 18.1, SAMPLED, 9.0118),
    Row("sigmoid", "eigen", F64, 5.3, SAMPLED, 2.6456),
    Row("expm1", "eigen", F64, 7.0, SAMPLED, 3.4571),
    Row("log1p", "eigen", F64, 5.2, SAMPLED, 2.5757),
    Row("rsqrt", "eigen", F64, 3.0, SAMPLED, 1.4961),
    Row("power", "eigen", F64, 3.6, SAMPLED, 1.78),
    Row("power_per_log2", "eigen", F64, 0.7, POWER, 0.575),
    Row("exp", "xla", F64, 3.4, SAMPLED, 1.6973),
    Row("log", "xla", F64, 1.1, SAMPLED, 0.5181),
    Row("tanh", "xla", F64, 15.8, SAMPLED, 7.8858),
    Row("sigmoid", "xla", F64, 5.0, SAMPLED, 2.4620),
    Row("expm1", "xla", F64, 9.1, SAMPLED, 4.5479),
    Row("log1p", "xla", F64, 257.6, SAMPLED, 128.767),
    Row("rsqrt", "xla", F64, 2.6, SAMPLED, 1.2652),
    Row("power", "xla", F64, 1.1, SAMPLED, 0.5088),
    *(
        Row(function, "numpy", F64, 4.0, SVML)
        for function in ("exp", "log", "tanh", "expm1", "log1p", "power")
    ),
)

# NVIDIA counts ULP from the correctly rounded result: half a one more from the exact
# result.  The guide calls its numbers "not guaranteed bounds": they come from extensive
# tests, so these rows are assumptions.  Where editions differ, the larger number.
CUDA = (
    "CUDA C++ Programming Guide, Mathematical Functions, Standard Functions, maximum ULP error "
    "(against the correctly rounded result, hence 0.5 more)"
)
CUDA_FUNCTIONS = (  # function, float32, float64
    ("exp", 2, 1),
    ("log", 1, 1),
    ("expm1", 1, 1),
    ("log1p", 1, 1),
    ("rsqrt", 2, 1),
    ("power", 8, 2),
)
MLIR_TANH = (
    "DERIVED: TensorFlow's GPU kernel is Eigen's rational function (mlir/tools/kernel_gen/"
    "kernel_creator.cc: mhlo::createLegalizeTrigonometricToApproximationPass); its float32 "
    "arithmetic over all floats: 6.8823 ULP without, 4.8962 with fused multiply-add"
)
DIV_FULL = (
    "CUDA C++ Programming Guide: x / y without -prec-div=true, 2 ULP (hence 2.5); XLA compiles "
    "float32 divisions so (gpu/llvm_gpu_backend: -nvptx-prec-divf32=1, div.full.f32)"
)
CUDA_ROWS = (
    *(Row(name, "cuda", F32, ulp + 0.5, CUDA) for name, ulp, _ in CUDA_FUNCTIONS),
    *(Row(name, "cuda", F64, ulp + 0.5, CUDA) for name, _, ulp in CUDA_FUNCTIONS),
    Row("tanh", "cuda", F32, 6.9, MLIR_TANH, 6.8823),
    Row("tanh", "cuda", F64, 2.5, CUDA),
    Row("sigmoid", "cuda", F32, 3.6, "DERIVED: 1 / (1 + exp(-x)): exp 2.5, and two roundings"),
    Row("sigmoid", "cuda", F64, 2.6, "DERIVED: 1 / (1 + exp(-x)): exp 1.5, and two roundings"),
    # XLA on a GPU calls the same library, but for what follows (see ``bounds.KIN``).
    Row("divide", "cuda-xla", F32, 2.5, DIV_FULL),
    Row("divide_by_constant", "cuda-xla", F32, 2.5, DIV_FULL),
    Row("sigmoid", "cuda-xla", F32, 5.6, "DERIVED: exp 2.5, a rounding, a division of 2.5"),
    Row(
        "tanh",
        "cuda-xla",
        F32,
        8.9,
        "DERIVED: llvm_ir::EmitFastTanh (gpu/elemental_ir_emitter.cc), 6.9 with correctly "
        "rounded division, 2 more with div.full.f32; newer versions call tanhf, 2.5",
    ),
)

ROWS = (*CORRECTLY_ROUNDED, *BY_CONSTANT, *FUNCTIONS, *CUDA_ROWS)
