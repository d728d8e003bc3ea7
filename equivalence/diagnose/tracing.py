"""What each line of somebody's code makes, and of what: a run watched line by line.

``sys.settrace`` tells when a line begins and when a function returns.  Behind a line, the names,
attributes and places that it assigns are looked at: an array that was not there, or whose numbers
changed, is a Value, with the Values that the line read.  Arrays are known by identity, so that
it is the same array by every name; what a line holds in passing, as an argument
of a call, is a Value of that line.
"""

import ast
import linecache
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice
from typing import Any

import numpy as np

MOST_VALUES = 20_000  # a run is watched no further
MOST_BYTES = 2**29
DEEP, WIDE = 3, 256  # how far nests of lists and dicts are looked into


@dataclass(frozen=True)
class Value:
    """An array as a line made it: its place in time, the line, its name, what the line read.

    passing: whether not all of the parts need be in it, as what a call is handed.
    """

    number: int
    file: str
    line: int
    text: str
    name: str
    array: Any
    parts: tuple
    passing: bool = False


@dataclass
class _Open:
    """A statement that runs: where it is, what it read, and each element of a list it makes.

    called: the names of functions that it called, and what they returned.
    after: the statements behind it on its line; text: of itself, where there are some.
    """

    node: Any
    line: int
    groups: list = field(default_factory=list)
    elements: list = field(default_factory=list)
    called: list = field(default_factory=list)
    after: tuple = ()
    text: str = ""

    def of(self, k, count):
        """Return the groups that were read for part k of what is made."""
        read = self.elements[k] if count > 1 and len(self.elements) == count else self.groups
        return [*read, *self._returned()]

    def _returned(self):
        if not self.after:
            return [made for _, made in self.called]
        return [made for name, made in self.called if name in calls(self.node)]


def is_array(value):
    """Say whether a value is a floating number or an array, of NumPy or of balls."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "fbiu" and value.size > 0
    return isinstance(value, (float, np.floating)) or hasattr(value, "mid")


def within(value, deep=DEEP):
    """Return the arrays of a nest of lists, tuples and dicts, in order."""
    if is_array(value):
        return [value]
    if deep and isinstance(value, (list, tuple)):
        return [a for v in islice(value, WIDE) for a in within(v, deep - 1)]
    if deep and isinstance(value, dict):
        return [a for v in islice(value.values(), WIDE) for a in within(v, deep - 1)]
    return []


def _inside(thing):
    """Return the names and values of an object's attributes, of none of an array or a module."""
    inside = getattr(thing, "__dict__", None)
    plain = isinstance(inside, dict) and not is_array(thing) and not hasattr(thing, "__spec__")
    return list(inside.items()) if plain and len(inside) <= WIDE else []


class Tracer:
    """Watches the lines of the files that ``wanted`` names.

    values: in the order in which they arose.
    more: ``(frame, result) -> [(name, array)]`` of what else a returning function says.
    """

    def __init__(self, wanted, more=None):
        self.wanted, self.more = wanted, more
        self.values, self.full = [], False
        self._bytes, self._of, self._alive, self._open = 0, {}, [], {}

    @contextmanager
    def watching(self):
        """Watch what runs inside."""
        before = sys.gettrace()
        sys.settrace(self._called)
        try:
            yield self
        finally:
            sys.settrace(before)

    def of(self, array):
        """Return the Value that an array is now, or None."""
        return self._of.get(id(array))

    # ------------------------------------------------------------------------- events

    def _called(self, frame, event, argument):
        if event != "call" or self.full or not self.wanted(frame.f_code.co_filename):
            return None
        caller = self._caller(frame)
        opened = caller[0] if caller else _Open(None, frame.f_lineno)
        code = frame.f_code
        for name in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]:
            found = frame.f_locals.get(name)
            at = caller[1] if caller else frame
            for key, value in _inside(found):  # there before anything was watched
                self._note(value, f"{name}.{key}", _Open(None, opened.line), at, passing=True)
            if not isinstance(found, float):
                self._note(found, name.lstrip("."), opened, at, passing=True)
        if code.co_name == "<lambda>":
            own = [self._of.get(id(a)) for v in frame.f_locals.values() for a in within(v)]
            groups = [[v] for v in own if v]
        else:
            groups = opened.of(0, 1)
        self._open[id(frame)] = _Open(None, frame.f_lineno, groups)
        return self._within

    def _within(self, frame, event, argument):
        if event == "line" and not frame.f_code.co_name.startswith("<"):
            self._finish(frame)
            self._begin(frame)
        elif event == "return":
            self._finish(frame)
            self._returned(frame, argument)
        return self._within

    def _caller(self, frame):
        while frame := frame.f_back:
            if id(frame) in self._open:
                return self._open[id(frame)], frame
        return None

    def _begin(self, frame):
        node, *after = statements(frame.f_code.co_filename).get(frame.f_lineno, (None,))
        before = self._open.get(id(frame))
        if before and node is not None and node is before.node and not isinstance(node, ast.For):
            before.groups += self._read(node, frame)
            return
        groups = self._read(node, frame) if node is not None else []
        parts = getattr(getattr(node, "value", None), "elts", ())
        elements = [self._read(part, frame) for part in parts]
        text = ast.unparse(node) if after else ""
        opened = _Open(node, frame.f_lineno, groups, elements, [], tuple(after), text)
        self._open[id(frame)] = opened

    def _finish(self, frame):
        opened = self._open.get(id(frame))
        if opened is None or opened.node is None:
            return
        together = opened
        for node in opened.after:  # a line is told of once, when all of it has run
            read, text = self._read(node, frame), ast.unparse(node)
            if set(map(ast.unparse, _targets(together.node))) & set(
                map(ast.unparse, _targets(node))
            ):  # what the one before it made is gone
                read, text = [*together.groups, *read], f"{together.text}; {text}"
            else:
                self._made(together, frame)
            together = _Open(node, opened.line, read, [], opened.called, opened.after, text)
        self._made(together, frame)

    def _made(self, opened, frame):
        """Note what a statement has assigned, or changed."""
        targets = _targets(opened.node)
        for k, target in enumerate(targets):
            groups = opened.of(k, len(targets))
            own = _Open(opened.node, opened.line, groups, after=opened.after, text=opened.text)
            self._assigned(target, own, frame)
        if isinstance(opened.node, ast.Expr):
            for name in _names(opened.node):
                found = _evaluated(name, frame)
                for key, value in _inside(found):
                    self._note(value, f"{name}.{key}", opened, frame)
                self._note(found, name, opened, frame)

    def _assigned(self, target, opened, frame):
        if any(isinstance(part, ast.Call) for part in ast.walk(target)):
            return
        name = ast.unparse(target)
        made = self._note(_evaluated(target, frame), name, opened, frame)
        if isinstance(target, ast.Subscript):
            around = replace(opened, groups=[made], elements=[], called=[])
            self._assigned(target.value, around, frame)

    def _returned(self, frame, result):
        opened = self._open.pop(id(frame), None) or _Open(None, frame.f_lineno)
        name = f"what {frame.f_code.co_name} returns"
        made = self._note(result, name, opened, frame)
        for other, array in self.more(frame, result) if self.more else ():
            self._note(array, other, opened, frame)
        caller = self._caller(frame)
        if caller is not None and made:
            caller[0].called.append((frame.f_code.co_name, made))

    # ------------------------------------------------------------------------- values

    def _read(self, node, frame):
        """Return a group of Values for each name that a statement reads."""
        found = []
        for part in _read_by(node):
            if isinstance(part, (ast.Tuple, ast.List)):
                found.append([g[0] for each in part.elts for g in self._read(each, frame)[:1]])
                continue
            known = []
            while not any(known) and part is not None:  # a view is known by what it is of
                known = [self._of.get(id(a)) for a in within(_evaluated(part, frame))]
                part = getattr(part, "value", None)
            if any(known):
                found.append([v for v in known if v])
        return found

    def _note(self, value, name, opened, frame, passing=False):
        """Make Values of the arrays in a value that are new or changed; return all of them."""
        arrays, made = within(value), []
        for k, array in enumerate(arrays):
            known = self._of.get(id(array))
            if known is None or not _same(known.array, array):
                base = self._of.get(id(getattr(array, "base", None))) if passing else None
                groups = [[base]] if base else opened.of(k, len(arrays))
                parts = _parts(groups, k, len(arrays), known)
                whole = len(arrays) == 1 or len(opened.elements) == len(arrays)
                loose = not whole and any(len(g) != len(arrays) for g in groups)
                loose = loose or (passing and not base)
                known = self._make(array, name, parts, opened, frame, loose)
                if known is None:
                    return made
            made.append(known)
        return made

    def _make(self, array, name, parts, opened, frame, passing):
        self._bytes += getattr(array, "nbytes", 8)
        if len(self.values) >= MOST_VALUES or self._bytes > MOST_BYTES:
            self.full = True
            return None
        code, line = frame.f_code, opened.line
        text = opened.text
        if not text:
            text = statement_text(code.co_filename, line, alone=code.co_name == "<lambda>")
        copy = np.array(array) if isinstance(array, np.ndarray) else array
        number = len(self.values)
        value = Value(number, code.co_filename, line, text, name, copy, parts, passing)
        self.values.append(value)
        self._of[id(array)] = value
        self._alive.append(array)  # or another array might get its identity
        return value


def _parts(groups, k, count, before):
    """Return the Values behind part k of what was made: of lists as long as it their part k."""
    found = {before.number: before} if before else {}
    for group in groups:
        taken = [group[k]] if count > 1 and len(group) == count else group
        found.update({value.number: value for value in taken})
    return tuple(found.values())


def _same(known, array):
    if hasattr(array, "mid"):
        return known is array
    return np.array_equal(known, array, equal_nan=True) if known is not array else True


# ------------------------------------------------------------------------------- the source


@cache
def statements(file):
    """Return {line: the innermost statements that it belongs to, in order} of a file."""
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError):
        return {}
    found, level = {}, [tree]
    while level:  # the innermost come last
        within = [n for node in level for n in ast.iter_child_nodes(node)]
        here = {}
        for node in within:
            if not isinstance(node, ast.stmt):
                continue
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if isinstance(body, list) and body else node.end_lineno
            for line in range(node.lineno, max(last, node.lineno) + 1):
                here.setdefault(line, []).append(node)
        found |= {line: tuple(nodes) for line, nodes in here.items()}
        level = within
    return found


@cache
def calls(node):
    """Return the names of the functions and methods that a statement calls."""
    called = [part.func for part in ast.walk(node) if isinstance(part, ast.Call)]
    return {getattr(f, "id", getattr(f, "attr", "")) for f in called}


def statement_text(file, line, alone=False):
    """Return a line's statement as it is written, in one line; or the line alone."""
    node, *after = statements(file).get(line, (None,))
    lines = linecache.getlines(file)
    if node is None or alone or after:
        return " ".join(lines[line - 1].split()) if line <= len(lines) else ""
    body = getattr(node, "body", None)
    last = node.lineno if isinstance(body, list) else node.end_lineno
    return " ".join(" ".join(lines[node.lineno - 1 : last]).split())


def _targets(node):
    """Return the expressions that a statement assigns to, tuples taken apart."""
    if isinstance(node, ast.Assign):
        found = list(node.targets)
    elif isinstance(node, (ast.AugAssign, ast.AnnAssign, ast.For)):
        found = [node.target]
    else:
        return []
    return [part for target in found for part in _apart(target)]


def _apart(target):
    if isinstance(target, (ast.Tuple, ast.List)):
        return [part for each in target.elts for part in _apart(each)]
    return [target.value if isinstance(target, ast.Starred) else target]


@cache
def _read_by(node):
    """Return the longest names, attributes and places without calls that a statement reads."""
    if isinstance(node, ast.For):
        roots = [node.iter]
    elif isinstance(node, (ast.If, ast.While)):
        roots = [node.test]
    elif isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.With)):
        roots = []
    else:
        roots = [node]
    found = []

    def visit(part):
        names = (ast.Name, ast.Attribute, ast.Subscript)
        displayed = isinstance(part, (ast.Tuple, ast.List)) and isinstance(part.ctx, ast.Load)
        if displayed and part is not node and all(isinstance(e, names) for e in part.elts):
            if part.elts:
                found.append(part)
            return
        chain = isinstance(part, (ast.Name, ast.Attribute, ast.Subscript))
        if chain and not any(isinstance(p, ast.Call) for p in ast.walk(part)):
            augmented = isinstance(node, ast.AugAssign) and part is node.target
            if isinstance(part.ctx, ast.Load) or augmented:
                found.append(part)
                return
            if isinstance(part, ast.Subscript):  # written to
                return visit(part.slice)
        for child in ast.iter_child_nodes(part):
            visit(child)

    for root in roots:
        visit(root)
    return tuple(found)


@cache
def _names(node):
    """Return the names and attributes on which a statement calls methods, or hands over."""
    found = []
    for part in _read_by(node):
        while part is not None:
            found.append(part)
            part = getattr(part, "value", None)
    return tuple(dict.fromkeys(ast.unparse(p) for p in found if not isinstance(p, ast.Subscript)))


def _evaluated(expression, frame):
    """Return what an expression without calls is now, None where it is nothing."""
    try:
        code = _compiled(expression if isinstance(expression, str) else ast.unparse(expression))
        return eval(code, frame.f_globals, _Seen(frame))
    except Exception:  # a name that is not there yet, an index out of range
        return None


@cache
def _compiled(text):
    return compile(text, "<watched>", "eval")


class _Seen(dict):
    """A frame's names, and those of the frames that called it."""

    def __init__(self, frame):
        super().__init__(frame.f_locals)
        self.frame = frame

    def __missing__(self, name):
        frame = self.frame
        if frame.f_code.co_name.startswith("<") and frame.f_back is not None:
            return _Seen(frame.f_back)[name]
        raise KeyError(name)
