"""What a test in half precision needs of the processor."""

import pytest

from equivalence.arithmetic.processor import bfloat16_matmul_crashes


def needs_matmuls_in(dtype):
    """Skip where a matmul in this precision would end the process of the tests."""
    if "bfloat16" in dtype and bfloat16_matmul_crashes():
        pytest.skip("tensorflow-bfloat16-matmul-crashes: ONEDNN_MAX_CPU_ISA is below AVX-512")
