"""The same runs on a Dask cluster, for those who outgrow one machine.

    dask scheduler                       # on one machine
    dask worker tcp://HOST:8786          # on every machine, where this package is installed
    equivalence verify ... --dask tcp://HOST:8786 --json results.jsonl

Dask brings the runs to its workers and takes them away from those that die.  A Dask
worker does not run TensorFlow itself: each of its threads has a worker process as
``workers`` makes them, which can be started with the switches that a run asks for,
and whose crash is the run's and not the Dask worker's.
"""

import threading
from itertools import islice
from uuid import uuid4

from equivalence.errors import BadInput
from equivalence.machine.environment import source
from equivalence.machine.workers import Workers

# Seconds in which a scheduler must answer.
PATIENCE = 20
# Runs that are handed to the scheduler at a time, for each thread that it has.
AHEAD = 4

_of_thread = threading.local()


def run_all(address, function, specs, limit_of=None):
    """Yield (spec, what ``function`` returned of it or the exception), as they come.

    address: the scheduler's, such as "tcp://HOST:8786".
    limit_of: returns the seconds that a run may take.
    Raises BadInput where Dask is not installed, where no scheduler answers or goes away,
    and where a worker has other code than this process.
    """
    client, as_completed = _connected(address)
    # Settings one after the other, so that few worker processes have to be started.
    left = iter(sorted(specs, key=lambda spec: spec.switches))
    campaign, running, coming = uuid4().hex[:8], {}, as_completed()

    def hand_over(count):
        for spec in islice(left, count):
            key = f"equivalence-{campaign}-{len(running)}-{spec.name}"
            future = client.submit(_row, function, spec, limit_of, key=key, pure=False)
            running[future] = spec
            coming.add(future)

    with client:
        hand_over(max(16, AHEAD * sum(client.nthreads().values())))
        for future in coming:
            spec = running.pop(future)
            yield spec, _checked(address, _outcome(address, future))
            hand_over(1)


def _connected(address):
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise BadInput("--dask needs Dask: pip install 'equivalence[cluster]'") from None
    try:
        return Client(address, timeout=PATIENCE), as_completed
    except (OSError, ValueError) as error:
        why = str(error).split("\n")[0]
        raise BadInput(f"no Dask scheduler answers at {address!r}: {why}") from None


def _outcome(address, future):
    """Return what came of a run: an exception where the cluster could not end it."""
    if future.cancelled():
        raise BadInput(
            f"the scheduler at {address!r} went away; what was written stays, and --resume "
            "takes it up"
        )
    error = future.exception()
    return error if error is not None else future.result()


def _checked(address, outcome):
    facts = getattr(outcome, "facts", {"source": source()})
    if facts["source"] != source():
        raise BadInput(
            f"a worker of {address!r} has other code of this project: {facts['source']} there, "
            f"{source()} here"
        )
    return outcome


def _row(function, spec, limit_of):
    """Run one Spec in this thread's worker process, and return the result or exception."""
    if not hasattr(_of_thread, "workers"):
        _of_thread.workers = Workers(1)
    ((_, outcome),) = _of_thread.workers.map(function, [spec], limit_of)
    return outcome
