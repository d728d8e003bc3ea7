"""One run from its specification to its result: the unit of all commands."""

from dataclasses import dataclass, replace
from functools import cache
from time import perf_counter

import numpy as np

from equivalence import defects, trees
from equivalence.arithmetic import precisions
from equivalence.defects import lost_logits
from equivalence.engines.table import ENGINES
from equivalence.judge import derivative
from equivalence.judge.certificate import check, enclose_steps, rounding_model
from equivalence.judge.verdict import (
    AGREE,
    DIFFERENT,
    KINK,
    OVERFLOW,
    Judgement,
    Verdict,
    judge,
    sentence,
)
from equivalence.machine import devices, keras_settings, switches
from equivalence.pairs.table import Pair, find
from equivalence.results.result import Result, Spec, not_made
from equivalence.runs import blocks, inputs, operations
from equivalence.runs.select import checked
from equivalence.steps.program import program
from equivalence.steps.trajectory import STATES, Trajectory

# Seconds that a run may take before its worker counts as hung: a start, and its steps, which
# take longer the more weights they have; several times what an idle machine needs.
LIMIT, LIMIT_A_STEP, LIMIT_A_WEIGHT = 600.0, 0.1, 3e-6


@cache
def _weights(name):
    """Return how many weights the networks of a pair have."""
    return sum(np.size(weight) for weight in find(name).start())


def default_steps(pair, engine, epoch):
    """Return how many steps a run takes by default: the book's, or what is quick."""
    row = ENGINES[engine]
    epochs = min(pair.epochs, pair.quick or pair.epochs, row.steps // epoch)
    return epochs * epoch or min(epoch, row.of_an_epoch or epoch)


def steps_of(spec: Spec, pair: Pair, epoch: int | None = None) -> int:
    """Return how many steps a Spec asks for.

    epoch: the steps of an epoch, if the data are not the pair's own.
    """
    epoch = epoch or pair.steps_per_epoch
    if spec.epochs is None:
        usual = default_steps(pair, spec.engine, epoch)
        return min(usual, operations.STEPS) if spec.operations else usual
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

    Raises BadInput for a Spec that cannot be run.
    """
    checked(spec)
    with keras_settings.as_runs_have_it():
        return _run_recorded(spec)


def _run_recorded(spec: Spec) -> tuple[Result, Trajectory]:
    from equivalence.engines import keras_objects

    devices.require(spec.device)
    if spec.switches != switches.active():
        found = switches.label(switches.active())
        raise RuntimeError(f"{spec.name} was started in a process with switches {found}")
    began = perf_counter()
    pair = find(spec.pair)
    reference = reference_program(spec, pair)
    epoch_steps = len(reference.inputs)
    steps = steps_of(spec, pair, epoch_steps)
    try:
        if spec.operations:
            optimizer = _with_rate(pair.optimizer(trees.tensorflow()), spec)
            result = operations.run(spec, pair, reference, optimizer, steps, epoch_steps)
            return result, Trajectory()
        engine = tensorflow_engine(spec, pair, reference)
    except keras_objects.NotInKeras as lacking:
        seconds = perf_counter() - began
        return not_made(spec, True, "not-in-keras", str(lacking), seconds), Trajectory()
    except operations.Refused as refused:
        seconds = perf_counter() - began
        return not_made(spec, True, "refused", str(refused), seconds), Trajectory()

    def judged(trajectory, free, first):
        return judge_with_defects(reference, trajectory, spec, epoch_steps, free, first)

    said, trajectory = blocks.run(engine, reference, steps, judged)
    usage = None
    if devices.tf32_at_work(spec):
        plain = rounding_model(spec.dtype, spec.engine, spec.device)
        usage = check(trajectory, enclose_steps(reference, trajectory, plain)).usage
    seconds = perf_counter() - began
    whole, rest = divmod(steps, epoch_steps)
    epochs = steps / epoch_steps if rest else whole
    judgement = said.judgement
    result = Result(
        spec,
        judgement.verdict,
        said.expected,
        said.cause,
        said.reason,
        said.defects,
        said.with_models,
        epochs,
        steps,
        judgement.ulp,
        judgement.step_ulp,
        judgement.usage,
        usage,
        judgement.sharp_to,
        judgement.resolution,
        judgement.first,
        seconds,
    )
    return result, trajectory


def reference_program(spec, pair):
    """Return the reference's program of a Spec; raises BadInput for bad data."""
    dtype = spec.dtype if spec.dtype in precisions.NAMES else precisions.USUAL
    reference = program(pair, dtype, spec.seed)
    reference = replace(reference, optimizer=_with_rate(reference.optimizer, spec))
    if spec.data is not None:
        return inputs.with_data(reference, inputs.read(spec.data))
    return inputs.finite(reference)


def tensorflow_engine(spec, pair, reference):
    """Return what runs a Spec on TensorFlow's side; raises ``keras_objects.NotInKeras``.

    reference: the reference's program of it, for shapes, start and data.
    """
    from equivalence.engines import build as tensorflow_runner

    m = trees.tensorflow()
    return tensorflow_runner.build(
        pair.network(m),
        _with_rate(pair.optimizer(m), spec),
        reference,
        spec.twin,
        spec.engine,
        spec.device,
        pair.keras,
    )


def _with_rate(optimizer, spec):
    if spec.learning_rate is None:
        return optimizer
    return optimizer.with_learning_rate(spec.learning_rate)


@dataclass(frozen=True)
class Explained:
    """A Judgement held against what the tables say of the run.

    cause: a code of ``results.result.CAUSES``; ``reason`` is the same as one sentence.
    defects: the names of the known defects that the run meets.
    with_models: the verdict with the models of these defects, where they were tried.
    """

    judgement: Judgement
    expected: bool
    cause: str
    reason: str
    defects: tuple[str, ...] = ()
    with_models: Verdict | None = None


def judge_with_defects(
    reference, trajectory, spec: Spec, epoch_steps: int, free=None, first=True
) -> Explained:
    """Return the Explained judgement of what TensorFlow computed.

    free: the reference's own free run through these steps, if it is made already.
    first: the steps are the run's first, before which both sides stand at its start.
    """

    def judged(program):
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
        judgement = judged(reference)
        departed = lost_logits.without_logits(reference)
        modelled = _explained(departed, spec, judged, last)
        found = modelled.judgement.verdict
        words = modelled.reason if found == DIFFERENT else f"{found} with its model"
        return replace(
            modelled,
            judgement=judgement,
            cause=modelled.cause if found == DIFFERENT else "known-defect",
            reason=f"{lost_logits.NAME}; {words}",
            defects=(lost_logits.NAME, *modelled.defects),
            with_models=modelled.with_models or found,
        )
    said = _explained(reference, spec, judged, last)
    return said if said.expected else _the_references_own(reference, trajectory, said)


# The stages in which a wrong backward shows.
FROM_GRADIENTS = ("flows", "gradients", "slots", "weights")


def _the_references_own(reference, trajectory, said: Explained) -> Explained:
    """Return ``said``, or, where the reference's backward is no derivative, that it is not.

    The third opinion repeats the reference's formula, so of a wrong backward it says that
    TensorFlow is wrong.  Differentiation of the forward pass does not.
    """
    first = said.judgement.first
    if first is None or first.stage not in FROM_GRADIENTS or first.wrong_side == "reference":
        return said
    if first.restarted and first.stage in STATES:  # it arose in the update
        return said
    found = derivative.departure(reference)
    if found is None:
        return said
    true = np.nan
    if first.stage == "gradients":
        step = first.step - trajectory.first_step
        true = derivative.true_gradient(reference, trajectory, step, first.tensor, first.index)
    first = replace(first, wrong_side="reference", true=true)
    reason = f"{sentence(first)}: {found}"
    judgement = replace(said.judgement, first=first, reason=reason)
    return replace(said, judgement=judgement, cause="wrong-gradient", reason=reason)


def _explained(reference, spec: Spec, judged, last: int) -> Explained:
    """Return the Explained judgement of ``judged``, by the defects that the run meets."""
    judgement = judged(reference)
    verdict = judgement.verdict
    if verdict == OVERFLOW:
        declared = find(spec.pair).diverges
        reason = f"{judgement.reason} (as declared: {declared})" if declared else judgement.reason
        return Explained(judgement, bool(declared), judgement.cause, reason)
    rows = defects.matching(reference, spec.twin, spec.engine, last)
    names = tuple(row.name for row in rows)
    if not rows or verdict == KINK:
        expected = verdict in (*AGREE, KINK)
        return Explained(judgement, expected, judgement.cause, judgement.reason)
    if verdict != DIFFERENT:
        gone = tuple(row.name for row in rows if getattr(row, "always", True))
        if not gone:  # what shows only at numbers that this run has none of
            return Explained(judgement, True, judgement.cause, judgement.reason)
        return Explained(judgement, False, "defect-gone", _gone(" and ".join(gone)), gone)
    modelled = judged(defects.modelled(reference, rows))
    met = " and ".join(names)
    if modelled.verdict in (*AGREE, KINK):
        reason = f"upstream defect {met}; {modelled.verdict} with its model; {judgement.reason}"
        judgement = replace(judgement, resolution=modelled.resolution)  # as the model was held
        return Explained(judgement, True, "known-defect", reason, names, modelled.verdict)
    for gone in rows if len(rows) > 1 else ():
        rest = [row for row in rows if row is not gone]
        if judged(defects.modelled(reference, rest)).verdict in AGREE:
            return Explained(judgement, False, "defect-gone", _gone(gone.name), (gone.name,))
    reason = f"beyond the upstream defect {met}: {modelled.reason}"
    return Explained(judgement, False, "beyond-defect", reason, names, modelled.verdict)


def _gone(names: str) -> str:
    return f"the upstream defect {names} is gone: remove its row"
