"""The largest rounding error of each elementary function, by platform and dtype.

One ULP is the spacing of the floats of the row's dtype at the exact result: for an
exact result y with 2^e <= |y| < 2^(e+1) and precision p it is 2^(e-p+1).  With
u = 2^-p the relative error of a row is at most 2 * ulp * u.

Every row says where its number comes from:

* ``IEEE``, ``SVML``, ``LIBM``, ``CUDA``, ``JAX``, ``XLA_BUDGET``: a standard, or a bound
  that those who wrote the code publish;
* ``RUNNING`` and other ``DERIVED`` rows: from the published algorithm, by a running error
  analysis (``analysis.py``, which a test holds against the rows), or from other rows;
* ``ALL_FLOATS``: the largest error over *all* float32 inputs with a normal result,
  measured, and rounded up to one decimal.  For the code that was measured it is
  exact, not an estimate;
* ``SAMPLED``: twice the largest error over at least 5e7 inputs, where nobody
  publishes a bound and there are too many inputs to try them all.

``python -m equivalence.measure.scan`` measures again on this machine.  A row is
never widened to make a run pass.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """The largest error of one function on one platform in one dtype, in ULP.

    function: NumPy's name; ``divide_by_constant`` and the names that end in ``_per_log2`` are
        ours: the latter are the error for each factor of 2 that the result is away from 1,
        on top of the function's own row.
    platform: "eigen" (TensorFlow's CPU kernels), "xla" (its CPU compiler), "numpy",
        "cuda" (TensorFlow's GPU kernels), "cuda-xla" (its GPU compiler).
    measured: the largest error seen, None where nothing had to be measured.
    unfused: whether it counts only where kernels round between a product and its sum
        (``processor.kernels_fuse``).
    """

    function: str
    platform: str
    dtype: str
    ulp: float
    source: str
    measured: float | None = None
    unfused: bool = False


MACHINE = "x86-64 with AVX-512, TensorFlow 2.21.0, NumPy 2.4.6"
IEEE = "IEEE 754-2019, 5.4.1: correctly rounded"
SVML = "NumPy's vector math library (SVML): less than 4 ULP; glibc's functions lie below"
LIBM = (
    "glibc since 2.28, whose sources say 0.82 (powf), 0.54 (pow), 0.52 (log), 0.5607 (cosf, "
    "sinf) and 0.55 ULP (cos, sin); sysdeps/x86_64/fpu/libm-test-ulps lists 1; XLA calls it"
)
# The Guide's number is the distance from the correctly rounded result, which is itself
# up to 0.5 ULP away from the exact one.
CUDA = (
    "CUDA C++ Programming Guide, 17.1 Standard Functions, Tables 17 and 18 (difference from "
    "the correctly rounded result), and 0.5; tested extensively, not guaranteed"
)
CUDA_POWER = (
    "an earlier CUDA C Programming Guide, Appendix E.1, as intel/llvm quotes it in "
    "sycl/doc/cuda: 8, and 0.5; 4 in that of CUDA 13"
)
CUDA_DIVIDE = (
    "XLA emits div.full.f32 (openxla/xla issue 37181): the Guide's x/y without -prec-div, 2, "
    "and 0.5; PTX ISA, div: maximum ulp error 2"
)
CUDA_SQRT = "the Guide's sqrtf without -prec-sqrt, compute capability 5.2 and up, 1, and 0.5"
JAX = "JAX's docs/accuracy.md, all float32 (float64: samples) on H100 and B200"
XLA_BUDGET = (
    "xla/codegen/intrinsic/accuracy/accuracy_budget.h: 7 from the correctly rounded result, "
    "and 0.5; the Guide says 2, JAX's docs/accuracy.md 2.0 for a later XLA"
)
MLIR_TANH = (
    "DERIVED: TensorFlow's GPU kernel is Eigen's rational function (mlir/tools/kernel_gen/"
    "kernel_creator.cc: mhlo::createLegalizeTrigonometricToApproximationPass); its float32 "
    "arithmetic over all floats: 6.8823 ULP without, 4.8962 with fused multiply-add"
)
RUNNING = "DERIVED: running error analysis of the algorithm, rounding/analysis.py"
ALL_FLOATS = f"the largest over all float32, {MACHINE}"
SAMPLED = f"twice the largest over at least 5e7 inputs, {MACHINE}"

F32, F64 = "float32", "float64"
PLATFORMS = ("eigen", "xla", "numpy", "cuda")

CORRECTLY_ROUNDED = tuple(
    Row(function, platform, dtype, 0.5, IEEE)
    for function in ("add", "subtract", "multiply", "divide", "sqrt", "square")
    for platform in PLATFORMS
    for dtype in (F32, F64)
    if (function, platform, dtype) not in (("divide", "cuda", F32), ("sqrt", "cuda", F32))
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
    if (platform, dtype) != ("cuda", F32)
)

POWER = (
    "DERIVED: accurate_log2<double> divides by fl(m + 1), m in [sqrt(1/2), sqrt(2)), without "
    "making up for its rounding: a relative error of up to u in log2 m, which becomes "
    "ln 2 |log2 of the result| ULP, at most 0.694; 0.575 for bases below 1"
)
POWER_ALONE = (
    "SAMPLED: twice 1.581, the largest excess over the row power_per_log2, 1e-3 above base 1"
)
# Eigen's comment says 3 ULP.
POWER_F32 = (
    "SAMPLED: twice 1.392 + 0.05 |log2 of the result|, which bounds all errors seen, random "
    "ones and all bases in [0.5, 0.97) with all whole exponents: the worst is 6.586 ULP at "
    "0.7070073 ** 248"
)

FUNCTIONS = (
    Row("exp", "eigen", F32, 1.4, ALL_FLOATS, 1.3103),
    Row("log", "eigen", F32, 3.5, ALL_FLOATS, 3.4711),
    Row("tanh", "eigen", F32, 6.2, ALL_FLOATS, 6.1399),
    Row("sigmoid", "eigen", F32, 6.6, ALL_FLOATS, 6.5792),
    Row("expm1", "eigen", F32, 4.9, ALL_FLOATS, 4.8895),
    Row("log1p", "eigen", F32, 4.8, ALL_FLOATS, 4.7735),
    Row("rsqrt", "eigen", F32, 3.4, ALL_FLOATS, 3.3393),
    Row("reciprocal", "eigen", F32, 2.8, f"{ALL_FLOATS} in [1, 2), and it scales", 2.7569),
    Row("power", "eigen", F32, 3.0, POWER_F32, 6.5861),
    Row("power_per_log2", "eigen", F32, 0.1, POWER_F32, 0.0790),
    Row("cos", "eigen", F32, 2.5, ALL_FLOATS, 2.4152),
    Row("sin", "eigen", F32, 2.5, ALL_FLOATS, 2.4221),
    Row("exp", "xla", F32, 5.6, ALL_FLOATS, 5.5112),
    Row("log", "xla", F32, 1.2, ALL_FLOATS, 1.1919),
    Row("tanh", "xla", F32, 4.9, ALL_FLOATS, 4.8963),
    Row("sigmoid", "xla", F32, 2.5, ALL_FLOATS, 2.4808),
    Row("expm1", "xla", F32, 6.2, ALL_FLOATS, 6.1680),
    Row("log1p", "xla", F32, 2.6, ALL_FLOATS, 2.5202),
    Row("rsqrt", "xla", F32, 1.0, ALL_FLOATS, 0.9999968),
    Row("power", "xla", F32, 1.0, LIBM, 0.7977),
    Row("cos", "xla", F32, 1.0, LIBM, 0.5608),
    Row("sin", "xla", F32, 1.0, LIBM, 0.5608),
    Row("exp", "numpy", F32, 2.6, ALL_FLOATS, 2.5408),
    Row("log", "numpy", F32, 3.9, ALL_FLOATS, 3.8318),
    Row("tanh", "numpy", F32, 2.2, f"{ALL_FLOATS}; glibc's tanhf", 2.1886),
    Row("expm1", "numpy", F32, 2.7, ALL_FLOATS, 2.6198),
    Row("log1p", "numpy", F32, 2.0, ALL_FLOATS, 1.9573),
    Row("power", "numpy", F32, 4.0, SVML, 1.8055),
    Row("cos", "numpy", F32, 1.5, f"{ALL_FLOATS} > 2^-17; every 97th below", 1.4883),
    Row("sin", "numpy", F32, 1.5, f"{ALL_FLOATS} > 2^-17; every 97th below", 1.4862),
    Row("exp", "eigen", F64, 2.3, RUNNING, 1.6973),
    Row("log", "eigen", F64, 2.4, RUNNING, 1.5186),
    Row("tanh", "eigen", F64, 24.4, RUNNING, 9.0118),
    Row("sigmoid", "eigen", F64, 4.8, RUNNING, 2.6456),
    Row("expm1", "eigen", F64, 9.0, RUNNING, 3.4571),
    Row("log1p", "eigen", F64, 6.8, RUNNING, 2.5757),
    Row("rsqrt", "eigen", F64, 2.0, RUNNING, 1.4961),
    Row("power", "eigen", F64, 3.6, POWER_ALONE, 1.9443),
    Row("power_per_log2", "eigen", F64, 0.7, POWER, 0.5743),
    *(
        Row(function, platform, F64, 1.0, LIBM.replace("XLA calls it", "all call it"), 0.5156)
        for function in ("cos", "sin")
        for platform in ("eigen", "xla")
    ),
    Row("exp", "xla", F64, 2.3, RUNNING, 1.6973),
    Row("log", "xla", F64, 1.0, LIBM, 0.5181),
    Row("tanh", "xla", F64, 24.4, RUNNING, 7.8858),
    Row("sigmoid", "xla", F64, 4.8, RUNNING, 2.4620),
    Row("expm1", "xla", F64, 8.4, RUNNING, 4.5479),
    Row("log1p", "xla", F64, 130.2, RUNNING, 128.767),
    Row("rsqrt", "xla", F64, 2.0, RUNNING, 1.2652),
    Row("power", "xla", F64, 1.0, LIBM, 0.5088),
    *(
        Row(function, "numpy", F64, 4.0, SVML)
        for function in ("exp", "log", "tanh", "expm1", "log1p", "power", "cos", "sin")
    ),
    Row("divide", "cuda", F32, 2.5, CUDA_DIVIDE),
    Row("divide_by_constant", "cuda", F32, 2.5, f"{CUDA_DIVIDE}; less where multiplied"),
    Row("sqrt", "cuda", F32, 1.5, CUDA_SQRT),
    Row("exp", "cuda", F32, 7.5, XLA_BUDGET),
    Row("log", "cuda", F32, 1.5, CUDA),
    Row("cos", "cuda", F32, 2.5, CUDA),
    Row("sin", "cuda", F32, 2.5, CUDA),
    Row("tanh", "cuda", F32, 6.9, MLIR_TANH, 6.8823),
    Row("expm1", "cuda", F32, 1.5, CUDA),
    Row("log1p", "cuda", F32, 1.5, CUDA),
    Row("rsqrt", "cuda", F32, 2.5, CUDA),
    Row("power", "cuda", F32, 8.5, CUDA_POWER),
    Row(
        "sigmoid",
        "cuda",
        F32,
        4.0,
        f"{JAX}; 1 / (1 + exp(-x)) itself by the rows of exp and divide",
    ),
    Row("exp", "cuda", F64, 1.5, CUDA),
    Row("log", "cuda", F64, 1.5, CUDA),
    Row("cos", "cuda", F64, 2.5, CUDA),
    Row("sin", "cuda", F64, 2.5, CUDA),
    Row("tanh", "cuda", F64, 3.5, JAX),
    Row("expm1", "cuda", F64, 1.5, CUDA),
    Row("log1p", "cuda", F64, 1.5, CUDA),
    Row("rsqrt", "cuda", F64, 1.5, CUDA),
    Row("power", "cuda", F64, 2.5, CUDA),
    Row("sigmoid", "cuda", F64, 4.5, f"{JAX}; 1 / (1 + exp(-x)) itself by the row of exp"),
)

CUDA_XLA_ROWS = (
    # XLA on a GPU calls the same library, but for what follows (see ``bounds.KIN``).
    Row("divide", "cuda-xla", F32, 2.5, CUDA_DIVIDE),
    Row("divide_by_constant", "cuda-xla", F32, 2.5, CUDA_DIVIDE),
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

# Of activations: erfc of GELU, and softplus, TensorFlow's kernel for log(1 + exp(x)), which
# is x, exp(x) or log1p(exp(x)) by the size of x.  Nobody has bounded them on a GPU yet.
GLIBC = "The GNU C Library, Errors in Math Functions, x86_64: erfc 5 ULP"
NEAREST = "DERIVED: erfc in float64 to 5 ULP, rounded to float32 once: 0.5 + 5 / 2^29 ULP"
NEARLY_ALL = (
    f"the largest over all float32 above 2^-14 in magnitude, and every 97th below, {MACHINE}"
)
FEWER = f"twice the largest over 2e6 inputs, {MACHINE}"

# Of operations that few layers have (``library.py``).
STRIDED = f"twice the largest over every 197th float32, {MACHINE}"
FEW = f"twice the largest over 3e5 inputs, {MACHINE}"

SPARSE = f"twice the largest over at least 1e4 inputs, {MACHINE}"
GLIBC_OTHERS = "The GNU C Library, Errors in Math Functions, x86_64: at most 2 ULP"
NEAREST_OTHERS = "DERIVED: in float64 to 2 ULP, rounded to float32 once: 0.5 + 2 / 2^29 ULP"
NAMES = ("erf", "sinh", "cosh", "tan", "asin", "acos", "atan", "asinh", "acosh", "atanh")

OF_LIBRARY = (
    Row("erf", "eigen", F32, 11.5, STRIDED, 5.7473),
    Row("erf", "eigen", F64, 5.9, FEW, 2.9278),
    Row("sinh", "eigen", F32, 3.6, STRIDED, 1.7878),
    Row("sinh", "eigen", F64, 3.3, FEW, 1.6167),
    Row("cosh", "eigen", F32, 3.6, STRIDED, 1.7832),
    Row("cosh", "eigen", F64, 2.0, FEW, 0.9971),
    Row("tan", "eigen", F32, 2.7, STRIDED, 1.3149),
    Row("tan", "eigen", F64, 1.1, FEW, 0.5454),
    Row("asin", "eigen", F32, 4.5, ALL_FLOATS, 4.4593),
    Row("asin", "eigen", F64, 1.1, FEW, 0.5103),
    Row("acos", "eigen", F32, 8.6, STRIDED, 4.2772),
    Row("acos", "eigen", F64, 1.1, FEW, 0.5166),
    Row("atan", "eigen", F32, 4.6, ALL_FLOATS, 4.5638),
    Row("atan", "eigen", F64, 8.3, FEWER, 4.1450),
    Row("asinh", "eigen", F32, 3.4, STRIDED, 1.661),
    Row("asinh", "eigen", F64, 3.1, FEW, 1.5371),
    Row("acosh", "eigen", F32, 3.8, STRIDED, 1.8528),
    Row("acosh", "eigen", F64, 4.0, FEW, 1.9702),
    Row("atanh", "eigen", F32, 3.2, STRIDED, 1.5654),
    Row("atanh", "eigen", F64, 3.6, FEW, 1.7993),
    # Under XLA: without asin, which loses a tiny x, and sinh and cosh, whose errors grow with x.
    Row("erf", "xla", F32, 9.9, STRIDED, 4.9349),
    Row("erf", "xla", F64, 2.1, FEW, 1.0317),
    Row("tan", "xla", F32, 2.7, STRIDED, 1.3149),
    Row("tan", "xla", F64, 1.1, FEW, 0.5454),
    Row("acos", "xla", F32, 3.7, STRIDED, 1.8112),
    Row("acos", "xla", F64, 2.3, FEW, 1.1436),
    Row("atan", "xla", F32, 1.7, STRIDED, 0.8270),
    Row("atan", "xla", F64, 1.1, FEW, 0.5117),
    Row("asinh", "xla", F32, 5.8, STRIDED, 2.8818),
    Row("asinh", "xla", F64, 5.0, FEW, 2.4790),
    Row("acosh", "xla", F32, 6.8, STRIDED, 3.3498),
    Row("acosh", "xla", F64, 7.5, FEW, 3.7056),
    Row("atanh", "xla", F32, 5.6, STRIDED, 2.7969),
    Row("atanh", "xla", F64, 257.3, FEW, 128.6406),  # half a difference of log1p's, as wide there
    *(Row(name, "numpy", F32, 0.51, NEAREST_OTHERS) for name in NAMES),
    *(Row(name, "numpy", F64, 2.0, GLIBC_OTHERS) for name in NAMES),
    Row("atan2", "eigen", F32, 5.7, SPARSE, 2.8012),
    Row("atan2", "eigen", F64, 7.1, SPARSE, 3.5012),
    Row("atan2", "numpy", F32, 5.6, SPARSE, 2.7735),
    Row("atan2", "numpy", F64, 1.6, SPARSE, 0.7754),
    Row("lgamma", "eigen", F32, 8.5, SPARSE, 4.2352),
    Row("lgamma", "eigen", F64, 9.2, SPARSE, 4.5704),
    # Of the sum of the magnitudes of its terms, ``library._terms_of_digamma``.
    Row("digamma", "eigen", F32, 5.8, SPARSE, 2.8619),
    Row("digamma", "eigen", F64, 6.2, SPARSE, 3.0534),
    # Of log gamma and 1, as Python's own is near its zeros.
    Row("lgamma", "numpy", F64, 9.8, SPARSE, 4.8939),
    *(
        Row(name, "numpy", F32, 0.51, f"DERIVED: in float64 to {ulp} ULP, rounded to float32 once")
        for name, ulp in (
            *(("lgamma", 9.8), ("digamma", 1.9), ("ndtri", 8.9), ("bessel_i0", 33.3)),
            *(("bessel_i1", 34.4), ("bessel_i0e", 24.0), ("bessel_i1e", 20.6)),
        )
    ),
    Row("digamma", "numpy", F64, 1.9, SPARSE, 0.9209),
    Row("ndtri", "numpy", F64, 8.9, SPARSE, 4.4107),
    Row("bessel_i0", "numpy", F64, 33.3, SPARSE, 16.6467),
    Row("bessel_i1", "numpy", F64, 34.4, SPARSE, 17.1531),
    Row("bessel_i0e", "numpy", F64, 24.0, SPARSE, 11.9523),
    Row("bessel_i1e", "numpy", F64, 20.6, SPARSE, 10.2581),
    Row("ndtri", "eigen", F32, 8.5, SPARSE, 4.2399),
    Row("ndtri", "eigen", F64, 7.1, SPARSE, 3.5436),
    Row("bessel_i0", "eigen", F32, 12.2, SPARSE, 6.0739),
    Row("bessel_i0", "eigen", F64, 10.7, SPARSE, 5.3391),
    Row("bessel_i1", "eigen", F32, 35.5, SPARSE, 17.7343),
    Row("bessel_i1", "eigen", F64, 29.3, SPARSE, 14.6083),
    Row("bessel_i0e", "eigen", F32, 14.1, SPARSE, 7.0293),
    Row("bessel_i0e", "eigen", F64, 14.1, SPARSE, 7.0259),
    Row("bessel_i1e", "eigen", F32, 23.6, SPARSE, 11.7729),
    Row("bessel_i1e", "eigen", F64, 19.5, SPARSE, 9.7240),
)

# oneDNN computes exp(x), of a softmax and of a sigmoid that is fused into a matmul, as 2^n
# exp(r) with r = x - n ln 2 in one subtraction (jit_uni_eltwise_injector.cpp,
# exp_compute_vector_fwd), where Cody and Waite take two.  An error of r is one of exp(x):
# n |ln 2 - fl(ln 2)| = 0.0320 n u, and where n fl(ln 2) is rounded first, another n ln 2 u.
ONE_STEP = "DERIVED: oneDNN's exp, r = x - n fl(ln 2): 0.0320 n u"
TWO_STEPS = f"{ONE_STEP} and, without fused multiply-add, n ln 2 u"

OF_ONEDNN = (
    Row("softmax_per_log2", "eigen", F32, 0.017, ONE_STEP),
    Row("softmax_per_log2", "eigen", F32, 0.363, TWO_STEPS, unfused=True),
    Row("sigmoid_per_log2", "eigen", F32, 0.363, TWO_STEPS, unfused=True),
)

OF_ACTIVATIONS = (
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

# Half precision: what is computed in float32 and rounded once has no row, but float32's
# (``bounds._of_wider``); these round more than once.
ALL_HALVES = f"the largest over all 65,536, python -m equivalence.measure.halves, {MACHINE}"
TWO_ROUNDINGS = "DERIVED: 1 / sqrt(x) of scalars, two roundings of u: 2 ULP where 2 u is one"
F16, BF16 = "float16", "bfloat16"

OF_HALVES = (
    Row("rsqrt", "eigen", F16, 1.4, ALL_HALVES, 1.3270),
    Row("rsqrt", "xla", F16, 1.4, ALL_HALVES, 1.3270),
    Row("rsqrt", "eigen", BF16, 2.1, TWO_ROUNDINGS),
    Row("rsqrt", "xla", BF16, 2.1, TWO_ROUNDINGS),
    Row("sigmoid", "eigen", F16, 1.8, ALL_HALVES, 1.7553),
    Row("sigmoid", "eigen", BF16, 1.6, ALL_HALVES, 1.5710),
    Row("sigmoid", "xla", F16, 2.0, ALL_HALVES, 1.9397),
    Row("softplus", "eigen", F16, 1.4, ALL_HALVES, 1.3005),
    Row("softplus", "eigen", BF16, 6.8, ALL_HALVES, 6.7594),
    Row("softplus", "xla", F16, 7.2, ALL_HALVES, 7.1747),
    Row("softplus", "xla", BF16, 6.8, ALL_HALVES, 6.7594),
    Row("expm1", "xla", F16, 2.2, ALL_HALVES, 2.1073),
    Row("log1p", "xla", F16, 1.9, ALL_HALVES, 1.8612),
)

ROWS = (
    *CORRECTLY_ROUNDED,
    *BY_CONSTANT,
    *FUNCTIONS,
    *OF_ONEDNN,
    *OF_ACTIVATIONS,
    *OF_LIBRARY,
    *OF_HALVES,
    *CUDA_XLA_ROWS,
)
