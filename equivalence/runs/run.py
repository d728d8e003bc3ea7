"""One run from its specification to its result: the unit of all commands."""

from dataclasses import replace
from functools import cache
from time import perf_counter

import numpy as np

from equivalence import defects, trees
from equivalence.defects import lost_logits
from equivalence.judge.certificate import check, enclose_steps, rounding_model
from equivalence.judge.verdict import AGREE, DIFFERENT, KINK, SKIPPED, Verdict, judge
from equivalence.machine import devices, switches
from equivalence.pairs.table import Pair, find
from equivalence.results.result import Result, Spec
from equivalence.runs import blocks, inputs
from equivalence.steps.program import program
from equivalence.steps.trajectory import Trajectory

# What an engine does by default, in steps: eager and fit cost milliseconds a step,
# a compiled trajectory some 30 microseconds.
DEFAULT_STEPS = {
    "eager": 5,
    "graph": 200,
    "xla": 200,
    "fit": 200,
    "train_on_batch": 20,
    "split": 5,
    "mirrored": 20,
}
# An epoch of many batches is cut short by default where a step costs milliseconds of Python.
MOST_STEPS_OF_AN_EPOCH = {"eager": 10, "split": 10}
# Seconds that a run may take before its worker counts as hung: a start, and its steps, which
# take longer the more weights they have; several times what an idle machine needs.
LIMIT, LIMIT_A_STEP, LIMIT_A_WEIGHT = 600.0, 0.1, 3e-6


@cache
def _weights(name):
    """Return how many weights the networks of a pair have."""
    return sum(np.size(weight) for weight in find(name).start())


def default_steps(pair, engine, epoch):
    """Return how many steps a run takes by default: the book's, or what is quick."""
    epochs = min(pair.epochs, pair.quick or pair.epochs, DEFAULT_STEPS[engine] // epoch)
    return epochs * epoch or min(epoch, MOST_STEPS_OF_AN_EPOCH.get(engine, epoch))


def steps_of(spec: Spec, pair: Pair, epoch: int | None = None) -> int:
    """Return how many steps a Spec asks for.

    epoch: the steps of an epoch, if the data are not the pair's own.
    """
    epoch = epoch or pair.steps_per_epoch
    if spec.epochs is None:
        return default_steps(pair, spec.engine, epoch)
    return (spec.epochs or pair.epochs) * epoch


def limit_of(spec: Spec) -> float:
    """Return the seconds that a run may take before its worker counts as hung."""
    a_step = LIMIT_A_STEP + LIMIT_A_WEIGHT * _weights(spec.pair)
    return LIMIT + a_step * steps_of(spec, find(spec.pair))


def run(spec: Spec) -> Result:
    """Run one Spec on both sides and judge it.

    Raises RuntimeError in a process that was not started with the Spec's switches.
    """
    return run_recorded(spec)[0]


def run_recorded(spec: Spec) -> tuple[Result, Trajectory]:
    """Run as ``run``, and return what TensorFlow computed as well.

    Of a run in several blocks that is the last block's record.
    """
    from equivalence.engines import build as tensorflow_runner
    from equivalence.engines import keras_objects

    if spec.switches != switches.active():
        found = switches.label(switches.active())
        raise RuntimeError(f"{spec.name} was started in a process with switches {found}")
    began = perf_counter()
    pair = find(spec.pair)
    reference = reference_program(spec, pair)
    epoch_steps = len(reference.inputs)
    steps = steps_of(spec, pair, epoch_steps)
    m = trees.tensorflow()
    try:
        engine = tensorflow_runner.build(
            pair.network(m),
            _with_rate(pair.optimizer(m), spec),
            reference,
            spec.twin,
            spec.engine,
            spec.device,
            pair.keras,
        )
    except keras_objects.NotInKeras as lacking:
        nothing = Verdict(SKIPPED, 0.0, 0.0, 0.0, reason=str(lacking))
        seconds = perf_counter() - began
        return Result(spec, 0, 0, nothing, True, str(lacking), seconds), Trajectory()

    def judged(trajectory, free, first):
        return judge_with_defects(reference, trajectory, spec, epoch_steps, free, first)

    (verdict, expected, reason), trajectory = blocks.run(engine, reference, steps, judged)
    usage = None
    if devices.tf32_at_work(spec):
        plain = rounding_model(spec.dtype, spec.engine, spec.device)
        usage = check(trajectory, enclose_steps(reference, trajectory, plain)).usage
    seconds = perf_counter() - began
    whole, rest = divmod(steps, epoch_steps)
    epochs = steps / epoch_steps if rest else whole
    return Result(spec, epochs, steps, verdict, expected, reason, seconds, usage), trajectory


def reference_program(spec, pair):
    """Return the reference's program of a Spec; raises BadInput for bad data."""
    reference = program(pair, spec.dtype, spec.seed)
    reference = replace(reference, optimizer=_with_rate(reference.optimizer, spec))
    return inputs.with_data(reference, inputs.read(spec.data)) if spec.data else reference


def _with_rate(optimizer, spec):
    if spec.learning_rate is None:
        return optimizer
    return replace(optimizer, learning_rate=spec.learning_rate)


def judge_with_defects(reference, trajectory, spec, epoch_steps, free=None, first=True):
    """Return the Verdict, whether it was expected, and one sentence why.

    free: the reference's own free run through these steps, if it is made already.
    first: the steps are the run's first, before which both sides stand at its start.
    """

    def verdict_of(program):
        tf32 = devices.tf32_at_work(spec)
        model = rounding_model(spec.dtype, spec.engine, spec.device, tf32)
        return judge(
            program,
            trajectory,
            model=model,
            epoch_steps=epoch_steps,
            start=program.start() if first else None,
            free=free if program is reference else None,
        )

    last = trajectory.first_step + trajectory.steps - 1
    if spec.engine == "split" and lost_logits.leaves_logits(reference.network):
        verdict = verdict_of(reference)
        departed = lost_logits.without_logits(reference)
        modelled, expected, reason = _explained(departed, spec, verdict_of, last)
        words = reason if modelled.verdict == DIFFERENT else f"{modelled.verdict} with its model"
        return verdict, expected, f"{lost_logits.NAME}; {words}"
    return _explained(reference, spec, verdict_of, last)


def _explained(reference, spec, verdict_of, last):
    verdict = verdict_of(reference)
    rows = defects.matching(reference, spec.twin, spec.engine, last)
    if not rows:
        expected = verdict.verdict in (*AGREE, KINK)
        return verdict, expected, verdict.reason
    names = " and ".join(row.name for row in rows)
    if verdict.verdict == KINK:
        return verdict, True, verdict.reason
    if verdict.verdict != DIFFERENT:
        gone = " and ".join(row.name for row in rows if getattr(row, "always", True))
        if not gone:  # what shows only at numbers that this run has none of
            return verdict, True, verdict.reason
        return verdict, False, f"the upstream defect {gone} is gone: remove its row"
    modelled = verdict_of(defects.modelled(reference, rows))
    if modelled.verdict in (*AGREE, KINK):
        reason = f"upstream defect {names}; {modelled.verdict} with its model"
        return verdict, True, f"{reason}; {verdict.reason}"
    for gone in rows if len(rows) > 1 else ():
        rest = [row for row in rows if row is not gone]
        if verdict_of(defects.modelled(reference, rest)).verdict in AGREE:
            return verdict, False, f"the upstream defect {gone.name} is gone: remove its row"
    return verdict, False, f"beyond the upstream defect {names}: {modelled.reason}"
