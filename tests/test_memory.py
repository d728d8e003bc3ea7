"""Memory that was freed stays with the process, and goes back where the process is a user's."""

import numpy as np
import pytest

from equivalence.machine import memory

resource = pytest.importorskip("resource")


def faults(times=20):
    """Return how many pages come anew for arrays that are made and freed in turn."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(times):
        for each in [np.ones(2**20) for _ in range(4)]:
            each += 1
        del each
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


@pytest.mark.skipif(memory._library() is None, reason="not glibc's allocator")
def test_arrays_take_the_place_of_those_that_were_freed(monkeypatch):
    monkeypatch.setattr(memory, "_holders", 0)
    try:
        with memory.freed_kept():
            with memory.freed_kept():
                faults(2)
            kept = faults()
        memory._set(0)
        anew = faults()
    finally:
        memory._set(memory.KEPT)
    assert kept < anew / 10


def test_where_there_is_no_glibc_nothing_is_done(monkeypatch):
    monkeypatch.setattr(memory, "_library", lambda: None)
    monkeypatch.setattr(memory, "_holders", 0)
    with memory.freed_kept():
        assert memory._holders == 1
    assert memory._holders == 0
