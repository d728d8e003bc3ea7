"""A long run in blocks of steps: recorded, judged, and let go, so that memory stays flat.

Both sides run free from block to block: each goes on from its own last state.  Every
step is certified from TensorFlow's own state, so a block loses nothing of the proof.
"""

from dataclasses import replace

import numpy as np

from equivalence.judge.resolution import least_sharp
from equivalence.judge.verdict import AGREE, BIT_IDENTICAL, DIFFERENT, KINK, ROUNDING_IDENTICAL
from equivalence.steps import numpy as numpy_runner

# Numbers of the states and of the data of one block; the balls of a step and what they
# remember take some fifty times as many bytes as these numbers in float64.
NUMBERS = 2_000_000


def steps_of_block(program):
    """Return how many steps of a program are recorded and judged at a time."""
    states = sum(w.size for w in program.weights) * (2 + len(program.layout.slot_names))
    data = 2 * (program.inputs[0].size + program.targets[0].size)
    return max(1, NUMBERS // (states + data))


def sizes(steps, program):
    """Return the sizes of the blocks of a run: equal ones, and a last with what is left."""
    block = steps_of_block(program)
    return [block] * (steps // block) + ([steps % block] if steps % block else [])


def run(engine, program, steps, judge):
    """Run ``steps`` steps on both sides; return what ``judge`` says, and the last record.

    judge: of TensorFlow's Trajectory, the reference's free-running one, and whether it
        is the first block; returns (verdict, expected, reason).
    """
    theirs, ours, said = engine.start(program), program.start(), []
    for place, size in enumerate(sizes(steps, program)):
        trajectory = engine.run(program, theirs, size)
        free = numpy_runner.run(program, ours, size)
        theirs, ours = trajectory.last_state, free.last_state
        said.append(judge(trajectory, free, place == 0))
    return combined(said), trajectory


WORST = (BIT_IDENTICAL, ROUNDING_IDENTICAL, KINK, DIFFERENT)


def combined(said):
    """Return one (verdict, expected, reason) of those of several blocks.

    A known defect need not show in every block: where one block shows it as expected,
    the others may agree.
    """
    shown = any(v.verdict == DIFFERENT and expected for v, expected, _ in said)
    fine = [expected or (shown and v.verdict in AGREE) for v, expected, _ in said]
    worst = max(range(len(said)), key=lambda k: (not fine[k], WORST.index(said[k][0].verdict), -k))
    verdict, _, reason = said[worst]
    largest = {
        name: float(np.max([getattr(v, name) for v, *_ in said]))
        for name in ("ulp", "step_ulp", "usage")
    }
    stages = {stage: None for v, *_ in said for stage in v.resolution}
    resolution = {
        stage: least_sharp([v.resolution[stage] for v, *_ in said if stage in v.resolution])
        for stage in stages
    }
    return replace(verdict, **largest, resolution=resolution), all(fine), reason
