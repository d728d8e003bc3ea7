"""``equivalence mutants``: how many small changes of the arithmetic the judge would notice.

Each mutant of ``operators`` is put into the running process, one at a time, and tried on the
rows that run its line (``trials``): it is *killed* by the first that shows it.  A function's
code is exchanged in place, so that everything that imported it has the change; a constant of
a class or a module is planted, as a ``Plant`` is.  What survives is either explained, in
``tables/explained.py``, or a hole in the tables of rows.
"""

import ast
import signal
import types
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from time import monotonic

from equivalence import trees
from equivalence.arithmetic import precisions
from equivalence.pairs.plant import Plant
from equivalence.plants import operators
from equivalence.plants.operators import Mutant
from equivalence.plants.planting import planted
from equivalence.plants.trials import (
    FINEST,
    covered,
    files_of,
    forget,
    in_every_format,
    prepare,
    trials,
)

TREES = ("refimpl", "tfimpl")
# On how many rows a mutant is tried, those that run the fewest files first.
MOST = {
    ("refimpl", "float64"): 60,
    ("refimpl", "float32"): 10,
    ("tfimpl", "float64"): 12,
    ("tfimpl", "float32"): 2,
}
SECONDS = 5  # of computing, after which a mutant counts as one that does not end
NO_ROW = "no row runs the line"


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant.

    by: the trial that killed it, "" of a survivor.
    shown: where it showed, or of a survivor how many rows were tried.
    """

    mutant: Mutant
    by: str
    shown: str

    @property
    def killed(self):
        return bool(self.by)


@dataclass(frozen=True)
class Work:
    """The mutants of one file of one tree, and the trials that run it with its lines there."""

    tree: str
    file: str
    trials: tuple

    def __str__(self):
        return f"{self.tree}/{self.file}"


# ------------------------------------------------------------------ putting it in


class Change:
    """A mutant that is ready to be put into the running process, and taken out again.

    Raises ImportError or whatever else its compilation raises.
    """

    def __init__(self, mutant):
        self.mutant = mutant
        self.function, self.code = (None, None) if mutant.constant else _exchange(mutant)
        self.namespace = None if self.function else _planted(mutant)

    @contextmanager
    def applied(self):
        """Within, the mutant's tree has the change; gives the namespace to build from."""
        if self.namespace:
            yield self.namespace
            return
        before, self.function.__code__ = self.function.__code__, self.code
        forget(self.mutant.tree)
        try:
            yield trees.namespace(self.mutant.tree)
        finally:
            self.function.__code__ = before
            forget(self.mutant.tree)


def _planted(mutant):
    """Return the namespace with a mutant that is no function's."""
    module = import_module(_module(mutant))
    source = Path(module.__file__).read_text(encoding="utf-8")
    return planted(Plant("mutant", mutant.tree, mutant.file, source, mutant.source, "", ""))


def _module(mutant):
    name = mutant.file.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    return f"{mutant.tree}.{name}"


def _exchange(mutant):
    """Return the live function and its changed code, or twice None if it cannot take that."""
    function = _live(import_module(_module(mutant)), mutant.function)
    if function is None:
        return None, None
    before = function.__code__
    changed = compile(mutant.source, before.co_filename, "exec", dont_inherit=True)
    code = _code(changed, mutant.function.split("."), before.co_firstlineno)
    if code is None or code.co_freevars != before.co_freevars:
        return None, None
    return function, code


def _live(module, name):
    """Return the function of a module by its name, without its decorators, or None."""
    found = module
    for part in name.split("."):
        found = vars(found).get(part)
        if found is None:
            return None
    if isinstance(found, property):
        found = found.fget
    elif isinstance(found, cached_property):
        found = found.func
    elif isinstance(found, (classmethod, staticmethod)):
        found = found.__func__
    while hasattr(found, "__wrapped__"):
        found = found.__wrapped__
    return found if isinstance(found, types.FunctionType) else None


def _code(code, names, line):
    """Return the code of the function with these names, of which the first are its classes'."""
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType) and constant.co_name == names[0]:
            if len(names) > 1:
                return _code(constant, names[1:], line)
            if constant.co_firstlineno == line:
                return constant
    return None


# ------------------------------------------------------------------------ trying it


def attempt(mutant, candidates):
    """Return the Outcome of a mutant on these trials, in their order."""
    try:
        with _in_time():
            change = Change(mutant)
    except Exception as error:
        return Outcome(mutant, "its import", type(error).__name__)
    for trial in candidates:
        prepare(trial, mutant.tree)  # what this raises is no mutant's doing
        try:
            with _in_time(), change.applied() as m:
                shown = trial.outside(m)
        except TimeoutError as error:
            shown = str(error)
        if shown:
            return Outcome(mutant, str(trial), shown)
    return Outcome(mutant, "", f"tried on {len(candidates)}" if candidates else NO_ROW)


class Endless(BaseException):
    """A mutant takes too long; no ``except Exception`` of a trial may hold it up."""


@contextmanager
def _in_time():
    """Raise TimeoutError for what computes longer than a mutant may, where there are alarms.

    In seconds of this process: on a busy machine nothing else may end a mutant.
    """
    if not hasattr(signal, "SIGVTALRM"):
        yield
        return

    def stop(*_):
        raise Endless

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    except Endless:
        raise TimeoutError(f"takes longer than {SECONDS} s") from None
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def try_file(work):
    """Return the Outcomes of all mutants of a file."""
    trees.namespace(work.tree)  # the libraries are imported before any time is taken
    found = operators.mutants(work.tree, work.file)
    chosen = {}
    for mutant in found:
        key = _where(mutant, work)
        if key not in chosen:
            chosen[key] = _candidates(work, key)
    outcomes, kills = [], Counter()
    with _quiet():
        for mutant in found:
            # what has shown others of the file shows the next one soonest
            ordered = sorted(chosen[_where(mutant, work)], key=lambda trial: -kills[str(trial)])
            outcomes.append(attempt(mutant, ordered))
            kills[outcomes[-1].by] += 1
    return outcomes


@contextmanager
def _quiet():
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _where(mutant, work):
    """Return the lines that a trial must run to see a mutant, or () for any.

    Where Python has no line of its own for a part of a statement, those of its function.
    """
    if mutant.constant:
        return ()
    if any(mutant.line in run for _, run in work.trials):
        return (mutant.line,)
    return _lines_of(mutant.tree, mutant.file).get(mutant.function, ())


@cache
def _lines_of(tree, file):
    """Return {function: the lines of its statements} of a file."""
    path = Path(import_module(tree).__path__[0], file)
    found = {}

    def walk(body, around):
        for node in body:
            if isinstance(node, ast.ClassDef):
                walk(node.body, f"{around}{node.name}.")
            elif isinstance(node, ast.FunctionDef):
                inner = [n.lineno for s in node.body for n in ast.walk(s) if hasattr(n, "lineno")]
                found[f"{around}{node.name}"] = tuple(sorted(set(inner)))

    walk(ast.parse(path.read_text(encoding="utf-8")).body, "")
    return found


def _candidates(work, lines):
    """Return the trials that run one of these lines, float64 first."""
    running = [trial for trial, run in work.trials if not lines or run & set(lines)]
    return [
        trial
        for dtype in reversed(precisions.NAMES)
        for trial in [t for t in running if t.dtype == dtype][: MOST[work.tree, dtype]]
    ]


def _varied(runs):
    """Return (trial, lines by file) with those first that run a line that none before them runs.

    A base class is run by every row of its children: the first sixty would be much alike.
    """
    known, new, alike = set(), [], []
    for trial, seen in runs:
        lines = {(file, line) for file, some in seen.items() for line in some}
        (alike if lines <= known else new).append((trial, seen))
        known |= lines
    return [*new, *alike]


# ---------------------------------------------------------------------- the command


@dataclass
class Report:
    """All outcomes, what could not be tried, and the time that it took."""

    outcomes: list = field(default_factory=list)
    broken: list = field(default_factory=list)
    seconds: float = 0.0


def look(asked):
    """Return [(trial, its lines by file)] of some trials in a tree, (tree, trials)."""
    tree, some = asked
    return tree, [(trial, covered(trial, tree)) for trial in some]


def run(chosen, pool, step=lambda words, done, total: None, add=lambda outcomes: None):
    """Try the mutants of ``chosen``, (tree, file) pairs; return the Report.

    pool: ``Workers``.
    step: is told what is done, how much of it, and of how much.
    add: is given the outcomes of each file when it is done.
    """
    begun, report = monotonic(), Report()
    parts = [part for tree in TREES for part in _parts(tree, chosen)]
    runs = {tree: [] for tree in TREES}
    for done, (_, outcome) in enumerate(pool.map(look, parts), 1):
        if isinstance(outcome, BaseException):
            report.broken.append(str(outcome))
        else:
            tree, seen = outcome
            runs[tree] += seen
        step("rows", done, len(parts))
    works = [_work(tree, file, runs[tree]) for tree, file in chosen]
    works.sort(key=lambda work: -len(operators.mutants(work.tree, work.file)))
    for done, (work, outcome) in enumerate(pool.map(try_file, works), 1):
        if isinstance(outcome, BaseException):
            report.broken.append(f"{work}: {type(outcome).__name__}: {outcome}")
        else:
            report.outcomes += outcome
            add(outcome)
        step("mutants", done, len(works))
    report.seconds = monotonic() - begun
    return report


def _parts(tree, chosen):
    """Return (tree, trials) a dozen at once, of what may run the chosen files of the tree.

    Which lines a row runs does not depend on its format: one of them is looked at.
    """
    wanted = {file for of, file in chosen if of == tree}
    known = wanted <= set(operators.files("refimpl"))  # else any row may run them
    looked = [t for t in trials() if t.dtype == FINEST and (not known or wanted & files_of(t))]
    looked = looked if wanted else []
    return [(tree, looked[k : k + 12]) for k in range(0, len(looked), 12)]


def _work(tree, file, runs):
    """Return the Work of a file: its trials, those that run the fewest files first."""
    ordered = sorted(runs, key=lambda item: (len(item[1]), str(item[0])))
    running = _varied([(trial, seen) for trial, seen in ordered if file in seen])
    found = [(trial, frozenset(seen[file])) for trial, seen in running]
    every = [(of, run) for trial, run in found for of in in_every_format(trial)]
    return Work(tree, file, tuple(every))


def unexplained(outcomes):
    """Return the survivors without a row in ``tables/explained.py``."""
    from equivalence.plants.tables.explained import reason

    return [o for o in outcomes if not o.killed and not reason(o.mutant)]


def summary(outcomes, seconds):
    """Return the lines that say how many mutants are killed or explained."""
    total, left = len(outcomes), len(unexplained(outcomes))
    killed = sum(o.killed for o in outcomes)
    explained = total - killed - left
    share = (total - left) / max(total, 1)
    lines = [
        f"{total:,} mutants: {killed:,} killed, {explained:,} explained, {left:,} neither",
        f"killed or explained: {share:.2%}, in {seconds:.0f} s",
    ]
    kinds = Counter(o.mutant.kind for o in unexplained(outcomes))
    if kinds:
        lines.append("left by operator: " + ", ".join(f"{k} {n}" for k, n in kinds.most_common()))
    return lines


def show(chosen, words, console, progress, write=lambda record: None):
    """Try the mutants of ``chosen`` files, print what survives; 0 when all is explained.

    words: only mutants with these words in them count, all if empty.
    write: is given a record, a dict, of each mutant.
    """
    from equivalence.machine.workers import Workers

    bars = {}

    def step(name, done, total):
        if name not in bars:
            bars[name] = progress.add_task(name, total=total)
        progress.update(bars[name], completed=done)

    def add(outcomes):
        for outcome in outcomes:
            if words in str(outcome.mutant).lower():
                write(record_of(outcome))
        for outcome in unexplained(outcomes):
            if words in str(outcome.mutant).lower():
                line = f"survives: {outcome.mutant} ({outcome.shown})"
                console.print(line, style="red", markup=False, highlight=False, soft_wrap=True)

    with Workers(max(len(chosen), 2)) as pool:
        report = run(chosen, pool, step, add)
    outcomes = [o for o in report.outcomes if words in str(o.mutant).lower()]
    stale = [] if words else stale_rows(report.outcomes, chosen)
    for row in stale:
        line = f"explained, but gone or killed: {row}"
        console.print(line, style="bold red", markup=False, soft_wrap=True)
    for line in report.broken:
        console.print(line, style="bold red", markup=False, soft_wrap=True)
    for line in summary(outcomes, report.seconds):
        console.print(line, markup=False, highlight=False)
    return 1 if stale or report.broken or unexplained(outcomes) else 0


def record_of(outcome):
    """Return an outcome as a dict of what JSON has."""
    from equivalence.plants.tables.explained import reason

    mutant = outcome.mutant
    names = ("tree", "file", "line", "function", "kind", "before", "after", "number")
    told = {name: getattr(mutant, name) for name in names}
    why = "" if outcome.killed else reason(mutant)
    return {**told, "killed_by": outcome.by, "shown": outcome.shown, "reason": why}


def stale_rows(outcomes, chosen):
    """Return the rows of the explained, of the chosen files, whose mutant is gone or killed."""
    from equivalence.plants.tables.explained import rows_of

    alive = {(o.mutant.tree, *o.mutant.key) for o in outcomes if not o.killed}
    return [row for place in chosen for row in rows_of(*place) if row not in alive]
