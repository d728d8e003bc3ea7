"""Mutants: every small change of the arithmetic that a function says, one at a time.

After DeMillo, Lipton and Sayward (1978), "Hints on test data selection": a check that tells a
program from all of its neighbours is worth more than one that has met some defects.  The
operators, each on every node of the syntax tree where it has a meaning:

    sign        a + b <-> a - b;  -a -> a;  a b -> -(a b)
    factor      a b <-> a / b
    dropped     a + b -> a, b;  a - b -> a;  a b -> a, b;  a / b -> a;  a ** b -> a
    constant    c -> c + 1
    comparison  > <-> >=, < <-> <=, == <-> !=
    function    max <-> min, sum <-> mean, square root <-> square
    branch      the two values of a where, a cond and an if-else exchanged; if a -> if not a
    order       a[::-1] -> a, reversed(a) -> a, a transposed -> a, a @ b -> b @ a
    bits        & <-> |, ^ -> |, << <-> >>, // -> /, a % b -> a

What is no arithmetic stays as it is: texts, what is raised, annotations, decorators, the
defaults of fields and arguments, which callers give.
"""

import ast
import re
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path

EXCHANGED = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.FloorDiv: ast.Div,
}
WORDS = {ast.Add: "sign", ast.Sub: "sign", ast.Mult: "factor", ast.Div: "factor"}
BOTH_DROPPED = (ast.Add, ast.Mult)
LEFT_KEPT = (ast.Sub, ast.Div, ast.Pow, ast.Mod)
COMPARED = {
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}
RENAMED = {
    "max": "min",
    "min": "max",
    "amax": "amin",
    "amin": "amax",
    "maximum": "minimum",
    "minimum": "maximum",
    "argmax": "argmin",
    "argmin": "argmax",
    "reduce_max": "reduce_min",
    "reduce_min": "reduce_max",
    "sum": "mean",
    "mean": "sum",
    "reduce_sum": "reduce_mean",
    "reduce_mean": "reduce_sum",
    "sqrt": "square",
    "square": "sqrt",
}
BRANCHES = ("where", "cond")
TURNED = ("reversed", "reverse", "flip", "matrix_transpose")
TRANSPOSED = ("mT", "T")


@dataclass(frozen=True)
class Mutant:
    """One change.

    tree, file: as a ``Plant`` has them.
    function: the outermost function that has it, as "Adam.update", or the class or module
        whose constant it is.
    kind: the operator.
    before, after: the node, written out.
    number: of how many such nodes of the function, from 1.
    line: of the file.
    source: the whole file with the change.
    constant: whether it stands outside of every function.
    """

    tree: str
    file: str
    function: str
    kind: str
    before: str
    after: str
    number: int
    line: int = field(compare=False)
    source: str = field(compare=False, repr=False)
    constant: bool = field(compare=False, default=False)

    @property
    def key(self):
        """What names it in the table of the explained."""
        return self.file, self.function, self.before, self.after, self.number

    def __str__(self):
        number = f" (no. {self.number})" if self.number > 1 else ""
        change = f"{self.before} became {self.after}{number}"
        return f"{self.tree}/{self.file}:{self.line} {self.function}: {change}"


@cache
def files(tree):
    """Return the files of a tree, relative to it."""
    folder = _folder(tree)
    return tuple(sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.py")))


def _folder(tree):
    return Path(find_spec(tree).origin).parent


def mutants(tree, file):
    """Return all Mutants of one file, in the order of its lines."""
    source = (_folder(tree) / file).read_text(encoding="utf-8")
    lines = [line.encode() for line in source.splitlines(keepends=True)]
    starts = [sum(map(len, lines[:k])) for k in range(len(lines))]
    counts, found = {}, []
    for function, node, constant in _places(ast.parse(source)):
        for kind, old, new in _changes(node):
            before, after = ast.unparse(old), ast.unparse(new)
            key = function, before, after
            counts[key] = counts.get(key, 0) + 1
            first = starts[old.lineno - 1] + old.col_offset
            last = starts[old.end_lineno - 1] + old.end_col_offset
            code = source.encode()
            changed = (code[:first] + f"({after})".encode() + code[last:]).decode()
            place = tree, file, function, kind, before, after, counts[key]
            found.append(Mutant(*place, old.lineno, changed, constant))
    return found


# ---------------------------------------------------------------------- where


def _places(module):
    """Yield (name of the outermost function, node, whether it is in none) of all that counts."""
    for statement in module.body:
        yield from _of_statement(statement, "")


def _of_statement(statement, around):
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        name = f"{around}{statement.name}"
        for inner in statement.body:
            for node in _arithmetic(inner):
                yield name, node, False
    elif isinstance(statement, ast.ClassDef):
        for inner in statement.body:
            yield from _of_statement(inner, f"{around}{statement.name}.")
    elif _is_constant(statement):
        names = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        name = f"{around}{ast.unparse(names[0])}"
        if name.rpartition(".")[2] != "__all__":
            for node in _arithmetic(statement.value):
                yield name, node, True


def _is_constant(statement):
    """Say whether a statement gives a module or a class a constant, and no field a default."""
    if isinstance(statement, ast.AnnAssign):
        return statement.value is not None and "ClassVar" in ast.unparse(statement.annotation)
    return isinstance(statement, ast.Assign)


def _arithmetic(node):
    """Yield a node and all in it that may be arithmetic."""
    if isinstance(node, (ast.Raise, ast.JoinedStr, ast.Import, ast.ImportFrom, ast.Assert)):
        return
    yield node
    skipped = []
    if isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
        skipped = [node.operand]  # -1 is one constant
    if isinstance(node, (ast.FunctionDef, ast.Lambda)):
        skipped = [node.args, *getattr(node, "decorator_list", ())]
    if isinstance(node, ast.AnnAssign):
        skipped = [node.annotation]
    for child in ast.iter_child_nodes(node):
        if not any(child is other for other in skipped):
            yield from _arithmetic(child)


# ----------------------------------------------------------------------- what


def _changes(node):
    """Yield (kind, old node, new node) of every change of a node."""
    for name, change in CHANGES:
        if isinstance(node, name):
            yield from change(node)


def _of_operation(node):
    operator = type(node.op)
    if _is_text(node.left) or _is_text(node.right):
        return
    if operator in EXCHANGED:
        other = ast.BinOp(node.left, EXCHANGED[operator](), node.right)
        yield WORDS.get(operator, "bits"), node, other
    if operator in BOTH_DROPPED + LEFT_KEPT:
        yield "dropped", node, node.left
    if operator in BOTH_DROPPED:
        yield "dropped", node, node.right
    if operator in (ast.Mult, ast.Div):
        yield "sign", node, ast.UnaryOp(ast.USub(), node)
    if operator is ast.MatMult:
        yield "order", node, ast.BinOp(node.right, node.op, node.left)


def _is_text(node):
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _of_sign(node):
    if isinstance(node.op, ast.USub):
        yield "sign", node, node.operand
        if _is_number(node.operand):
            yield "constant", node, ast.Constant(1 - node.operand.value)


def _is_number(node):
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _of_constant(node):
    if _is_number(node):
        yield "constant", node, ast.Constant(node.value + 1)


def _of_comparison(node):
    if len(node.ops) == 1 and type(node.ops[0]) in COMPARED:
        other = [COMPARED[type(node.ops[0])]()]
        yield "comparison", node, ast.Compare(node.left, other, node.comparators)
    elif len(node.ops) > 1:
        for k, operator in enumerate(node.ops):
            if type(operator) in COMPARED:
                others = [COMPARED[type(o)]() if j == k else o for j, o in enumerate(node.ops)]
                yield "comparison", node, ast.Compare(node.left, others, node.comparators)


def _of_call(node):
    name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
    if name in RENAMED and not (name == "sum" and isinstance(node.func, ast.Name)):
        yield "function", node.func, _renamed(node.func, RENAMED[name])
    if name in BRANCHES and len(node.args) == 3:
        first, second, third = node.args
        yield "branch", node, ast.Call(node.func, [first, third, second], node.keywords)
    if name in TURNED and node.args:
        yield "order", node, node.args[0]


def _renamed(function, name):
    if isinstance(function, ast.Attribute):
        return ast.Attribute(function.value, name, ast.Load())
    return ast.Name(name, ast.Load())


def _of_choice(node):
    yield "branch", node, ast.IfExp(node.test, node.orelse, node.body)


def _of_condition(node):
    yield "branch", node.test, ast.UnaryOp(ast.Not(), node.test)


def _of_subscript(node):
    """Yield the subscript without its [::-1]."""
    if re.search(r"::\s*-1\b", ast.unparse(node.slice)):
        if isinstance(node.slice, ast.Slice):
            yield "order", node, node.value
        else:
            every = re.sub(r":\s*:\s*-1\b", ":", ast.unparse(node))
            yield "order", node, ast.parse(every, mode="eval").body


def _of_attribute(node):
    if node.attr in TRANSPOSED:
        yield "order", node, node.value


CHANGES = (
    (ast.BinOp, _of_operation),
    (ast.UnaryOp, _of_sign),
    (ast.Constant, _of_constant),
    (ast.Compare, _of_comparison),
    (ast.Call, _of_call),
    (ast.IfExp, _of_choice),
    (ast.If, _of_condition),
    (ast.Subscript, _of_subscript),
    (ast.Attribute, _of_attribute),
)
