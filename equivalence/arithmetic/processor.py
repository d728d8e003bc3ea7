"""What of this processor a rounding error depends on."""

import os
import platform
from functools import cache

X86 = ("x86_64", "amd64")
# oneDNN's names of instruction sets that multiply and add in two roundings.
WITHOUT_FMA = ("SSE41", "AVX")
LIMITS = ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA")


@cache
def kernels_fuse():
    """Say whether oneDNN's kernels multiply and add with one rounding here.

    On x86 they do from AVX2 on, unless a variable keeps them from it; everywhere else the
    instruction has always been there.
    """
    from numpy._core._multiarray_umath import __cpu_features__

    if platform.machine().lower() not in X86:
        return True
    limited = any(os.environ.get(name, "").upper() in WITHOUT_FMA for name in LIMITS)
    return bool(__cpu_features__.get("AVX2") and __cpu_features__.get("FMA3")) and not limited
