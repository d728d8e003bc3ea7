"""What is measured, and what came out: the messages of ``throughput`` to its command.

No TensorFlow is imported here, so that the command need not wait for it.
"""

import ctypes
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import perf_counter, process_time

FREE_RUNNING, CERTIFIED, NAIVE = "free-running", "certified", "naive"
NAIVE_ENGINES = ("eager", "fit")


def peak_bytes():
    """Return the most memory that this process has taken so far.

    Linux's ``ru_maxrss`` is no less than what the parent process had taken when it made
    this one; the high-water mark of ``/proc`` is this process's own.
    """
    if sys.platform == "win32":
        return _peak_on_windows()
    import resource

    status = Path("/proc/self/status")
    for line in status.read_text(encoding="utf-8").splitlines() if status.exists() else ():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


class MemoryCounters(ctypes.Structure):
    """Windows's PROCESS_MEMORY_COUNTERS: two 32-bit numbers, then sizes in bytes."""

    _fields_ = (
        ("cb", ctypes.c_uint32),
        ("PageFaultCount", ctypes.c_uint32),
        *((name, ctypes.c_size_t) for name in ("PeakWorkingSetSize", "WorkingSetSize")),
        *((f"Quota{k}", ctypes.c_size_t) for k in range(4)),
        *((name, ctypes.c_size_t) for name in ("PagefileUsage", "PeakPagefileUsage")),
    )


def _peak_on_windows():
    """Return the peak of the working set, by GetProcessMemoryInfo."""
    kernel, counters = ctypes.windll.kernel32, MemoryCounters()
    counters.cb = ctypes.sizeof(counters)
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    query = kernel.K32GetProcessMemoryInfo
    query.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint32)
    if not query(kernel.GetCurrentProcess(), ctypes.byref(counters), counters.cb):
        raise ctypes.WinError()
    return counters.PeakWorkingSetSize


class Clock:
    """Reads the seconds on the wall, and those of all cores, since it was made."""

    def __init__(self):
        self.wall, self.cores = perf_counter(), process_time()

    def read(self):
        """Return {"seconds": ..., "core_seconds": ...}."""
        wall, cores = perf_counter(), process_time()
        return {"seconds": wall - self.wall, "core_seconds": cores - self.cores}


@dataclass(frozen=True)
class Request:
    """What to measure: ``steps`` verified steps of ``nets`` nets in each of ``engines``."""

    pair: str
    dtype: str
    engines: tuple
    nets: int
    steps: int
    seed: int


@dataclass(frozen=True)
class Tick:
    """How far a measurement is."""

    what: str
    done: int
    total: int


@dataclass(frozen=True)
class Measurement:
    """One line of the table, and of the results file.

    measured: "free-running", "certified" or "naive".
    steps: of one net each, verified or certified.
    seconds, core_seconds: on the wall, and of this process's threads on all cores; on a
        busy machine, steps a core second say more.
    ulp: the largest distance in ULP that was met; ulp_by_epoch: up to these epochs.
    parted: nets whose bits were ever different.
    usage: the largest share of an enclosure's radius that TensorFlow used.
    outside, undecided: nets outside an enclosure, and with an unbounded one.
    peak_bytes: the most memory that the process had taken until then.
    """

    measured: str
    pair: str
    dtype: str
    twin: str
    engine: str
    nets: int
    epochs: int
    steps: int
    seconds: float
    core_seconds: float
    ulp: float | None = None
    ulp_by_epoch: dict = field(default_factory=dict)
    parted: int | None = None
    usage: float | None = None
    outside: int | None = None
    undecided: int | None = None
    peak_bytes: int = field(default_factory=peak_bytes)

    @property
    def rate(self):
        """Steps a second."""
        return self.steps / self.seconds

    def record(self, naive_rates):
        """Return a flat dict; naive_rates: engine -> steps a second of its naive loop."""
        ratios = {
            f"times_{engine}": self.rate / naive_rates[engine] if engine in naive_rates else None
            for engine in NAIVE_ENGINES
        }
        return {**asdict(self), "steps_per_second": self.rate, **ratios}
