"""A campaign: many runs, in worker processes here or on a cluster, each told as it ends.

with Workers(len(specs)) as pool, Journal(path, plan(specs, Shard())) as journal:
    for spec, done in run(specs, pool, journal):
        print(done.result)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from equivalence.errors import BadInput
from equivalence.machine import environment
from equivalence.machine.workers import Workers
from equivalence.pairs.table import find
from equivalence.results import journal as results
from equivalence.results.journal import Done, Journal
from equivalence.results.result import Spec
from equivalence.runs import in_worker
from equivalence.runs.run import limit_of, reference_program, steps_of

# A worker takes as long to start as so many steps of ``work_of``.
A_START = 2500


def work_of(spec: Spec) -> int:
    """Return about how long a run takes, in steps: the building takes as long as so many."""
    return 500 + steps_of(spec, find(spec.pair))


def check_data(specs: Iterable[Spec]) -> None:
    """Read the data of every pair once; raise BadInput, which names the pair, for bad ones."""
    of_pairs = {(spec.pair, spec.dtype): spec for spec in specs}
    several = len({pair for pair, _ in of_pairs}) > 1
    for spec in of_pairs.values():
        try:
            reference_program(spec, find(spec.pair))
        except BadInput as error:
            raise BadInput(f"{spec.pair}: {error}") from None if several else error


def here(dask: str | None = None) -> dict[str, Any]:
    """Return by which facts a run is one of this software, and of this machine without Dask."""
    facts = environment.software()
    return {key: facts[key] for key in (*results.SOFTWARE, *(() if dask else results.MACHINE))}


def run(
    specs: Sequence[Spec],
    pool: Workers,
    journal: Journal,
    dask: str | None = None,
    limit: float | None = None,
    with_trajectories: bool = False,
) -> Iterator[tuple[Spec, Done]]:
    """Yield (Spec, Done) of every run: first those that the journal has, then as they come.

    Each new run is in the journal before it is told.

    dask: the address of a scheduler whose workers make the runs.
    limit: seconds that a run may take, instead of what its steps and weights let expect.
    with_trajectories: hand back what TensorFlow computed as well.
    Raises BadInput where the cluster or the disk gives up.
    """
    left = []
    for spec in specs:
        if found := journal.finished(spec):
            yield spec, Done(found, {})
        else:
            left.append(spec)
    if not left:
        return
    if not dask:
        journal.environment(pool.submit(environment.environment).result())
        pool.no_more_than(sum(map(work_of, left)) // A_START)
    function = in_worker.row_with_trajectory if with_trajectories else in_worker.row
    limits = partial(_the_limit, limit) if limit else limit_of
    for spec, outcome in _outcomes(function, left, pool, dask, limits):
        done = in_worker.outcome_of(spec, outcome)
        journal.add(done)
        yield spec, done


def _outcomes(
    function: Callable, specs: Sequence[Spec], pool: Workers, dask: str | None, limits: Callable
) -> Iterator[tuple[Spec, Any]]:
    """Return an iterator of (spec, outcome), from this machine or from a cluster."""
    if not dask:
        return pool.map(function, specs, limits)
    from equivalence.machine import cluster

    return cluster.run_all(dask, function, specs, limits)


def _the_limit(seconds: float, spec: Spec) -> float:
    return seconds
