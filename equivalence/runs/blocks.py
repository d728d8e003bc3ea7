"""A long run in blocks of steps: recorded, judged, and let go, so that memory stays flat.

Both sides run free from block to block: each goes on from its own last state.  Every
step is certified from TensorFlow's own state, so a block loses nothing of the proof.
"""

from dataclasses import replace

import numpy as np

from equivalence.judge.resolution import least_sharp
from equivalence.judge.verdict import (
    AGREE,
    BIT_IDENTICAL,
    DIFFERENT,
    KINK,
    OVERFLOW,
    ROUNDING_IDENTICAL,
)
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
        is the first block; returns the Explained judgement.
    """
    theirs, ours, said = engine.start(program), program.start(), []
    for place, size in enumerate(sizes(steps, program)):
        trajectory = engine.run(program, theirs, size)
        free = numpy_runner.run(program, ours, size)
        theirs, ours = trajectory.last_state, free.last_state
        said.append(judge(trajectory, free, place == 0))
    return combined(said), trajectory


WORST = (BIT_IDENTICAL, ROUNDING_IDENTICAL, KINK, OVERFLOW, DIFFERENT)


def combined(said):
    """Return one Explained judgement of those of several blocks.

    A known defect need not show in every block: where one block shows it as expected,
    the others may agree.
    """
    shown = any(s.judgement.verdict == DIFFERENT and s.expected for s in said)
    fine = [s.expected or (shown and s.judgement.verdict in AGREE) for s in said]

    def rank(k):
        return not fine[k], WORST.index(said[k].judgement.verdict), -k

    worst = said[max(range(len(said)), key=rank)]
    largest = {
        name: float(np.max([getattr(s.judgement, name) for s in said]))
        for name in ("ulp", "step_ulp", "usage")
    }
    each = [s.judgement.resolution for s in said]
    resolution = {
        stage: least_sharp([of[stage] for of in each if stage in of])
        for stage in {stage: None for of in each for stage in of}
    }
    judgement = replace(worst.judgement, **largest, resolution=resolution)
    return replace(worst, judgement=judgement, expected=all(fine))
