"""What of this processor a rounding error depends on."""

import os
import platform
from functools import cache

X86 = ("x86_64", "amd64")
# oneDNN's names of instruction sets that multiply and add in two roundings.
WITHOUT_FMA = ("SSE41", "AVX")
# And of those that it has no bfloat16 kernels for, although TensorFlow asks for them.
BELOW_AVX512 = (*WITHOUT_FMA, "AVX2", "AVX2_VNNI")
LIMITS = ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA")


@cache
def kernels_fuse():
    """Say whether oneDNN's kernels multiply and add with one rounding here.

    On x86 they do from AVX2 on, unless a variable keeps them from it; everywhere else the
    instruction has always been there.
    """
    if platform.machine().lower() not in X86:
        return True
    return _has("AVX2", "FMA3") and not _onednn_is_kept_to(WITHOUT_FMA)


@cache
def has_avx512():
    """Say whether this is an x86 processor with AVX-512.

    There TensorFlow leaves matmuls in bfloat16 to oneDNN, wherever oneDNN is kept to.
    """
    return platform.machine().lower() in X86 and _has("AVX512F")


def bfloat16_matmul_crashes():
    """Say whether oneDNN is kept to less than TensorFlow asks of it: defect
    ``tensorflow-bfloat16-matmul-crashes``."""
    return has_avx512() and _onednn_is_kept_to(BELOW_AVX512)


def _has(*features):
    """Say whether the processor has all of these instruction sets."""
    from numpy._core._multiarray_umath import __cpu_features__

    return all(__cpu_features__.get(name) for name in features)


def _onednn_is_kept_to(instruction_sets):
    return any(os.environ.get(name, "").upper() in instruction_sets for name in LIMITS)
