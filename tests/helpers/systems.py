"""What only some systems have, for the tests of exactly that."""

import os
import sys

import pytest

needs_signals = pytest.mark.skipif(
    os.name == "nt", reason="on Windows a process that was killed does not tell by which signal"
)
needs_proc = pytest.mark.skipif(
    sys.platform != "linux", reason="/proc lists the processes that a process has started"
)
