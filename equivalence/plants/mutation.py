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
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import import_module
from itertools import chain
from pathlib import Path
from time import monotonic, process_time

from equivalence import trees
from equivalence.pairs.plant import DoesNotFit, Plant
from equivalence.plants import operators
from equivalence.plants.operators import Mutant
from equivalence.plants.planting import present, with_modules
from equivalence.plants.trials import (
    FINEST,
    covered,
    files_of,
    forget,
    in_every_format,
    only_in,
    prepare,
    trees_of,
    trials,
)

TREES = ("refimpl", "tfimpl")
# On how many rows, of those that run its line, a mutant is tried.
MOST = 40
MOST_COARSER = 4  # and on how many of them in coarser formats, too
PART = 120  # mutants that a worker has at once
# Seconds of a trial that was not tried yet, with what is honest of it still to be computed.
UNKNOWN, UNPREPARED = 0.05, 1.0
SECONDS = 5  # of computing, after which a mutant counts as one that does not end
NO_ROW = "no row runs the line"
PROMISED = 0.99  # the share of all mutants that is killed or explained


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
    """Some mutants of one file of one tree.

    first, behind: which of the file's mutants.
    candidates: of each, the trials that may show it.
    """

    tree: str
    file: str
    first: int
    behind: int
    candidates: tuple

    def __str__(self):
        return f"{self.tree}/{self.file}, mutants from {self.first + 1}"


# ------------------------------------------------------------------ putting it in


class Change:
    """A mutant that is ready to be put into the running process, and taken out again.

    Raises ImportError or whatever else its compilation raises.
    """

    def __init__(self, mutant):
        self.mutant = mutant
        self.function, self.code = (None, None) if mutant.constant else _exchange(mutant)
        self.namespace, self.modules = (None, {}) if self.function else _planted(mutant)

    @contextmanager
    def applied(self):
        """Within, the mutant's tree has the change; gives the namespace to build from."""
        if self.namespace:
            with present(self.modules):
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
    """Return the namespace with a mutant that is no function's, and the modules that have it."""
    return _with_source(mutant.tree, mutant.file, _module(mutant), mutant.source)


def _with_source(tree, file, module, changed=None):
    """Return what ``with_modules`` gives for a file of another source, or once more of its own."""
    source = Path(import_module(module).__file__).read_text(encoding="utf-8")
    return with_modules(Plant("mutant", tree, file, source, changed or source, "", ""))


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


def attempt(mutant, candidates, took=lambda trial, seconds: None):
    """Return the Outcome of a mutant on these trials, in their order.

    took: is told how long each trial took.
    """
    import_module(_module(mutant))  # what the honest module raises is no mutant's doing
    try:
        with _in_time():
            change = Change(mutant)
    except DoesNotFit:
        raise  # the mutant was never there
    except Exception as error:
        return Outcome(mutant, "its import", type(error).__name__)
    for trial in candidates:
        prepare(trial, mutant.tree)  # what this raises is no mutant's doing
        begun = process_time()
        try:
            with _in_time(), change.applied() as m:
                shown = trial.outside(m)
        except TimeoutError as error:
            shown = str(error)
        took(trial, process_time() - begun)
        honest = (trial, mutant.tree, mutant.file, _module(mutant))
        if shown and not (change.modules and shown == _shown_unchanged(*honest)):
            return Outcome(mutant, str(trial), shown)
    return Outcome(mutant, "", f"tried on {len(candidates)}" if candidates else NO_ROW)


@cache
def _shown_unchanged(trial, tree, file, module):
    """Return where a trial shows a file that is planted as it is; "" for nowhere.

    Rules for functions of the real module do not answer for those of one imported again.
    """
    found, modules = _with_source(tree, file, module)
    with present(modules):
        return trial.outside(found)


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


def try_part(work):
    """Return the Outcomes of some mutants of a file."""
    trees.namespace(work.tree)  # the libraries are imported before any time is taken
    found = operators.mutants(work.tree, work.file)
    outcomes, order = [], Order()
    with _quiet():
        for mutant, candidates in zip(found[work.first : work.behind], work.candidates):
            outcomes.append(attempt(mutant, order.of(mutant, candidates), order.took))
            order.learn(outcomes[-1])
    return outcomes


class Order:
    """Which trial is asked first: what has killed others of the function, and costs little."""

    costs: dict = {}  # seconds that a trial took in this process

    def __init__(self):
        self.of_function, self.of_file = Counter(), Counter()

    def of(self, mutant, candidates):
        """Return the trials in the order in which they are asked."""

        def rank(trial):
            name = str(trial)
            kills = self.of_function[mutant.function, name] + self.of_file[name] / 10
            cost = self.costs.get(trial, UNKNOWN + UNPREPARED)
            return -kills / cost, trial.dtype != FINEST, cost

        return sorted(candidates, key=rank)

    def took(self, trial, seconds):
        """Note what a trial took, a moment at least."""
        before = self.costs.get(trial, seconds)
        self.costs[trial] = max(1e-3, (2 * before + seconds) / 3)

    def learn(self, outcome):
        self.of_function[outcome.mutant.function, outcome.by] += 1
        self.of_file[outcome.by] += 1


@contextmanager
def _quiet():
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _where(mutant, run):
    """Return the lines that a trial must run to see a mutant, or () for any.

    run: all lines of its file that some trial runs.  Where Python has no line of its own for a
    part of a statement, those of its function; of a constant, those that name it, if all are run
    and in functions: what else is made of it may be named in others.
    """
    of_functions = _lines_of(mutant.tree, mutant.file)
    if mutant.constant:
        named = _naming(mutant.tree, mutant.file)[mutant.function.rpartition(".")[2]]
        return tuple(sorted(named)) if named <= run & {*chain(*of_functions.values())} else ()
    if mutant.line in run:
        return (mutant.line,)
    return of_functions.get(mutant.function, ())


@cache
def _naming(tree, file):
    """Return {name: the lines of the file that read it, as it stands or of an object}."""
    path, found = Path(import_module(tree).__path__[0], file), defaultdict(set)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
            found[node.id if isinstance(node, ast.Name) else node.attr].add(node.lineno)
    return found


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


def _candidates(running, own, coarser=MOST_COARSER):
    """Return the trials that are asked of those that run a line, and some in other formats.

    own: the bits of the lines of the mutant's file.
    coarser: how many are asked in other formats, too.
    """
    some = _varied(running, MOST, own)
    coarser = [of for trial in some[:coarser] for of in in_every_format(trial)]
    return (*some, *(trial for trial in coarser if trial not in some))


def _varied(runs, most, own=0):
    """Return at most so many trials, each the one with the most lines that none before it runs.

    A base class is run by every row of its children: the first forty would be much alike.
    The lines of the file itself count before those of others.

    runs: (trial, the bits of the lines that it runs in all files), the cheapest first.
    """
    if len(runs) <= most:
        return [trial for trial, _ in runs]
    left, known, found = dict(runs), 0, []
    for _ in range(most):
        news = {trial: lines & ~known for trial, lines in left.items()}
        best = max(news, key=lambda t: ((news[t] & own).bit_count(), news[t].bit_count()))
        found.append(best)
        known |= left.pop(best)
    return found


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
    works = [work for tree, file in chosen for work in _works(tree, file, runs[tree])]
    tried, total = 0, sum(work.behind - work.first for work in works)
    for work, outcome in pool.map(try_part, works):
        if isinstance(outcome, BaseException):
            report.broken.append(f"{work}: {type(outcome).__name__}: {outcome}")
        else:
            report.outcomes += outcome
            add(outcome)
        tried += work.behind - work.first
        step("mutants", tried, total)
    report.seconds = monotonic() - begun
    return report


def _parts(tree, chosen):
    """Return (tree, trials) a dozen at once, of what may run the chosen files of the tree.

    Which lines a row runs does not depend on its format: one of them is looked at.
    """
    wanted = {file for of, file in chosen if of == tree}
    known = wanted <= set(operators.files("refimpl"))  # else any row may run them
    of_tree = [t for t in trials() if t.dtype in (FINEST, *only_in(t)) and tree in trees_of(t)]
    looked = [t for t in of_tree if not known or wanted & files_of(t)]
    looked = looked if wanted else []
    return [(tree, looked[k : k + 12]) for k in range(0, len(looked), 12)]


def _works(tree, file, runs):
    """Return the Works of a file, of at most ``PART`` mutants each."""
    found = operators.mutants(tree, file)
    running = [(trial, seen) for trial, seen in runs if file in seen]
    running.sort(key=lambda item: (len(item[1]), str(item[0])))
    bits, own = _bits(running, file)
    lines = frozenset(line for _, seen in running for line in seen[file])
    chosen, of_each = {}, []
    for mutant in found:
        key = _where(mutant, lines)
        seeing = tuple(t for t, seen in running if not key or not set(seen[file]).isdisjoint(key))
        # a line that none runs in the finest format may be one of coarser formats alone
        coarser = MOST_COARSER if mutant.constant or mutant.line in lines else MOST
        if (seeing, coarser) not in chosen:
            few = [(trial, bits[trial]) for trial in seeing]
            chosen[seeing, coarser] = _candidates(few, own, coarser)
        of_each.append(chosen[seeing, coarser])
    parts = [(k, min(k + PART, len(found))) for k in range(0, len(found), PART)]
    return [Work(tree, file, k, to, tuple(of_each[k:to])) for k, to in parts]


def _bits(runs, own):
    """Return {trial: the lines that it runs, in all files, a bit each}, and those of ``own``."""
    numbers, found = {}, {}
    for trial, seen in runs:
        mask = 0
        for file, lines in seen.items():
            for line in lines:
                mask |= 1 << numbers.setdefault((file, line), len(numbers))
        found[trial] = mask
    return found, sum(1 << number for (file, _), number in numbers.items() if file == own)


def unexplained(outcomes):
    """Return the survivors without a row in ``tables/explained.py``."""
    from equivalence.plants.tables.explained import reason

    return [o for o in outcomes if not o.killed and not reason(o.mutant)]


def summary(outcomes, seconds):
    """Return the lines that say how many mutants are killed or explained."""
    total, left = len(outcomes), len(unexplained(outcomes))
    killed = sum(o.killed for o in outcomes)
    explained = total - killed - left
    lines = [
        f"{total:,} mutants: {killed:,} killed, {explained:,} explained, {left:,} neither",
        f"killed or explained: {_share(outcomes):.2%}, in {seconds:.0f} s",
    ]
    kinds = Counter(o.mutant.kind for o in unexplained(outcomes))
    if kinds:
        lines.append("left by operator: " + ", ".join(f"{k} {n}" for k, n in kinds.most_common()))
    return lines


def show(chosen, words, console, progress, write=lambda record: None):
    """Try the mutants of ``chosen`` files, print what survives.

    Returns 0 where as many are killed or explained as is PROMISED, all could be tried, and no
    row of the explained is stale; else 1.

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
    return 1 if stale or report.broken or _share(outcomes) < PROMISED else 0


def _share(outcomes):
    """Return how much of the mutants is killed or explained."""
    return 1 - len(unexplained(outcomes)) / max(len(outcomes), 1)


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
