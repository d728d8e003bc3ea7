"""What a worker does of a campaign: one run, with the environment that it was made in."""

from typing import Any

from equivalence.errors import BadInput
from equivalence.machine.environment import environment
from equivalence.machine.workers import Died
from equivalence.results.journal import Done
from equivalence.results.result import Spec, not_made
from equivalence.runs.run import run_recorded


def row(spec: Spec) -> Done:
    """Run one Spec in this process."""
    return Done(run_recorded(spec)[0], environment())


def row_with_trajectory(spec: Spec) -> Done:
    """Run one Spec in this process, and hand back what TensorFlow computed."""
    result, trajectory = run_recorded(spec)
    return Done(result, environment(), trajectory if trajectory.steps else None)


def outcome_of(spec: Spec, outcome: Any) -> Done:
    """Return the Done of a run, also of one that broke off; bad input is raised."""
    if isinstance(outcome, BadInput):
        raise outcome
    if not isinstance(outcome, BaseException):
        return outcome
    reason = f"{type(outcome).__name__}: {outcome}".split("\n")[0]
    cause = "worker-died" if isinstance(outcome, Died) else "broke-off"
    return Done(not_made(spec, False, cause, reason), {})
