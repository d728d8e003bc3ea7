"""The same runs on several devices, compared."""

from collections import Counter
from dataclasses import replace
from itertools import combinations

from equivalence.judge.bits import part


class Comparison:
    """The same runs on several devices, compared as soon as all of one kind have come.

    equal: how many had equal bits throughout, by two devices.
    apart: (Spec, device, device, Parting) of the others.
    """

    def __init__(self, specs):
        self.awaited = Counter(replace(spec, device="") for spec in specs)
        self.here = {}
        self.equal: Counter[tuple[str, str]] = Counter()
        self.apart: list[tuple] = []

    def add(self, spec, trajectory):
        """Take in what a run computed, None for one that broke off."""
        run = replace(spec, device="")
        self.awaited[run] -= 1
        if trajectory:
            self.here.setdefault(run, {})[spec.device] = trajectory
        if not self.awaited[run]:
            self._compare(run, self.here.pop(run, {}))

    def _compare(self, run, trajectories):
        for a, b in combinations(sorted(trajectories), 2):
            parting = part(trajectories[a], trajectories[b])
            if parting:
                self.apart.append((run, a, b, parting))
            else:
                self.equal[a, b] += 1

    def lines(self):
        """Yield what there is to say of the devices, a line each."""
        for (a, b), count in sorted(self.equal.items()):
            yield f"{a} and {b}: {count} runs with equal bits in all that was recorded"
        for run, a, b, parting in self.apart:
            yield (
                f"{a} and {b}: {run.pair} {run.dtype} {run.twin}/{run.engine} part at "
                f"{parting.sentence()}; weights up to {parting.largest_ulp:.0f} ULP apart"
            )
