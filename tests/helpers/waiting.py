"""Waiting for what other processes do."""

import time


def wait_for(condition, seconds=200):
    """Return as soon as ``condition()`` holds; fail if it does not within so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "nothing came of it"
        time.sleep(0.02)
