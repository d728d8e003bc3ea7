"""What a generator yields in a worker process comes here as it comes; so does how it ends."""

import os

import pytest

from equivalence.machine.workers import stream


def _counts(last):
    yield from range(last)


def _breaks():
    yield 1
    raise ZeroDivisionError("in the worker")


def _dies():
    yield 1
    os._exit(9)


def test_a_stream_brings_what_a_worker_yields_in_order():
    assert list(stream(_counts, 5)) == [0, 1, 2, 3, 4]


def test_an_exception_in_the_worker_is_raised_here():
    messages = stream(_breaks)
    assert next(messages) == 1
    with pytest.raises(ZeroDivisionError, match="in the worker"):
        next(messages)


def test_a_worker_that_dies_is_an_error_not_an_end():
    messages = stream(_dies)
    assert next(messages) == 1
    with pytest.raises(RuntimeError, match="exit code 9"):
        next(messages)
