"""Memory that was freed and stays with the process, while much is computed with it (glibc's).

Balls are many short-lived arrays.  glibc gives what was freed at the end of its heap back to the
system; the next array of the same size then comes page by page, as each is first written.  In a
virtual machine that was 40 % of the processor's time of a certificate of 784-360-10 at batch 128.
On other systems, and with other allocators, nothing of this is done.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

# Parameters of mallopt(3): from which size on what is free at the heap's end goes back to the
# system, and from which size on an allocation is a mapping of its own, which always goes back.
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
# The largest that the second may be: DEFAULT_MMAP_THRESHOLD_MAX of malloc.c.
LARGEST = 2**25
# What is kept at most; and what glibc comes to by itself once an array of LARGEST was freed.
KEPT, AS_GLIBC = 2**30, 2 * LARGEST

_holders = 0


@cache
def _library() -> Any:
    """Return the C library if it is glibc, else None."""
    try:
        library = ctypes.CDLL(None)
        library.gnu_get_libc_version  # noqa: B018  (others have no such name)
    except (AttributeError, OSError, TypeError):
        return None
    return library


def keep_freed() -> None:
    """Keep what is freed, up to KEPT, as long as this process lasts: for processes of our own."""
    global _holders
    _holders += 1
    _set(KEPT)


@contextmanager
def freed_kept() -> Iterator[None]:
    """Within, what is freed is kept; afterwards it goes back, and freeing is as glibc has it."""
    global _holders
    _holders += 1
    _set(KEPT)
    try:
        yield
    finally:
        _holders -= 1
        if not _holders:
            _set(AS_GLIBC)
            if _library() is not None:
                _library().malloc_trim(0)


def _set(most: int) -> None:
    if _library() is not None:
        _library().mallopt(MMAP_THRESHOLD, LARGEST)
        _library().mallopt(TRIM_THRESHOLD, most)
