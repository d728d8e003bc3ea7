"""The results files of ``make bench``, read: a Record a case, ratios within one file."""

import json
from dataclasses import dataclass, replace
from math import exp, log

from equivalence.benchmark.cases import NUMPY, Case


@dataclass(frozen=True)
class Record:
    """One case as it was measured; times in seconds, of one step.

    seconds: the median of the rounds; low, high: their quartiles.
    first_call: the first step, with tracing and compiling; build: what comes before it.
    flops, matmul, moved, needed: as in ``counting.Tally``.
    ratio: NumPy's time over this one, from the same run; above 1 is faster than
        NumPy; None if NumPy was not measured beside it.
    """

    case: Case
    seconds: float
    low: float
    high: float
    rounds: int
    first_call: float
    build: float
    flops: int
    matmul: int
    moved: int
    needed: int
    ratio: float | None = None

    @property
    def column(self):
        """The engine, and the device where it is not the CPU."""
        device = self.case.device
        return self.case.engine if device == "CPU:0" else f"{self.case.engine} {device}"


@dataclass(frozen=True)
class Results:
    """One results file.

    matmuls: {(library, dtype): operations a second}; copies: {bytes: bytes a second};
    both the best of their rounds, since they are ceilings.
    certificates: {(network, batch): {"numpy" or "certificate": seconds a step}}.
    skipped: [{"name": ..., "reason": ...}] of what was not measured.
    startup: seconds that an engine's first step of all took, by engine and device.
    others: the share of the cores that other programs took during the run, or None.
    """

    records: list
    matmuls: dict
    copies: dict
    certificates: dict
    environment: dict
    skipped: list
    startup: dict
    others: float | None
    blas_threads: int | None

    def groups(self):
        """Return {group: {column: Record}}, in the order of the run."""
        found = {}
        for record in self.records:
            found.setdefault(record.case.group, {})[record.column] = record
        return found


FACTS = ("environment", "skipped", "startup", "others", "blas_threads")


def read(path):
    """Return the Results of a file; raise ValueError if ``make bench`` did not write it."""
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        kinds = {"step": [], "matmul": [], "copy": [], "certificate": []}
        for benchmark in content["benchmarks"]:
            kinds[benchmark["extra_info"]["kind"]].append(benchmark)
        return Results(
            with_ratios([_record(b) for b in kinds["step"]]),
            {_of(b, "library", "dtype"): _rate(b, "flops") for b in kinds["matmul"]},
            {b["extra_info"]["size"]: _rate(b, "bytes") for b in kinds["copy"]},
            _certificates(kinds["certificate"]),
            *(content[name] for name in FACTS),
        )
    except (OSError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path} is no results file of `make bench`: no {error}") from error


def _of(benchmark, *names):
    return tuple(benchmark["extra_info"][name] for name in names)


def _rate(benchmark, name):
    return benchmark["extra_info"][name] / benchmark["stats"]["min"]


def _certificates(benchmarks):
    found = {}
    for benchmark in benchmarks:
        what, steps = _of(benchmark, "what", "steps")
        of_network = found.setdefault(_of(benchmark, "network", "batch"), {})
        of_network[what] = benchmark["stats"]["median"] / steps
    return found


CASE = ("network", "optimizer", "batch", "dtype", "engine", "device")
COST = ("first_call", "build", "flops", "matmul", "moved", "needed")


def _record(benchmark):
    info, stats = benchmark["extra_info"], benchmark["stats"]
    steps = info["steps"]
    first_call, *cost = (info[name] for name in COST)
    return Record(
        Case(*(info[name] for name in CASE)),
        *(stats[name] / steps for name in ("median", "q1", "q3")),
        stats["rounds"],
        first_call,
        *cost,
    )


def with_ratios(records):
    """Return the records with their ratios to the NumPy of the same group.

    NumPy's time is the geometric mean of its two medians, first and last in the group.
    """
    numpy = {}
    for record in records:
        if record.case.engine in NUMPY:
            numpy.setdefault(record.case.group, []).append(log(record.seconds))
    ratios = {group: exp(sum(logs) / len(logs)) for group, logs in numpy.items()}
    return [
        replace(r, ratio=ratios[r.case.group] / r.seconds) if r.case.group in ratios else r
        for r in records
    ]


def drift(group):
    """Return by what factor NumPy differs from itself within a group, 1 or more."""
    first, last = (group.get(engine) for engine in NUMPY)
    if not first or not last:
        return None
    return max(first.seconds / last.seconds, last.seconds / first.seconds)
