"""The first line of somebody's code whose value leaves what it should be.

The formula's own lines (``refimpl``, the forms) are watched as yours are, over balls of any way of
writing (L17).  A value of yours is *right* if it lies in the ball of a value of the formula's, in
any order of axes, or in a row of it, a sample's; so is one that right values of yours were
made of, if something behind it is right again.  *Of the formula* is, too, what is a
constant times such a value, or a simple function of one (1 - h, exp(-z), h > 0), since how a
formula is put into lines is anybody's choice.  From the number that is wrong one goes
back through what its lines read as long as nothing is of the formula: the line at which this
ends took only what is of the formula, and gives what is not.
"""

import os
import re
import sys
import sysconfig
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

import numpy as np

from equivalence.arithmetic.regrouping import REGROUPINGS, RegroupingArray, unit_of
from equivalence.diagnose.layout import orders
from equivalence.diagnose.recipe import Way, brought, follow
from equivalence.diagnose.tracing import Tracer, Value
from equivalence.errors import BadInput

ROOT = Path(__file__).parents[2]
MOST_ROWS = 512  # of a batch whose samples' own values are looked for
LONGEST = 110  # characters of a line that is shown
# What one line may make of a right value on the way to the next, by name.
HELPERS = {
    "1 - {}": lambda a: 1 - a,
    "{} squared": lambda a: a * a,
    "1 - {} squared": lambda a: 1 - a * a,
    "the root of {}": lambda a: np.sqrt(a),
    "exp({})": lambda a: np.exp(a),
    "exp(-{})": lambda a: np.exp(-a),
    "1 + exp(-{})": lambda a: 1 + np.exp(-a),
    "log({})": lambda a: np.log(a),
    "1 / {}": lambda a: 1 / a,
}


@dataclass(frozen=True)
class Line:
    """A line of somebody's code whose value is the first that is not as it should be.

    takes: what it reads, each ``(name, line, what it is)``; factor: of a value of the formula's
        that it is a multiple of, 0 if of none; formula: the line of ours that comes next.
    """

    file: str
    line: int
    text: str
    name: str
    takes: tuple = ()
    factor: float = 0.0
    formula: str = ""

    def __str__(self):
        text = self.text if len(self.text) <= LONGEST else self.text[: LONGEST - 3] + "..."
        words = (
            "The first value on the way there that is none of the formula's arises in line "
            f"{self.line} of {self.file}: {text}"
        )
        if self.name and not text.startswith((self.name, "return", "lambda")):
            words += f" ({self.name})"
        if self.takes:
            words += "; it takes " + ", ".join(f"{n} (line {k}: {w})" for n, k, w in self.takes)
        if self.factor:
            words += f"; it is {self.factor:.6g} times {self.formula}"
        elif self.formula:
            words += f"; there the formula has {self.formula}"
        return words + "."


@cache
def is_own(file):
    """Say whether a file is somebody's own: no library, nothing of ours, and there to be read."""
    if file.startswith("<") or not os.path.exists(file):
        return False
    path = Path(file).resolve()
    libraries = {sysconfig.get_path(k) for k in ("stdlib", "platstdlib", "purelib", "platlib")}
    ours = [ROOT / room for room in ("equivalence", "refimpl", "tfimpl")]
    if any(path.is_relative_to(Path(p).resolve()) for p in (*libraries, *ours)):
        return False
    return "site-packages" not in path.parts


@cache
def is_formula(file):
    path = Path(file)
    return path.is_relative_to(ROOT / "refimpl") or path.is_relative_to(
        ROOT / "equivalence" / "diagnose" / "forms"
    )


# ---------------------------------------------------------------------------- what is right


@dataclass(frozen=True)
class Known:
    """A value of the formula's, or a row of it: a ball, and where it comes from.

    total, squares: the sums of its magnitudes and squares, by which it is looked up.
    plain: whether it is a value itself, not what HELPERS make of one.
    """

    mid: np.ndarray
    rad: np.ndarray
    value: Value | None
    name: str
    plain: bool
    total: float
    squares: float


class Noted(RegroupingArray):
    """A ball that notes itself, with the line of the formula that makes it."""

    made: ClassVar[list] = []

    def __init__(self, mid, rad, dtype):
        super().__init__(mid, rad, dtype)
        frame = sys._getframe(1)
        while frame is not None and not is_formula(frame.f_code.co_filename):
            frame = frame.f_back
        if frame is not None:
            self.made.append((self, frame.f_code.co_filename, frame.f_lineno))


class Pool:
    """The formula's values of one step, to be looked up by their numbers.

    sizes: of the arrays that will be looked up; others are not kept.
    """

    def __init__(self, dtype, sizes):
        self.unit, self.sizes = unit_of(dtype), sizes
        self._of_size, self._there = {}, {}

    def add(self, ball, value, name, plain=True):
        """Add a ball, and its rows, those of a batch."""
        if id(ball) in self._there:
            return
        self._there[id(ball)] = ball  # kept, or another ball might get its identity
        mid, rad = np.squeeze(ball.mid), np.squeeze(ball.rad)
        rows = mid.ndim >= 2 and len(mid) <= MOST_ROWS and mid[0].size in self.sizes
        if mid.size in self.sizes:
            self._add(mid, rad, value, name, plain)
        if rows:
            for row, own in zip(mid, rad):
                self._add(row, own, value, name, plain)

    def _add(self, mid, rad, value, name, plain):
        if mid.size < 2 or _trivial(mid) or not np.isfinite(rad).all():
            return
        magnitude = np.abs(mid)
        sums = float(np.sum(magnitude)), float(np.sum(magnitude * magnitude))
        known = Known(mid, rad, value, name, plain, *sums)
        self._of_size.setdefault(mid.size, []).append(known)

    def find(self, array):
        """Return (Known, factor) of the formula's value that an array is a multiple of, or None.

        The factor is 1 where it is the value itself.
        """
        array = np.squeeze(np.asarray(array, np.float64))
        if array.size < 2 or not np.isfinite(array).all() or _trivial(array):
            return None
        total, squares = np.sum(np.abs(array)), np.sum(array * array)
        multiple = None
        for known in self._of_size.get(array.size, ()):
            ratio = total / known.total
            if abs(squares - ratio * ratio * known.squares) > 1e-6 * squares:
                continue
            factor = self._factor(array, known)
            if factor == 1.0:
                return known, 1.0
            if factor and multiple is None and known.plain and array.size > 2:
                multiple = known, factor
        return multiple

    def _factor(self, array, known):
        """Return 1 if the array lies in the ball, the factor if in a multiple of it, else 0."""
        found = 0.0
        shape = known.mid.shape
        ways = [array.transpose(order).reshape(shape) for order in orders(array.shape, shape)]
        if array.ndim == 1 < len(shape):  # the numbers of loops, the last axis innermost or first
            ways = [array.reshape(shape), array.reshape(shape[::-1]).T]
        for each in ways or [array.reshape(shape)]:
            own = REGROUPINGS * self.unit * np.abs(known.mid)
            if (np.abs(each - known.mid) <= known.rad + own).all():
                return 1.0
            at = np.unravel_index(np.argmax(np.abs(known.mid)), known.mid.shape)
            factor = each[at] / known.mid[at]
            wide = np.abs(factor) * (2 * known.rad + 4 * own)
            if factor and (np.abs(each - factor * known.mid) <= wide + 4 * own).all():
                found = found or float(factor)
        return found


def _trivial(array):
    """Say whether an array has but one number, or 0 and 1 alone: that says nothing."""
    return bool((array == array.flat[0]).all() or ((array == 0) | (array == 1)).all())


def _slopes(frame, result):
    """Return the slope of an activation whose ``backward`` returns."""
    here = frame.f_locals
    activation = Path(frame.f_code.co_filename).parent.name == "activations"
    if not activation or frame.f_code.co_name != "backward":
        return []
    ones = here["yb"] * 0 + 1
    return [("the slope", here["self"].backward(ones, here["x"], here["y"]))]


def pool_of(recipe, seen, step, sizes):
    """Return (Pool, the formula's Values) of a step from where yours was."""
    lift = lambda a: Noted(np.asarray(a, np.float64), 0.0, seen.dtype)
    Noted.made.clear()
    way, tracer = Way(recipe, lift), Tracer(is_formula, _slopes)
    names = recipe.network.weight_names
    for s in range(step + 1):
        weights = tuple(lift(w) for w in seen.weights[0 if seen.restarts else s])
        given = seen.gradients[s] if seen.gradients else {}
        if s < step:
            way.step(s, weights, given, seen.moves)
            continue
        Noted.made.clear()
        with np.errstate(all="ignore"), tracer.watching():
            passed, after = way.step(s, weights, given, seen.moves)
    parts = [
        Value(-1, file, line, "", "a part of the line", ball, ()) for ball, file, line in Noted.made
    ]
    pool = Pool(seen.dtype, sizes)
    for name, ball in zip(names, weights):
        pool.add(ball, None, name)
    stages = [*zip(recipe.network.activation_names, passed.activations)]
    stages += [(f"the gradient of {n}", g) for n, g in zip(names, passed.gradients)]
    stages += [(f"the new {n}", a) for n, a in zip(names, after or ())]
    for name, ball in stages:
        pool.add(lift(0) + ball, None, name)
    balls = [v for v in tracer.values if hasattr(v.array, "mid")]
    for value in balls:
        pool.add(value.array, value, value.name)
    with np.errstate(all="ignore"):
        for value in balls:
            if value.array.size not in sizes and value.array.shape[-1:] != ():
                rows = value.array.size // max(value.array.shape[0], 1)
                if rows not in sizes:
                    continue
            for words, helper in HELPERS.items():
                pool.add(helper(value.array), value, words.format(value.name), plain=False)
    for part in parts:
        pool.add(part.array, part, part.name)
    Noted.made.clear()
    return pool, balls


# ------------------------------------------------------------------------------ the first line


def first_line(recipe, seen, where):
    """Return the Line at which your code leaves the formula, or None where none can be named.

    seen.again: runs your code once more up to a step, watched there.
    """
    if where is None or seen.again is None:
        return None
    tracer = Tracer(is_own)
    try:
        result = seen.again(where.step, tracer.watching)
    except BadInput:
        return None
    wrong = _value_of(tracer, result, seen, recipe, where)
    if wrong is None or not wrong.parts or tracer.full:
        return None
    sizes = {np.size(value.array) for value in tracer.values}
    pool, formula = pool_of(recipe, seen, where.step, sizes)
    known = _Judged(tracer.values, pool, _is_multiple(recipe, seen, where))
    line = known.first(wrong)
    return line and _told(line, known, formula)


def _value_of(tracer, result, seen, recipe, where):
    """Return the last Value that is the wrong tensor, by its numbers."""
    found = brought(seen, recipe.network.weight_names)[where.stage, where.tensor]
    array = seen.weights[where.step + 1] if where.stage == "weights" else None
    if array is None:
        wanted = found[where.step]
    else:
        wanted = array[list(recipe.network.weight_names).index(where.tensor)]
    wanted = np.sort(np.ravel(np.asarray(wanted, np.float64)))
    for value in reversed(tracer.values):
        own = np.asarray(value.array)
        if own.size == wanted.size and np.array_equal(
            np.sort(np.ravel(own.astype(np.float64))), wanted
        ):
            return value
    return None


def _is_multiple(recipe, seen, where):
    """Say whether the wrong tensor is a multiple of the right one throughout."""
    yours = brought(seen, recipe.network.weight_names)[where.stage, where.tensor][where.step]
    right = follow(recipe, seen, balls=True)[where.stage, where.tensor][where.step]
    pool = Pool(seen.dtype, {right.size})
    pool.add(right, None, where.tensor)
    return pool.find(yours) is not None


class _Judged:
    """Your Values, and which of them are right, of the formula, or neither.

    multiples: whether the mistake is a factor, so that a multiple is not of the formula.
    """

    def __init__(self, values, pool, multiples):
        self.values, self.pool, self.multiples = values, pool, multiples
        self.found = {v.number: pool.find(v.array) for v in values}
        self.right = {n for n, f in self.found.items() if f and f[1] == 1.0 and f[0].plain}
        for value in reversed(values):  # what right values were made of
            if value.number in self.right and not value.passing:
                self.right |= {part.number for part in value.parts}

    def is_of_formula(self, value):
        if value.number in self.right or not value.parts:
            return True
        array = np.asarray(value.array)
        if array.size > 1 and _trivial(array):
            return True
        found = self.found[value.number]
        return bool(found) and (not self.multiples or found[1] == 1.0)

    def first(self, wrong):
        """Return the first Value on the way to the wrong one that took only what is right."""
        waiting, seen = [wrong], {}
        while waiting:
            value = waiting.pop()
            if value.number in seen:
                continue
            seen[value.number] = value
            waiting += [p for p in value.parts if not self.is_of_formula(p)]
        sources = [
            v for v in seen.values() if not any(p.number in seen and p is not v for p in v.parts)
        ]
        found = min(sources, key=lambda v: v.number, default=None)
        if found is not None and np.size(found.array) == 1 < np.size(wrong.array):
            return self._first_of_numbers(wrong, seen)
        return found

    def _first_of_numbers(self, wrong, seen):
        """The same where loops make single numbers: a line's numbers are judged together.

        One number may be a part of any sum.  Those that a line reads while a loop runs are as many
        as it makes, and are right if they, in turn, are an array of the formula's.
        """
        made = {}
        for value in sorted(seen.values(), key=lambda v: v.number):
            made.setdefault(_where(value), []).append(value)
        at, visited = _where(wrong), set()
        while True:
            visited.add(at)
            read = {}
            for value in made[at]:
                for part in value.parts:
                    if part.number in seen and _where(part) not in visited:
                        read.setdefault(_where(part), []).append(part)
            left = [k for k, parts in read.items() if not self._are_of_formula(parts)]
            if not left:
                return made[at][-1] if len(made[at]) > 1 else None
            at = min(left, key=lambda k: made[k][0].number)

    def _are_of_formula(self, parts):
        """Say whether numbers that a line read one after the other are right together."""
        once = list({part.number: part for part in parts}.values())
        if all(map(self._is_taken_out, once)):
            return True
        for each in (parts, once):
            numbers = np.array([np.ravel(part.array)[0] for part in each], np.float64)
            if all(np.size(part.array) == 1 for part in each) and (
                _trivial(numbers) or self._is_found(numbers)
            ):
                return True
        return False

    def _is_taken_out(self, value):
        """Say whether a number is one of an array that is right."""
        return np.size(value.array) == 1 and any(
            self.is_of_formula(part) and np.any(np.asarray(part.array) == value.array)
            for part in value.parts
        )

    def _is_found(self, numbers):
        found = self.pool.find(numbers)
        return bool(found) and (not self.multiples or found[1] == 1.0)

    def what(self, value):
        """Say what a right Value is of the formula."""
        found = self.found[value.number]
        if not found:
            return "as given" if not value.parts else "right"
        known, factor = found
        name = _name(known)
        return name if factor == 1.0 else f"{factor:.6g} times {name}"


def _where(value):
    """Return the line and the name under which a loop makes a Value again and again."""
    return value.file, value.line, value.name


def _name(known):
    if known.value is None:
        return known.name
    name = known.name.removesuffix(" of the line")
    return f"{name} of {'the line ' * (name != known.name)}{_place(known.value)}"


def _place(value):
    """Return a file of ours and the line, as a reader looks it up."""
    return f"{Path(value.file).relative_to(ROOT).as_posix()}:{value.line}"


def _told(value, known, formula):
    """Return a Value of yours as a Line, with what it took and what the formula has there."""
    takes, found, factor, words = {}, known.found[value.number], 0.0, ""
    for part in value.parts:
        if part.name and np.size(part.array) > 1 and not part.name.startswith("what "):
            takes.setdefault(part.name, (part.name, part.line, known.what(part)))
    if found and found[1] != 1.0:
        factor, words = found[1], _name(found[0])
    else:
        words = _next(value, known, formula)
    file = os.path.relpath(value.file) if _is_below(value.file) else value.file
    return Line(file, value.line, value.text, value.name, tuple(takes.values())[:4], factor, words)


def _is_below(file):
    return Path(file).is_relative_to(Path.cwd())


def _next(value, known, formula):
    """Return the formula's line of that shape that takes what this line took, or ""."""
    found = [known.found[part.number] for part in value.parts]
    taken = {f[0].value.number for f in found if f and f[0].value}
    met = {f[0].value.number for f in known.found.values() if f and f[0].value and f[1] == 1.0}
    shape = sorted(n for n in np.shape(value.array) if n != 1)
    for own in formula:
        alike = sorted(n for n in own.array.shape if n != 1) == shape
        takes = taken & {part.number for part in own.parts}
        passing = own.passing or own.name.startswith("what ")
        if takes and alike and own.number not in met and not passing:
            text = re.sub(r"\s*# \(\d+\)$", "", own.text)
            return f"{text} ({_place(own)})"
    return ""
