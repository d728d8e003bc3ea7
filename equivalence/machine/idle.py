"""Idle worker processes, kept for a minute for whoever wants the same next.

A process that has imported TensorFlow has taken seconds to start.  When its ``Workers`` have no
more to do, it stays: the next ``Workers`` of this Python process, a second call of
``equivalence.verify`` with the same switches, take it over, if it still is what they would start.
"""

import atexit
import os
from contextlib import suppress
from threading import Timer

PATIENCE = 60.0  # seconds for which a process is kept; it may hold a GPU's memory
MOST = os.cpu_count() or 1

_kept: dict = {}  # process -> the Timer that ends it


def keep(process):
    """Keep an idle process, and end the oldest where there are too many."""
    timer = Timer(PATIENCE, _end, [process])
    timer.daemon = True
    _kept[process] = timer
    timer.start()
    for oldest in list(_kept)[:-MOST]:
        _end(oldest)


def take(kind):
    """Return a living process of this kind, None where there is none."""
    for process in [p for p in list(_kept) if p.kind == kind]:
        timer = _kept.pop(process, None)
        if timer is not None:  # else its minute was over just now
            timer.cancel()
            return process
    return None


def _end(process):
    with suppress(KeyError):  # somebody has taken it
        _kept.pop(process).cancel()
        process.end()


@atexit.register
def end_all():
    """End whatever is kept."""
    for process in list(_kept):
        _end(process)
