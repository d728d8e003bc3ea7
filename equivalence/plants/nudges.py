"""Relative errors planted into a record: how small a one does a check find?

A nudge multiplies what an engine recorded by 1 + size: every element of a tensor, or one.
States that follow are left as they are, so that only the step with the nudge is off.  The
check is given: the judge's step enclosures, or any other that answers for a Trajectory.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from equivalence.steps.trajectory import STAGES, Trajectory

SIZE = 1e-5
NUDGED = ("activations", "gradients")


@dataclass(frozen=True)
class Nudge:
    """A relative error: of which tensor, at which step, in one element or in all.

    index: of one element of the tensor, without the step; None is every element.
    """

    stage: str
    tensor: str
    step: int
    index: tuple | None = None
    size: float = SIZE

    def __str__(self):
        where = "every element" if self.index is None else f"the element {list(self.index)}"
        return f"{self.stage} {self.tensor}, step {self.step}: {where} by {self.size:g}"


@dataclass(frozen=True)
class Answer:
    """What a check said of one nudge: where it found the first difference, or None.

    found: (step, stage, tensor).
    """

    nudge: Nudge
    found: tuple | None

    @property
    def as_expected(self):
        """Say whether the nudge was found where it is."""
        return self.found == (self.nudge.step, self.nudge.stage, self.nudge.tensor)


def nudges_of(trajectory: Trajectory, step=0, size=SIZE, stages=NUDGED):
    """Return for each tensor of some stages a Nudge of all elements, and of its largest one.

    A tensor that is 0 throughout cannot be nudged and has none.
    """
    found = []
    for stage in stages:
        for name, values in trajectory.computed(stage).items():
            if values[step].any():
                largest = np.unravel_index(int(np.argmax(np.abs(values[step]))), values[step].shape)
                index = tuple(int(i) for i in largest)
                found += [Nudge(stage, name, step, at, size) for at in (None, index)]
    return found


def nudged(trajectory: Trajectory, nudge: Nudge) -> Trajectory:
    """Return the trajectory with the relative error in it; all else is shared, not copied.

    Raises ValueError where no element changes: it is 0, or the error is below its last bit.
    """
    if nudge.stage not in STAGES:
        raise ValueError(f"no stage {nudge.stage!r}: the stages are {', '.join(STAGES)}")
    tensors = dict(getattr(trajectory, nudge.stage))
    if nudge.tensor not in tensors:
        named = ", ".join(tensors)
        raise ValueError(f"no tensor {nudge.tensor!r} among the {nudge.stage}: there are {named}")
    values = tensors[nudge.tensor].copy()
    at = nudge.step + (nudge.stage in ("slots", "weights"))  # states begin with the start
    where = (at, ...) if nudge.index is None else (at, *nudge.index)
    values[where] = (values[where] * (1 + nudge.size)).astype(values.dtype)
    if np.array_equal(values, tensors[nudge.tensor], equal_nan=True):
        raise ValueError(f"{nudge}: no element changes")
    tensors[nudge.tensor] = values
    changed: dict = {nudge.stage: tensors}
    return replace(trajectory, **changed)


def ask(
    trajectory: Trajectory,
    check: Callable[[Trajectory], tuple | None],
    nudges: list[Nudge] | None = None,
) -> list[Answer]:
    """Return the Answer of a check to each nudge of a trajectory, one at a time.

    check: returns (step, stage, tensor) of the first difference in a Trajectory, or None; it
        must return None for the trajectory itself, else its answers say nothing.

    Raises ValueError where it does not.
    """
    if (found := check(trajectory)) is not None:
        raise ValueError(f"the check finds a difference without a nudge: {found}")
    nudges = nudges_of(trajectory) if nudges is None else nudges
    return [Answer(nudge, check(nudged(trajectory, nudge))) for nudge in nudges]


def by_enclosures(enclosures) -> Callable[[Trajectory], tuple | None]:
    """Return the check by the step enclosures of the record, see ``judge.certificate.check``.

    Made once of the record without a nudge: what the reference computes from its states.
    """
    from equivalence.judge.certificate import check

    def first(trajectory):
        place = check(trajectory, enclosures).outside
        return place and (place.step, place.stage, place.tensor)

    return first
