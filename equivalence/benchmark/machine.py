"""How busy the machine is with other things: what a measured time should be doubted for."""

import os
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Moment:
    """Seconds of all cores since the start of the machine: in all, idle, and of this process."""

    total: float
    idle: float
    own: float


def now():
    """Return the Moment, or None where the system does not tell (other than Linux)."""
    if sys.platform != "linux":
        return None
    with open("/proc/stat", encoding="ascii") as file:
        _, *ticks = file.readline().split()[:9]  # the guests' times are counted in the users'
    seconds = [int(tick) / os.sysconf("SC_CLK_TCK") for tick in ticks]
    times = os.times()
    own = times.user + times.system + times.children_user + times.children_system
    return Moment(sum(seconds), seconds[3] + seconds[4], own)  # 3: idle, 4: waiting for a disk


def share_of_others(begin, end):
    """Return the share of all cores that others took from ``begin`` to ``end``, or None."""
    if begin is None or end is None or end.total <= begin.total:
        return None
    total, idle, own = (
        getattr(end, name) - getattr(begin, name) for name in ("total", "idle", "own")
    )
    return max(0.0, (total - idle - own) / total)


def threads():
    """Return how many threads NumPy's BLAS uses, where threadpoolctl can tell."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return None
    counts = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
    return max(counts, default=None)
