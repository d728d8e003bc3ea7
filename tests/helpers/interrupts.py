"""Processes that get Ctrl-C, started as a terminal starts them and as ``nohup ... &`` does."""

import os
import signal
import subprocess
from contextlib import contextmanager

import pytest

# What a child finds for SIGINT: Python leaves a signal ignored that was so at the start.
DISPOSITIONS = {"by default": signal.SIG_DFL, "ignored": signal.SIG_IGN}

needs_interrupts = pytest.mark.skipif(
    os.name == "nt", reason="Windows sends Ctrl-C to a console, not to one process"
)


@contextmanager
def started(command, disposition, **options):
    """Yield the Popen of a command whose SIGINT is that one of DISPOSITIONS; end it after all.

    A child inherits what its parent ignores; what the parent handles it has by default.  So
    the parent's own disposition, which depends on how the tests were started, plays no part.
    """
    before = signal.signal(signal.SIGINT, DISPOSITIONS[disposition])
    try:
        process = subprocess.Popen(command, **options)
    finally:
        signal.signal(signal.SIGINT, before)
    with process:
        try:
            yield process
        finally:
            process.kill()
