"""What this machine can do at most: the ceiling under which every engine computes."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

SIDE = 2048
MEBIBYTE = 2**20
COPIED = 512 * MEBIBYTE  # bytes a call, whatever the array's size


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("library", ["numpy", "tensorflow"])
def test_matmul(library, dtype, benchmark, pytestconfig):
    """The product of two large square matrices, by either library's best."""
    a = np.random.default_rng(0).normal(size=(SIDE, SIDE)).astype(dtype)
    if library == "numpy":
        multiply, a = np.matmul, a
    elif pytestconfig.option.peers:
        pytest.skip("TensorFlow is not loaded beside its peers")
    else:
        import tensorflow as tf

        multiply, a = tf.matmul, tf.constant(a)
    benchmark.group = "peak"
    benchmark.extra_info.update(
        kind="matmul", library=library, dtype=dtype, device="CPU:0", flops=2 * SIDE**3
    )
    product = benchmark(multiply, a, a)
    assert product.shape == (SIDE, SIDE)


@pytest.mark.parametrize("mebibytes", [1, 4, 16, 64, 256])
def test_copy(mebibytes, benchmark):
    """Copying an array over and over, each core its part; small ones stay in caches."""
    cores = os.cpu_count()
    source = np.ones(mebibytes * MEBIBYTE // 4, np.float32)
    target = np.zeros_like(source)
    parts = list(zip(np.array_split(source, cores), np.array_split(target, cores)))
    times = max(1, COPIED // source.nbytes)

    def copy(part):
        for _ in range(times):
            np.copyto(part[1], part[0])

    benchmark.group = "peak"
    benchmark.extra_info.update(kind="copy", size=source.nbytes, bytes=2 * times * source.nbytes)
    with ThreadPoolExecutor(cores) as pool:
        benchmark(lambda: list(pool.map(copy, parts)))
    assert np.array_equal(source, target)
