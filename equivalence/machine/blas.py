"""How many threads NumPy's BLAS has while this package computes on all cores by itself."""

from contextlib import contextmanager
from functools import cache


@cache
def _libraries():
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def blas_threads():
    """Return how many threads a product of matrices has now."""
    found = [each["num_threads"] for each in _libraries().info() if each["user_api"] == "blas"]
    return max(found, default=1)


@contextmanager
def one_blas_thread():
    """Within, each product of matrices has one thread; afterwards as many as before.

    Where threads of ours hold a block each, more threads of BLAS in each of them wait for one
    another: certifying a small network took 2.7 times the processor's time so.
    """
    with _libraries().limit(limits=1, user_api="blas"):
        yield
