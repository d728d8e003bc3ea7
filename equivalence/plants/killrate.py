"""How many of the planted defects are found: all, or the run says which are not.

The defects are the rows of ``plants.groups``.  Each is planted alone, runs for a few
steps in eager mode on its side of the comparison, and goes before the judge; it is
*found* if the judge says ``different`` at the step, stage and tensor that the row names,
and blames the side that has it.  Without the defect the same run must be certified, by
the model of a known upstream defect where there is one: so it is the plant that is found.
Losses, activations and schedules take no steps: their values are held against their balls.
"""

from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from time import process_time

import numpy as np
from rich import box
from rich.table import Table

from equivalence.arithmetic import precisions
from equivalence.defects import matching, modelled
from equivalence.judge.bits import same_bits
from equivalence.judge.certificate import rounding_model
from equivalence.judge.verdict import (
    BIT_IDENTICAL,
    DIFFERENT,
    ROUNDING_IDENTICAL,
    Judgement,
    judge,
)
from equivalence.pairs.plant import LAST_BITS, DoesNotFit, Plant
from equivalence.pairs.table import PAIRS
from equivalence.plants import small_errors, steps, values
from equivalence.plants.planting import planted, planted_keras
from equivalence.plants.tables import networks, optimizers
from equivalence.steps import numpy as numpy_runner
from equivalence.steps.program import program


@dataclass(frozen=True)
class Finding:
    """What became of one plant.

    verdict: the judge's, or None where the source does not have the line.
    same_bits: whether weights and slots are what they are without the plant.
    sound: whether the run without the plant is certified.
    problem: why the plant was not tried.
    """

    plant: Plant
    verdict: Judgement | None = None
    same_bits: bool = False
    sound: bool = True
    problem: str = ""

    @property
    def place(self):
        """Where the judge found the first difference, in as many words as the row's ``place``."""
        first = self.verdict.first
        if first is None:
            return ""
        return f"{first.stage} {first.tensor}" if " " in self.plant.place else first.stage

    @property
    def as_expected(self):
        """Say whether a defect was found where its row says, or a no-op did not show."""
        if self.verdict is None or not self.sound:
            return False
        if self.plant.reason:
            return certified(self.verdict) and (self.same_bits or self.plant.place == LAST_BITS)
        first = self.verdict.first
        if self.verdict.verdict != DIFFERENT or first.wrong_side != self.plant.wrong_side:
            return False
        return (self.place, first.step) == (self.plant.place, self.plant.step)

    @property
    def excused(self):
        """Say whether the row was not tried because it is of another version of Keras."""
        other = self.plant.tree == "keras" and version("keras") != optimizers.KERAS_VERSION
        return bool(self.problem) and other


def certified(verdict):
    """Say whether every step lies in its enclosure."""
    return verdict.verdict in (BIT_IDENTICAL, ROUNDING_IDENTICAL)


def twin_of(plant):
    """Return which twin of TensorFlow's runs beside the reference."""
    return "keras" if plant.tree == "keras" else "tape"


def pair_of(plant):
    """Return the Pair that must show a plant."""
    if plant.group == "optimizers":
        return optimizers.pair(plant.run)
    return PAIRS.get(plant.run) or networks.MORE_PAIRS[plant.run]


def steps_of(plant):
    """Return how many steps a plant's run takes: two of an optimizer, else some more."""
    return optimizers.STEPS if plant.group == "optimizers" else networks.STEPS + plant.step


def honest(plant):
    """Return the plant's run without it: its Program, TensorFlow's Trajectory, the Judgement.

    The Program has the models of the upstream defects that the run meets.  Raises
    NotInKeras where the installed Keras lacks the optimizer.
    """
    optimizer = plant.group == "optimizers"
    return _honest(plant.run, optimizer, plant.dtype, twin_of(plant), steps_of(plant))


@cache
def _honest(run, optimizer, dtype, twin, steps):
    from equivalence.engines import build as tensorflow

    plant = Plant("", "", "", "", "", run, "", group="optimizers" if optimizer else "")
    this = pair_of(plant)
    reference = program(this, dtype)
    runner = tensorflow.runner(this, reference, twin, "eager")
    trajectory = runner.run(reference, runner.start(reference), steps)
    rows = matching(reference, twin)
    if rows:
        reference = modelled(reference, rows)
    return reference, trajectory, _judged(reference, trajectory)


def find(plant):
    """Plant one defect, run the side that has it, and return the Finding."""
    if isinstance(plant, steps.StepPlant):
        return steps.find(plant)
    if isinstance(plant, small_errors.SmallErrors):
        return small_errors.find(plant)
    if plant.group in ("activations", "losses", "schedules"):
        return _find_in_values(plant)
    from equivalence.engines.keras_objects import NotInKeras

    try:
        reference, healthy, verdict = honest(plant)
        sound = certified(verdict)
        if plant.tree == "refimpl":
            record = _run_reference(plant, reference)
            verdict = _judged(reference, healthy, record)
        else:
            record = _run_tensorflow(plant, reference)
            verdict = _judged(reference, record)
    except (DoesNotFit, NotInKeras) as problem:
        return Finding(plant, problem=str(problem))
    return Finding(plant, verdict, same_bits(record, healthy), sound)


def find_in_time(plant):
    """Return the Finding of a plant, and the processor's seconds that it took."""
    began = process_time()
    return find(plant), process_time() - began


def _find_in_values(plant):
    """Return the Finding of a plant in what takes no steps."""
    healthy, expected = values.judged(plant)
    try:
        verdict, found = values.judged(plant, planted(plant))
    except DoesNotFit as problem:
        return Finding(plant, problem=str(problem))
    same = all(np.array_equal(a, b, equal_nan=True) for a, b in zip(found, expected))
    return Finding(plant, verdict, same, certified(healthy))


def _judged(reference, tensorflow, record=None):
    model = rounding_model(reference.dtype, "eager")
    return judge(reference, tensorflow, record, model, start=reference.start())


def _run_reference(plant, reference):
    """Return the Trajectory of the reference with the defect."""
    m, this = planted(plant), pair_of(plant)
    wrong = replace(reference, network=this.network(m), optimizer=this.optimizer(m))
    return numpy_runner.run(wrong, wrong.start(), steps_of(plant))


def _run_tensorflow(plant, reference):
    """Return the Trajectory of the tape twin or of Keras's class with the defect."""
    from equivalence.engines import build as tensorflow

    this = pair_of(plant)
    if plant.tree == "keras":
        with planted_keras(plant):
            runner = tensorflow.runner(this, reference, "keras", "eager")
    else:
        m = planted(plant)
        network, optimizer = this.network(m), this.optimizer(m)
        runner = tensorflow.build(network, optimizer, reference, "tape", "eager")
    return runner.run(reference, runner.start(reference), steps_of(plant))


# ---------------------------------------------------------------------- the report


def show(plants, console, progress, keras_tests=False, tell=lambda record: None):
    """Plant all, print where each was found and the kill rate; 0 when all is as expected.

    tell: takes a record of each plant as soon as it was tried.
    keras_tests: also ask the tests that Keras ships with (``keras_tests``).
    """
    from equivalence.machine.workers import Workers

    findings, broken, theirs, seconds = {}, [], {}, 0.0
    with Workers(len(plants)) as pool:
        outcomes = pool.map(find_in_time, plants)
        for plant, outcome in _bar(progress, "planting", outcomes, len(plants)):
            if isinstance(outcome, BaseException):
                broken.append(f"{plant}: {type(outcome).__name__}: {outcome}")
                tell({"plant": str(plant), "as_expected": False, "problem": broken[-1]})
            else:
                finding, took = outcome
                findings[plant], seconds = finding, seconds + took
                where = {"found_at": finding.verdict and finding.place, "seconds": took}
                told = {"as_expected": finding.as_expected, "problem": finding.problem, **where}
                tell({"plant": str(plant), "group": plant.group, **told})
        if keras_tests:
            theirs, problems = _ask_keras(plants, pool, progress)
            broken += problems
    ordered = [findings[plant] for plant in plants if plant in findings]
    wrong, no_ops = _split(ordered)
    console.print(_table(wrong, theirs))
    if no_ops:
        console.print(_no_op_table(no_ops))
    for finding in ordered:
        if not finding.as_expected:
            console.print(complaint(finding), style="bold red", markup=False)
    for line in broken:
        console.print(line, style="bold red", markup=False)
    for line in summary(ordered, theirs):
        console.print(line, markup=False, highlight=False)
    words = f"{len(plants)} rows in {seconds:.0f} seconds of a processor"
    console.print(words, markup=False, highlight=False)
    return 1 if broken or not all(f.as_expected or f.excused for f in ordered) else 0


def _bar(progress, words, outcomes, total):
    bar = progress.add_task(words, total=total)
    for outcome in outcomes:
        progress.update(bar, advance=1)
        yield outcome


def _ask_keras(plants, pool, progress):
    """Return {plant: whether Keras's own tests find it}, and what went wrong in asking.

    They must pass where nothing is planted, else their failing says nothing.
    """
    from equivalence.plants.keras_tests import finds

    nothing = None
    asked = [p for p in plants if p.tree == "keras" and not p.reason] + [nothing]
    answers, problems = {}, []
    for plant, outcome in _bar(progress, "Keras's own tests", pool.map(finds, asked), len(asked)):
        if isinstance(outcome, BaseException):
            problems.append(f"{plant}: Keras's tests: {type(outcome).__name__}: {outcome}")
        else:
            answers[plant] = outcome
    if answers.pop(nothing, True):
        return {}, [*problems, "Keras's own tests do not pass without a defect either"]
    return answers, problems


def _split(findings):
    """Return the findings of defects and those of what no arithmetic can show."""
    return [f for f in findings if not f.plant.reason], [f for f in findings if f.plant.reason]


def summary(findings, theirs=()):
    """Return the lines that say how many of the planted defects were found."""
    wrong, no_ops = _split([f for f in findings if not f.problem])
    found = [f for f in wrong if f.as_expected]
    lines = [f"planted defects: {_rate(len(found), len(wrong))} found"]
    if found:
        closest = min(found, key=lambda f: f.verdict.first.usage)
        lines += [f"the closest: {closest.verdict.first.usage:.3g} radii, {closest.plant}"]
    if no_ops:
        silent = sum(f.as_expected for f in no_ops)
        lines += [f"changes that no arithmetic can show: {silent} of {len(no_ops)} do not show"]
    if theirs:
        lines += [f"Keras's own tests: {_rate(sum(theirs.values()), len(theirs))} found"]
    unfit = [f for f in findings if f.problem]
    if unfit:
        lines += [f"not tried, since the source has other lines: {len(unfit)}"]
    return lines


def _rate(found, planted_):
    return f"{found} of {planted_} ({found / max(1, planted_):.1%})"


def _table(findings, theirs):
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("run", "defect", "in", "step", "found at"):
        table.add_column(name)
    table.add_column("radii", justify="right")
    if theirs:
        table.add_column("Keras's\ntests")
    before = None
    for finding in findings:
        plant, first = finding.plant, finding.verdict and finding.verdict.first
        shown = plant.run if plant.run != before else ""
        before = plant.run
        where = ("", "", "")
        if first:
            where = (str(first.step + 1), finding.place, f"{first.usage:.3g}")
        words = plant.name if plant.dtype == precisions.USUAL else f"{plant.name} ({plant.dtype})"
        answer = [{True: "found", False: "missed"}.get(theirs.get(plant), "")] if theirs else []
        style = None if finding.as_expected else "bold red"
        table.add_row(shown, words, plant.tree, *where, *answer, style=style)
    return table


def _no_op_table(findings):
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("run", "what no arithmetic can show", "verdict", "for"):
        table.add_column(name)
    for finding in findings:
        bits = "same bits" if finding.same_bits else "last bits"
        verdict = f"{finding.verdict.verdict}, {bits}" if finding.verdict else "not tried"
        table.add_row(finding.plant.run, finding.plant.name, verdict, finding.plant.reason)
    return table


def complaint(finding):
    """Say what is not as the row has it."""
    plant = finding.plant
    if finding.problem:
        return f"{plant}: not tried: {finding.problem}"
    if not finding.sound:
        return f"{plant}: the run without it is not certified"
    wanted = f"{plant.place}, step {plant.step + 1}, {plant.wrong_side} wrong"
    return f"{plant}: expected {wanted}; {finding.verdict.verdict}: {finding.verdict.reason}"
