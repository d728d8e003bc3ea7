"""Small changes of the arithmetic: each is seen, or explained, and what survives is said."""

import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import refimpl.optimizers.adam
import tfimpl
from equivalence import trees
from equivalence.cli.parser import main
from equivalence.pairs.plant import DoesNotFit
from equivalence.plants import mutation, operators, trials
from equivalence.plants.cases import operations
from equivalence.plants.mutation import NO_ROW, Change, attempt
from equivalence.plants.operators import mutants
from equivalence.plants.tables import explained

pytestmark = pytest.mark.tensorflow

# A file of every kind, with few mutants or few rows.
FILES = (
    "activations/elu.py",
    "checks.py",
    "losses/poisson.py",
    "regression.py",
    "schedules/inverse_time_decay.py",
)


class InThisProcess:
    """What ``Workers`` do, without processes."""

    def map(self, function, items):
        return ((item, function(item)) for item in items)


def _report(*chosen):
    report = mutation.run(chosen, InThisProcess())
    assert report.broken == []
    return report


def _changes(source, tmp_path, monkeypatch):
    """Return (before, after) of every mutant of a source."""
    (tmp_path / "file.py").write_text(source, encoding="utf-8")
    monkeypatch.setattr(operators, "_folder", lambda tree: tmp_path)
    return [(m.before, m.after) for m in mutants("refimpl", "file.py")]


# ------------------------------------------------------------------- the operators


@pytest.mark.parametrize(
    ("line", "changes"),
    [
        ("a + b", {"a - b", "a", "b"}),
        ("a - b", {"a + b", "a"}),
        ("a * b", {"a / b", "a", "b", "-(a * b)"}),
        ("a / b", {"a * b", "a", "-(a / b)"}),
        ("a ** 3", {"a", "4"}),
        ("-a", {"a"}),
        ("f(0)", {"1"}),
        ("f(-1)", {"1", "0"}),
        ("f(0.5)", {"1.5"}),
        ("a > b", {"a >= b"}),
        ("a <= b", {"a < b"}),
        ("a == b", {"a != b"}),
        ("a < b < c", {"a <= b < c", "a < b <= c"}),
        ("np.maximum(a, b)", {"np.minimum"}),
        ("np.sum(a)", {"np.mean"}),
        ("tf.reduce_mean(a)", {"tf.reduce_sum"}),
        ("np.sqrt(a)", {"np.square"}),
        ("np.where(c, a, b)", {"np.where(c, b, a)"}),
        ("a if c else b", {"b if c else a"}),
        ("a[::-1]", {"a", "1", "0"}),
        ("a[..., ::-1]", {"a[..., :]", "1", "0"}),
        ("a.mT @ b", {"a", "b @ a.mT"}),
        ("a & b | c ^ d", {"a | b", "a & b & (c ^ d)", "c | d"}),
        ("f'{a + 1}'", set()),
        ("f(axis='a' + 'b')", set()),
    ],
)
def test_an_expression_becomes_each_of_its_neighbours(line, changes, tmp_path, monkeypatch):
    found = _changes(f"def g():\n    return {line}\n", tmp_path, monkeypatch)
    assert {after for _, after in found} - {"2"} == changes - {"2"}


def test_what_is_no_arithmetic_of_a_function_stays(tmp_path, monkeypatch):
    source = '''"""1 + 1"""
NUMBER = 3

class C:
    field: float = 0.5
    name: ClassVar = 7

    @decorated(1)
    def f(self, x: "1 + 1" = 2):
        """2 + 2"""
        if x is None:
            raise ValueError(f"{1 + 1}")
        return x

    def g(self): return (lambda y=1: y * x)
'''
    found = _changes(source, tmp_path, monkeypatch)
    products = [("y * x", after) for after in ("y / x", "y", "x", "-(y * x)")]
    assert found == [("3", "4"), ("7", "8"), ("x is None", "not x is None"), *products]


def test_every_mutant_of_both_trees_compiles_and_has_a_name_of_its_own():
    for tree in mutation.TREES:
        for file in operators.files(tree)[::9]:
            found = mutants(tree, file)
            assert len({m.key for m in found}) == len(found)
            for mutant in found[::7]:
                compile(mutant.source, file, "exec")


# --------------------------------------------------------------------- the judging


@pytest.mark.parametrize("file", FILES)
def test_every_mutant_of_a_file_is_killed_or_explained_and_no_row_is_stale(file):
    report = _report(("refimpl", file))
    assert [str(o.mutant) for o in mutation.unexplained(report.outcomes)] == []
    assert mutation.stale_rows(report.outcomes, [("refimpl", file)]) == []
    assert sum(o.killed for o in report.outcomes) > 0.7 * len(report.outcomes)


def test_the_tape_twins_mutants_are_judged_too():
    report = _report(("tfimpl", "activations/soft_shrink.py"))
    killed = [o.mutant.kind for o in report.outcomes if o.killed]
    assert {"sign", "dropped", "branch"} <= set(killed)


def _adam(before, after):
    (found,) = (
        m
        for m in mutants("refimpl", "optimizers/adam.py")
        if (m.function, m.before, m.after) == ("Adam.update", before, after)
    )
    return found


def test_a_change_that_no_row_shows_is_reported_as_a_survivor(monkeypatch):
    """Where no row has an epsilon that counts, the mutant without it survives."""
    mutant = _adam("np.sqrt(v) + self.epsilon", "np.sqrt(v)")
    seeing = trials.Trial("pair", "small-adam")
    seen = attempt(mutant, [seeing])
    assert seen.killed and seen.by == "small-adam, float64" and seen.shown == "weights p"
    blind = trials.Trial("pair", "dense-2-2")
    left = attempt(mutant, [blind])
    assert not left.killed and left.shown == "tried on 1"
    assert mutation.unexplained([seen, left]) == [left]
    assert "2 mutants: 1 killed, 0 explained, 1 neither" in mutation.summary([seen, left], 1.0)
    monkeypatch.setitem(explained.ROWS, ("refimpl", *mutant.key), "epsilon is small")
    assert mutation.unexplained([left]) == []
    chosen = [("refimpl", "optimizers/adam.py")]
    assert mutation.stale_rows([left], chosen) == []
    assert len(mutation.stale_rows([seen], chosen)) == 1
    assert attempt(mutant, []).shown == NO_ROW


def test_a_mutant_is_gone_when_it_has_been_tried():
    mutant = _adam("self.beta_1 ** step", "self.beta_1")
    update = refimpl.optimizers.adam.Adam.update
    before = update.__code__
    with Change(mutant).applied() as m:
        assert m.Adam.update is update and update.__code__ is not before
    assert update.__code__ is before


def test_a_constant_outside_of_functions_is_planted():
    constants = [m for m in mutants("refimpl", "random/philox.py") if m.constant]
    assert {m.function for m in constants} >= {"ROUNDS", "WEYL"}
    rounds = next(m for m in constants if m.function == "ROUNDS")
    with Change(rounds).applied() as m:
        assert m.Dropout is not trees.reference().Dropout
    dropout = trials.Trial("pair", "layer-dropout")
    assert attempt(rounds, [dropout]).killed


def test_what_does_not_end_is_killed(monkeypatch):
    mutant = _adam("self.beta_1 ** step", "self.beta_1")
    source = mutant.source.replace("m, v = slots", "m, v = slots\n        while True: pass")
    monkeypatch.setattr(mutation, "SECONDS", 0.3)
    trial = trials.Trial("pair", "small-adam")
    outcome = attempt(replace(mutant, source=source), [trial])
    assert outcome.killed and outcome.shown == "takes longer than 0.3 s"


def test_an_error_of_the_honest_side_is_no_kill(monkeypatch):
    """Else a library that does not start would kill every mutant."""
    mutant, broken = (
        _adam("self.beta_1 ** step", "self.beta_1"),
        trials.Trial("pair", "no such row"),
    )
    with pytest.raises(KeyError):
        attempt(mutant, [broken])
    monkeypatch.setitem(trials.OUTSIDE, "refusals", lambda trial, m: "everywhere")
    refusals = trials.Trial("refusals", "of another name")
    with pytest.raises(AssertionError, match="the honest code of refimpl is outside: everywhere"):
        attempt(mutant, [refusals])


def test_a_constant_is_seen_by_what_calls_its_function_by_name():
    """Trials of functions and operations import their module: they find the changed one."""
    scaling = next(m for m in mutants("refimpl", "preparation/scaling.py") if m.constant)
    columns = trials.Trial("function", "columns of one scale")
    assert attempt(scaling, [columns]).by == "columns of one scale, float64"
    made = next(m for m in mutants("refimpl", "functions.py") if m.function == "_sinh")
    name = next(n for n in operations.NAMES if n.startswith("Sinh-"))
    assert attempt(made, [trials.Trial("operation", name)]).shown == "TypeError"
    assert attempt(made, [trials.Trial("operation", operations.NAMES[0])]).killed is False


def test_a_mutant_that_is_nowhere_is_an_error_and_no_kill(monkeypatch):
    scaling = next(m for m in mutants("refimpl", "preparation/scaling.py") if m.constant)
    with pytest.raises(ModuleNotFoundError):
        attempt(replace(scaling, file="preparation/no_such.py"), [])

    def nowhere(plant):
        raise DoesNotFit("imported by nobody")

    monkeypatch.setattr(mutation, "with_modules", nowhere)
    with pytest.raises(DoesNotFit):
        attempt(scaling, [])


def test_trials_that_run_other_lines_of_the_file_come_before_those_of_other_files():
    """The first in order is the cheapest; of the others the file itself decides."""
    own, others = 0b0011, 0b1111100
    runs = [("cheap", 0b0001), ("wide", 0b0001 | others), ("mine", 0b0010), ("both", 0b0011)]
    assert mutation._varied(runs, 1, own) == ["both"]
    assert mutation._varied(runs, 2, own) == ["both", "wide"]
    assert mutation._varied(runs, 1) == ["wide"]


def test_a_constant_is_tried_on_rows_that_run_the_lines_that_name_it():
    """Forty rows of any recurrent layer may all be of those that have a number of their own."""
    where = "tfimpl", "layers/recurrent.py"
    (mutant,) = (m for m in mutants(*where) if m.function == "Recurrent.gate_count")
    source = (Path(tfimpl.__file__).parent / mutant.file).read_text(encoding="utf-8")
    (line,) = (k for k, text in enumerate(source.splitlines(), 1) if "self.gate_count" in text)
    assert mutation._where(mutant, {line, line + 1}) == (line,)
    assert mutation._where(mutant, {line + 1}) == ()  # what is not run by a row may be by any
    (alpha, *_) = (m for m in mutants("tfimpl", "layers/alpha_dropout.py") if m.constant)
    assert mutation._where(alpha, {*range(99)}) == ()  # LOWEST is made of it


def test_what_a_file_shows_that_is_imported_again_unchanged_is_no_kill():
    """Balls have rules for the functions of the real module, by which these are no kill."""
    last, first = (
        next(m for m in mutants("refimpl", "special_functions.py") if (m.before, m.after) == change)
        for change in (("132", "133"), ("252", "253"))
    )
    digamma = next(t for t in trials.trials() if t.name.startswith("Digamma-"))
    assert attempt(last, [digamma]).by == ""  # a last term: below what the kernel is off by
    assert attempt(first, [digamma]).shown == "result 0"


def test_a_line_that_no_row_runs_in_the_finest_format_is_tried_in_all_of_them():
    file = "random/philox.py"
    row = next(t for t in trials.trials() if t.kind == "pair" and t.dtype == trials.FINEST)
    (work, *_) = mutation._works("tfimpl", file, [(row, {file: frozenset({1})})])
    others = [replace(row, name=f"{k}") for k in range(mutation.MOST_COARSER + 1)]
    runs = [(trial, 1) for trial in others]
    assert len(mutation._candidates(runs, 1)) == 2 * len(others) - 1
    assert len(mutation._candidates(runs, 1, mutation.MOST)) == 2 * len(others)
    assert work.candidates[0] == (row, replace(row, dtype=trials.COARSEST))


def test_what_balls_compute_in_a_way_of_their_own_is_judged_too():
    """Resizing rounds a place once or twice: only the balls call the first."""
    once = "(at + half).astype(np.float64) * float(scale) - 0.5"
    wrong = next(
        m
        for m in mutants("refimpl", "ops/resizing.py")
        if (m.function, m.before, m.kind) == ("_places", once, "sign")
    )
    name = next(n for n in operations.NAMES if n.startswith("ResizeBilinear-"))
    assert attempt(wrong, [trials.Trial("operation", name)]).shown == "its balls' result 0"


def test_what_a_module_remembers_is_forgotten_though_it_was_imported_later(monkeypatch):
    """Else its mutants would be tried on what the honest code had made, and all survive."""
    trials.forget("refimpl")
    later = ModuleType("refimpl.later")
    later.made = cache(lambda number: [number])
    monkeypatch.setitem(sys.modules, later.__name__, later)
    before = later.made(1)
    trials.forget("refimpl")
    assert later.made(1) is not before


def test_the_honest_run_ends_where_a_number_leaves_its_range():
    """One step is all that the row has: later ones, at its rate, diverge."""
    _, record = trials.recorded("convolution-by-hand", "float64")
    stages = [record.computed(stage).values() for stage in trials.STAGES]
    assert all(np.isfinite(array).all() for arrays in stages for array in arrays)


@pytest.mark.parametrize(("survivors", "code"), [(1, 0), (2, 1)])
def test_the_command_fails_below_the_promised_share(survivors, code, monkeypatch, capsys):
    mutant = _adam("np.sqrt(v) + self.epsilon", "np.sqrt(v)")
    outcomes = [mutation.Outcome(mutant, "" if k < survivors else "a row", "") for k in range(100)]
    report = mutation.Report(outcomes, seconds=1.0)
    monkeypatch.setattr(mutation, "run", lambda *_: report)
    monkeypatch.setattr(mutation, "stale_rows", lambda *_: [])
    assert main(["mutants", "--tree", "refimpl", "--file", mutant.file]) == code
    assert f"killed or explained: {100 - survivors}.00%" in capsys.readouterr().out


# --------------------------------------------------------------------- the command


def test_the_command_prints_the_count_and_what_survives(capsys, tmp_path):
    file = tmp_path / "mutants.jsonl"
    where = ["--tree", "refimpl", "--file", "activations/relu6.py"]
    assert main(["mutants", *where, "--json", str(file)]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "killed or explained: 100.00%" in printed
    assert len(file.read_text().splitlines()) == len(mutants("refimpl", where[-1]))
    assert main(["mutants", "--file", "no/such.py"]) == 2
    assert main(["mutants", *where, "--only", "no such words"]) == 2
    assert main(["mutants", "--tree", "keras"]) == 2
