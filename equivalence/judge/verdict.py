"""The judge: two records of one program, and one of five verdicts.

* ``bit-identical``: the two free-running trajectories agree in every weight and
  slot at every step.
* ``rounding-identical``: every step of either side lies in its enclosure.
* ``different``: some value does not; the verdict says which came first, and
  which side is wrong by the exact value.

Beside these, where nothing lies outside but some enclosure is unbounded,

* ``kink``: rounding decides what comes out, as where a divisor may be 0;
* ``overflow``: the run left the range of its floats, or its numbers are NaN.

A comparison that rounding decides is enclosed with both of its answers; nothing is guessed.
A run that was not made at all is ``skipped``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from equivalence.arithmetic.exact import ExactArray, precision
from equivalence.arithmetic.rounding import Model
from equivalence.judge import bits
from equivalence.judge.certificate import (
    Check,
    Enclosures,
    Place,
    check,
    check_step,
    enclose_steps,
    rounding_model,
    take_each,
)
from equivalence.judge.distance import largest, told_apart, ulps
from equivalence.judge.explain import explain
from equivalence.judge.resolution import Resolution, measure_resolution
from equivalence.steps import numpy as numpy_runner
from equivalence.steps.program import Program
from equivalence.steps.trajectory import STAGES, State, Trajectory


class Verdict(str, Enum):
    """What is said of a run, in a word that prints, compares and serialises as its text."""

    BIT_IDENTICAL = "bit-identical"
    ROUNDING_IDENTICAL = "rounding-identical"
    KINK = "kink"
    OVERFLOW = "overflow"
    DIFFERENT = "different"
    SKIPPED = "skipped"

    def __str__(self) -> str:
        return self.value


BIT_IDENTICAL = Verdict.BIT_IDENTICAL
ROUNDING_IDENTICAL = Verdict.ROUNDING_IDENTICAL
DIFFERENT = Verdict.DIFFERENT
KINK = Verdict.KINK
OVERFLOW = Verdict.OVERFLOW
SKIPPED = Verdict.SKIPPED
AGREE = (BIT_IDENTICAL, ROUNDING_IDENTICAL)
UNDECIDED = (KINK, OVERFLOW)

# Why the judge says so: the codes of ``Judgement.cause``.
EQUAL = "equal"
PARTED = "parted"
UNBOUNDED = "unbounded"
OVERFLOWED = "overflow"
OUTSIDE = "outside"
WRONG_START = "wrong-start"

# What the rounding model notes where a number leaves the range, or left it before.
OUT_OF_RANGE = ("overflow", "a number that is infinite or NaN")

TRUTH_BITS = 256
# What a number of a stage is computed by, from what was recorded before it.
ARISES = {
    "start": "start",
    "activations": "way forward",
    "loss": "loss",
    "flows": "way back",
    "gradients": "way back",
    "slots": "update",
    "weights": "update",
}


@dataclass(frozen=True)
class First:
    """The first value outside its enclosure.

    epoch and step count from 0; ``true`` is the exact value, rounded to float64, of what
    was computed from the numbers that this side had.  ``restarted``: these were recorded
    just before, so that the difference arose here and was not inherited.
    """

    epoch: int
    step: int
    stage: str
    tensor: str
    index: tuple
    reference: float
    tensorflow: float
    true: float
    wrong_side: str
    ulp: float
    usage: float
    restarted: bool


@dataclass(frozen=True)
class Judgement:
    """What the judge says of one run: the verdict, and the facts behind it.

    ulp: the largest free-running distance of the weights.
    step_ulp: the largest distance of the weights after one step from a common state.
    usage: the largest share of a radius that TensorFlow used.
    reason: one sentence, empty for bit-identical runs.
    resolution: stage -> Resolution, the smallest relative errors that would have been found.
    cause: the code of why: EQUAL, PARTED, UNBOUNDED, OVERFLOWED, OUTSIDE or WRONG_START.
    """

    verdict: Verdict
    ulp: float
    step_ulp: float
    usage: float
    reason: str = ""
    first: First | None = None
    cause: str = ""
    resolution: dict[str, Resolution] = field(default_factory=dict)

    @property
    def sharp_to(self) -> float | None:
        """The median resolution of the least sharp tensor of any stage, relative."""
        return max((each.median for each in self.resolution.values()), default=None)


@dataclass
class Side:
    """One side before the judge: its record, its enclosures, and the check of both."""

    name: str
    trajectory: Trajectory
    enclosures: Enclosures
    check: Check


def judge(
    program: Program,
    tensorflow: Trajectory,
    reference: Trajectory | None = None,
    model: Model | None = None,
    epoch_steps: int = 1,
    start: State | None = None,
    free: Trajectory | None = None,
) -> Judgement:
    """Return the Judgement of TensorFlow's trajectory.

    program: the reference's mathematics, which makes the enclosures.
    tensorflow: the recorded Trajectory of TensorFlow.
    reference: the Trajectory of a NumPy implementation under test, certified from
        its own states; without it the reference code itself runs from TensorFlow's
        start, and is certified from TensorFlow's states.
    model: the rounding model; NumPy's and Eigen's if not given.
    epoch_steps: steps an epoch, to report epochs.
    start: the State that both sides should have started from, where that is to be
        held against their records: an optimizer may start its slots wrongly.
    free: the reference code's own free run, where it began before these steps.
    """
    model = model or rounding_model(program.dtype)
    enclosures = enclose_steps(program, tensorflow, model)
    theirs = Side("tensorflow", tensorflow, enclosures, check(tensorflow, enclosures))
    numpy_step = numpy_runner.run_each(program, tensorflow)
    restarts = enclosures.restarts
    if reference is None:
        begun = start or _state_before(program, tensorflow)
        reference = free or numpy_runner.run(program, begun, tensorflow.steps)
        staged = take_each(program, tensorflow, np.asarray, True) if restarts else numpy_step
        checked = check_step(program.layout, staged, enclosures)
        ours = Side("reference", tensorflow, enclosures, checked)
    else:
        own = enclose_steps(program, reference, model)
        ours = Side("reference", reference, own, check(reference, own))
    apart = [ulps(array, reference.weights[name]) for name, array in tensorflow.weights.items()]
    distances = {
        "ulp": largest([largest(a) for a in apart]),
        "step_ulp": _step_distance(program, tensorflow, numpy_step),
        "usage": theirs.check.usage,
        "resolution": measure_resolution(tensorflow, enclosures.balls),
    }
    first = _wrong_start(tensorflow, reference, start) if start else None
    if first is None and (theirs.check.outside or ours.check.outside):
        first = _first(program, theirs, ours, reference, epoch_steps)
    if first:
        cause = WRONG_START if first.stage == "start" else OUTSIDE
        return Judgement(DIFFERENT, reason=sentence(first), first=first, cause=cause, **distances)
    if theirs.check.undecided:
        return _undecided(program, theirs, model, distances)
    if bits.same_bits(reference, tensorflow):
        return Judgement(BIT_IDENTICAL, cause=EQUAL, **distances)
    reason = first_parting(program, reference, tensorflow)
    if count := theirs.enclosures.undecided:
        many = "a comparison is" if count == 1 else f"{count} comparisons are"
        reason = f"{reason}; {many} decided by rounding, and both answers enclosed"
    return Judgement(ROUNDING_IDENTICAL, reason=reason, cause=PARTED, **distances)


def _undecided(program, theirs, model, distances):
    """Return the Judgement of a run of which some enclosure is unbounded: kink or overflow.

    The notes of one enclosure do not say of which step they are, so the first step that is
    undecided is enclosed once more by itself; its first note is where the others come from.
    """
    begun = theirs.trajectory.first_step
    if place := _first_not_finite(theirs.trajectory):
        value = theirs.trajectory.computed(place.stage)[place.tensor][(place.step, *place.index)]
        element = _element(place.tensor, place.index)
        where = f"step {begun + place.step}, {place.stage} {element}"
        reason = f"{where}: the run left the range of {program.dtype}: TensorFlow has {value}"
        return Judgement(OVERFLOW, reason=reason, cause=OVERFLOWED, **distances)
    place, alone = theirs.check.undecided, model.anew()
    notes = enclose_steps(program, theirs.trajectory.part(place.step, place.step + 1), alone).notes
    where = f"step {begun + place.step}, {place.stage} {place.tensor}"
    if notes and notes[0] in OUT_OF_RANGE:
        reason = f"{where}: an honest {program.dtype} may overflow here"
        return Judgement(OVERFLOW, reason=reason, cause=OVERFLOWED, **distances)
    reason = f"{where}: {' and '.join(notes) or 'an unbounded enclosure'}"
    return Judgement(KINK, reason=reason, cause=UNBOUNDED, **distances)


def _first_not_finite(trajectory):
    """Return the Place of the first number that a step computed as infinite or NaN, or None."""
    found = [
        (int(np.argwhere(bad)[0][0]), STAGES.index(stage), name)
        for stage in STAGES
        for name, array in trajectory.computed(stage).items()
        if (bad := ~np.isfinite(array)).any()
    ]
    if not found:
        return None
    step, stage, name = min(found)
    values = trajectory.computed(STAGES[stage])[name][step]
    index = tuple(int(i) for i in np.argwhere(~np.isfinite(values))[0])
    return Place(step, STAGES[stage], name, index)


def first_parting(program, reference, tensorflow):
    """Say where two free-running trajectories first have different bits, and why."""
    place = bits.first_unequal(reference, tensorflow)
    if place is None:
        return "the bits agree"
    operation = explain(program, place, reference, tensorflow)
    return f"the bits part at step {place[0]} in {operation}"


def _state_before(program, trajectory):
    """Return the state before the first step of a trajectory."""
    weights = tuple(trajectory.weights[name][0] for name in program.layout.weights)
    slots = {name: array[0] for name, array in trajectory.slots.items()}
    slots = program.layout.slot_tuples(slots)
    return program.layout.state(weights, slots, trajectory.first_step)


def _step_distance(program, tensorflow, numpy_step):
    pairs = zip(program.layout.weights, numpy_step.weights)
    after = tensorflow.computed("weights")
    return largest([largest(ulps(after[name], np.asarray(w))) for name, w in pairs])


def _wrong_start(tensorflow, reference, start):
    """Return the First slot that a side started otherwise than it should, or None."""
    for name, true in start.slots.items():
        theirs, ours = tensorflow.slots[name][0], reference.slots[name][0]
        for side, array in (("tensorflow", theirs), ("reference", ours)):
            if not np.array_equal(array, true):
                index = tuple(int(i) for i in np.argwhere(array != true)[0])
                x, y, z = (float(a[index]) for a in (ours, theirs, true))
                apart = float(ulps(array[index], true[index]))
                return First(0, 0, "start", name, index, x, y, z, side, apart, np.inf, True)
    return None


def _first(program, theirs, ours, reference, epoch_steps):
    """Return the First place outside, with its values and the side that is wrong."""
    wrong = min((s for s in (theirs, ours) if s.check.outside), key=_when)
    place = wrong.check.outside
    where = (place.step, *place.index)
    value = float(theirs.trajectory.computed(place.stage)[place.tensor][where])
    numpy_value = float(reference.computed(place.stage)[place.tensor][where])
    ball = wrong.enclosures.balls[place.stage][place.tensor]
    off = value if wrong is theirs else numpy_value
    step = wrong.trajectory.first_step + place.step
    return First(
        epoch=step // epoch_steps,
        step=step,
        stage=place.stage,
        tensor=place.tensor,
        index=place.index,
        reference=numpy_value,
        tensorflow=value,
        true=exact_value(program, wrong.trajectory, place, wrong.enclosures.restarts),
        wrong_side="both" if _together(theirs, ours) else wrong.name,
        ulp=float(ulps(np.asarray(value, program.dtype), np.asarray(numpy_value, program.dtype))),
        usage=_usage_at(off, ball, where),
        restarted=wrong.enclosures.restarts,
    )


def _when(side):
    """Return when a side first left its enclosure: step and stage, to be compared."""
    return side.check.outside.step, STAGES.index(side.check.outside.stage)


def _together(a, b):
    return a.check.outside and b.check.outside and _when(a) == _when(b)


def _usage_at(value, ball, where):
    mid = np.broadcast_to(ball.mid, ball.shape)[where]
    rad = np.broadcast_to(ball.rad, ball.shape)[where]
    distance = float(abs(float(value) - mid))
    return float(distance / rad) if rad else (0.0 if distance == 0 else float("inf"))


def exact_value(program, trajectory, place, restarts=False):
    """Return the true value at ``place``: one exact step from the state that was recorded.

    restarts: from what was recorded just before, as ``take_each`` has it.
    """
    one = trajectory.part(place.step, place.step + 1)
    with precision(TRUTH_BITS, program.dtype):
        step = take_each(program, one, ExactArray, restarts)
        values = program.layout.by_stage(step)[place.stage][place.tensor].to_float()
    shape = one.computed(place.stage)[place.tensor].shape
    return float(np.broadcast_to(values, shape)[(0, *place.index)])


def _element(tensor, index):
    """Return an element as it is indexed, W[0, 1]; of a number its name alone."""
    return f"{tensor}[{', '.join(map(str, index))}]" if index else tensor


def sentence(first):
    """Say in one sentence what differs first, and who is wrong."""
    origin = f" (arose in the {ARISES[first.stage]})" if first.restarted else ""
    ours, theirs, true = told_apart((first.reference, first.tensorflow, first.true))
    return (
        f"epoch {first.epoch}, {first.stage} {_element(first.tensor, first.index)}: reference "
        f"{ours}, TensorFlow {theirs}, true {true}, "
        f"{first.usage:.3g} radii off; wrong: {first.wrong_side}{origin}"
    )
