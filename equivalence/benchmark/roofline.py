"""The floor under a step on this machine, and how close each engine comes to it.

No step can take less time than its operations at the speed of the fastest matmul, nor
than its weights, slots and data, moved once, at the speed of a copy (Williams, Waterman,
Patterson 2009).  Both speeds were measured in the same run.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import log, prod

from equivalence.benchmark.cases import NETWORKS


@dataclass(frozen=True)
class Floor:
    """seconds: the larger of the two bounds; by: which it is, "work" or "data"."""

    seconds: float
    by: str


def floor(record, results):
    """Return the Floor of a record's step, or None if the peaks were not measured.

    The copy is the measured one whose array is closest to the step's own data, since
    what fits into a cache moves faster.
    """
    speeds = [v for (_, dtype), v in results.matmuls.items() if dtype == record.case.dtype]
    if not speeds or not results.copies or record.case.device != "CPU:0":
        return None
    size = min(results.copies, key=lambda size: abs(log(size / (record.needed / 2))))
    bounds = {
        "work": record.flops / max(speeds),
        "data": record.needed / results.copies[size],
    }
    by = max(bounds, key=bounds.get)
    return Floor(bounds[by], by)


def largest_networks(results, count=2):
    """Return the names of the measured networks with the most weights."""
    found = {record.case.network for record in results.records}
    return sorted(found, key=lambda name: sum(map(prod, pairwise(NETWORKS[name].sizes))))[-count:]
