"""Both sides of a pair's run, with the numbers of the epochs that are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from equivalence.arithmetic import precisions
from equivalence.errors import BadInput, choose
from equivalence.listings.start import changed
from equivalence.machine import keras_settings
from equivalence.pairs.table import find
from equivalence.results.result import Spec
from equivalence.runs import blocks
from equivalence.runs.run import reference_program, tensorflow_engine
from equivalence.runs.select import checked
from equivalence.steps import numpy as numpy_runner
from equivalence.steps.pair import Pair
from equivalence.steps.program import Program
from equivalence.steps.trajectory import STAGES, STATES, Trajectory

SIDES = ("numpy", "tensorflow")
MOST = 20_000  # steps of a run whose epochs nobody names: some seconds on either side

Numbers = dict[str, dict[str, np.ndarray]]  # stage -> name -> array


def trajectory(
    pair: str,
    side: str = "numpy",
    dtype: str = precisions.USUAL,
    epochs: int | None = None,
    start: Mapping[str, Any] | None = None,
) -> Trajectory:
    """Return every number of a run of one side, stage by stage, as a Trajectory.

    ``trajectory("dense-2-2").weights["W"]`` is (steps + 1, 2, 2), the start first; its
    ``activations``, ``loss``, ``flows``, ``gradients`` and ``slots`` have the letters of the
    books and of ``equivalence show``.  Everything is held in memory.

    pair: a name of ``PAIRS``.
    side: "numpy" (``refimpl``) or "tensorflow" (Keras in a graph, or the GradientTape twin where
        Keras has no such classes).
    dtype: "float32" or "float64".
    epochs: a whole number above 0; None for the text's own as far as 20,000 steps go.
    start: numbers that begin otherwise, as ``{"WH[0,0]": 0.2}`` or ``{"BH": [[0.1, 0.2]]}``.

    Raises BadInput, an ``equivalence.Error``, for what there is not.
    """
    choose("side", [side], SIDES)
    found = find(pair)
    spec = _spec(found, dtype, epochs)
    if epochs == 0:
        raise BadInput("0 epochs cannot be run: give a whole number above 0")
    _, run, state = _begun(found, spec, side, start or {})
    steps = found.steps_per_epoch
    return run(state, (epochs or max(1, min(found.epochs, MOST // steps))) * steps)


@dataclass(frozen=True)
class Counting:
    """What a run counts: epochs, or, where it goes through its data once, steps.

    unit: "epoch" or "step"; steps: of each; last: how many the text has.
    """

    unit: str
    steps: int
    last: int

    @classmethod
    def of(cls, pair: Pair) -> Counting:
        steps = pair.steps_per_epoch
        return (
            cls("step", 1, steps) if pair.epochs == 1 < steps else cls("epoch", steps, pair.epochs)
        )

    def wanted(self, asked: Iterable[int] | None, every: int | None) -> tuple[int, ...]:
        """Return which are shown; raise BadInput for one beyond the run.

        asked: how many have gone; every: each so many; neither is the first two and the last.
        """
        quick = max(1, min(self.last, MOST // self.steps))
        if asked is not None:
            found = {*asked}
        elif every is not None:
            found = {*range(every, quick + 1, every)} or {every}
        else:
            found = {1, min(2, quick), quick}
        if max(found) > self.last:
            words = f"{self.unit} {max(found)} is beyond the run, which has {self.last:,}"
            raise BadInput(words)
        return tuple(sorted(found))


def record_of(
    name: str, side: str, dtype: str, wanted: Sequence[int], start: Mapping[str, Any]
) -> dict[int, Numbers]:
    """Return the numbers of a side, as a pair counts: how many have gone -> stage -> name -> array.

    Of an epoch's last step: states after it, all else as that step computed it.  The run goes
    in blocks, of which only these epochs are kept.
    """
    pair = find(name)
    counting = Counting.of(pair)
    program, run, state = _begun(pair, _spec(pair, dtype, None), side, start)
    ends, kept, gone = {count * counting.steps: count for count in wanted}, {}, 0
    for size in blocks.sizes(max(ends), program):
        record = run(state, size)
        for end in (end for end in ends if gone < end <= gone + size):
            kept[ends[end]] = {stage: _at(record, stage, end - gone - 1) for stage in STAGES}
        state, gone = record.last_state, gone + size
    return kept


def program_from(pair: Pair, dtype: str, start: Mapping[str, Any]) -> Program:
    """Return the reference's program of a pair from a start with changed numbers."""
    return changed(reference_program(_spec(pair, dtype, None), pair), start)


def _spec(pair: Pair, dtype: str, epochs: int | None) -> Spec:
    """Return the Spec of a run that can be made; raise BadInput."""
    twin = "keras" if pair.keras else "tape"
    return checked(Spec(pair.name, dtype, twin, "graph", epochs=epochs))


def _begun(pair, spec, side, start):
    """Return the program from that start, run(state, steps) of a side, and its first state."""
    program = program_from(pair, spec.dtype, start)
    if side == "numpy":
        return program, partial(numpy_runner.run, program), program.start()
    with keras_settings.as_runs_have_it():
        engine = tensorflow_engine(spec, pair, program)

    def run(state, steps):
        with keras_settings.as_runs_have_it():
            return engine.run(program, state, steps)

    return program, run, engine.start(program)


def _at(record: Trajectory, stage: str, step: int) -> dict[str, np.ndarray]:
    place = step + 1 if stage in STATES else step
    return {name: np.array(array[place]) for name, array in getattr(record, stage).items()}
