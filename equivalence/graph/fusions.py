"""What XLA made of a step, read of the program that it compiled: what a fetch may change.

Each instruction of an optimized program names the operation that it came of.  Inside of a fusion
nothing is in memory between two instructions: a product goes unrounded into a sum behind it (L4),
and who fetches the product has it rounded first.  What was rewritten is no more: a root that was
divided by, a factor that went into another one.  Who fetches it brings it back.
"""

import re
from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

HEAD = re.compile(r"^(?:ENTRY )?%(\S+) \(.*\{$")
# %name = type opcode(operands), attributes; a type of several results stands in parentheses.
INSTRUCTION = re.compile(r"^\s+(ROOT )?%(\S+) = (\(.*?\)|\S+) ([\w\-]+)\((.*)$")
NAMED = re.compile(r'op_name="([^"]*)"')
CALLS = re.compile(r"\bcalls=%([^\s,)]+)")
APPLIES = re.compile(r"\bto_apply=%([^\s,)]+)")
OPERAND = re.compile(r"%([^\s,)]+)")
PRODUCTS = ("multiply", "dot", "convolution")
SUMS = ("add", "subtract", "reduce", "reduce-window", "scatter")
# What moves numbers, or turns their signs, between a product and a sum.
MOVES = (
    *("bitcast", "broadcast", "concatenate", "copy", "dynamic-slice", "dynamic-update-slice"),
    *("gather", "negate", "pad", "reshape", "reverse", "select", "slice", "transpose"),
)
# Sums of many terms: in which order, hangs on all of the fusion in which they stand.
ORDERED = ("convolution", "dot", "reduce", "reduce-window", "scatter", "select-and-scatter")
# Instructions that compute nothing.
GIVEN = ("parameter", "tuple", "get-tuple-element", "constant")
CALLING = ("call", "conditional", "fusion", "while")
# What is left out where fusions are compared: the same numbers in other shapes.
SHAPES = ("bitcast", "copy", "reshape")
# What operations are as long as they are not rewritten.
PLAIN = {
    **dict.fromkeys(("Add", "AddN", "AddV2"), "add"),
    **dict.fromkeys(("BatchMatMulV2", "BatchMatMulV3", "Einsum", "MatMul"), "dot"),
    **dict.fromkeys(("BiasAddGrad", "Max", "Mean", "Min", "Prod", "Sum"), "reduce"),
    **dict.fromkeys(("DivNoNan", "RealDiv", "Reciprocal"), "divide"),
    **dict.fromkeys(("Mul", "Square", "SquaredDifference"), "multiply"),
    **{"Exp": "exponential", "Log": "log", "Log1p": "log-plus-one", "Pow": "power"},
    **{"Neg": "negate", "Rsqrt": "rsqrt", "Sqrt": "sqrt", "Sub": "subtract", "Tanh": "tanh"},
}


class Instruction(NamedTuple):
    """One line of a program.

    operands: the names of those in the same computation; operation: what it came of, "" where that
    is not said; behind: the same, or what takes it came of.
    """

    name: str
    kind: str
    shape: str
    operands: list
    operation: str
    behind: str
    is_root: bool


class Way(NamedTuple):
    """One way in which a number is rounded: the operations that it takes, all of the fusion."""

    operations: frozenset
    around: frozenset


@dataclass(frozen=True)
class Program:
    """What became of operations, by their names.

    kept: those of which an instruction's result is in memory.
    rounded: those that round once more where they are fetched: products that a sum of the same
        fusion takes, and what moves them there.
    opcodes: name -> the kinds of the instructions that came of it.
    ways: how numbers are rounded, in words -> a Way.
    """

    kept: frozenset
    rounded: frozenset
    opcodes: dict
    ways: dict

    def may_change(self, kind, name):
        """Say whether it may change a bit that an operation is fetched, as far as that is told."""
        is_other = kind in PLAIN and PLAIN[kind] not in self.opcodes.get(name, ())
        return name in self.rounded or is_other

    def lost_in(self, other):
        """Return the Ways in which another program of the same step rounds no number any more."""
        return [way for words, way in self.ways.items() if words not in other.ways]


def read(text):
    """Return the Program of an optimized program's text."""
    computations, fused, applied = _computations(text)
    kept, rounded, ways, opcodes = set(), set(), {}, {}
    for title, instructions in computations.items():
        if title in fused:
            rounded |= _taken_unrounded(instructions)
        elif title not in applied:
            kept |= {each.operation for each in instructions if each.kind not in GIVEN}
        for words, way in _ways(instructions, title in fused):
            ways[words] = Way(*map(frozenset.union, way, ways.get(words, way)))
        for each in instructions:
            opcodes.setdefault(each.operation, set()).add(each.kind)
    return Program(frozenset(kept - {""}), frozenset(rounded - {""}), opcodes, ways)


def _computations(text):
    """Return (name -> Instructions, names of those that are fusions, of those of one number)."""
    lines, fused, applied = {}, set(), set()
    for line in text.splitlines():
        if head := HEAD.match(line):
            of = lines.setdefault(head.group(1), {})
        elif found := INSTRUCTION.match(line):
            root, name, shape, kind, rest = found.groups()
            named = NAMED.search(rest)
            of[name] = root, shape, kind, rest, named.group(1) if named else ""
            if kind == "fusion":
                fused.add(CALLS.search(rest).group(1))
            elif kind in ORDERED and (applies := APPLIES.search(rest)):
                applied.add(applies.group(1))
    return {title: _instructions(of) for title, of in lines.items()}, fused, applied


def _instructions(lines):
    """Return the Instructions of one computation, in which names stand before they are used."""
    found, taken = [], {}
    for name, (root, shape, kind, rest, operation) in reversed(lines.items()):
        operands = [each for each in OPERAND.findall(rest.partition("), ")[0]) if each in lines]
        behind = operation or taken.get(name, "")
        taken |= dict.fromkeys(operands, behind)
        shape = shape.partition("{")[0]
        found.append(Instruction(name, kind, shape, operands, operation, behind, bool(root)))
    return found[::-1]


def _taken_unrounded(instructions):
    """Return the operations of one fusion of which a sum in it takes what is not rounded.

    Of a sum of two products either may be the one: which, hangs on everything in the fusion.
    """
    of = {each.name: each for each in instructions}
    found = set()
    for each in instructions:
        if each.kind in SUMS:
            taken = [product for o in each.operands if (product := _product(o, of))]
            everything = {other.operation for other in instructions}
            found |= everything if len(taken) > 1 else {o.operation for p in taken for o in p}
    return found


def _product(name, of):
    """Return the Instructions of a product, behind what moves it, that an instruction is, or []."""
    each = of[name]
    if each.kind in PRODUCTS:
        return [each]
    if each.kind not in MOVES:
        return []
    behind = next((found for o in each.operands if (found := _product(o, of))), [])
    return behind and [each, *behind]


def _ways(instructions, is_fused):
    """Yield (words, Way) of the numbers that one computation rounds.

    A sum takes a product of its fusion unrounded, unless that is used twice.  In which order many
    terms are summed, hangs on everything between them and what the fusion returns.
    """
    of = {each.name: each for each in instructions}
    uses = Counter(operand for each in instructions for operand in each.operands)
    around = frozenset(each.behind for each in instructions) if is_fused else frozenset()
    for each in instructions:
        if each.kind in (*GIVEN, *MOVES, *CALLING):
            continue
        taken = [_product(o, of) for o in each.operands if is_fused and each.kind in SUMS]
        words = [" ".join(f"{o.kind} {o.behind} {uses[o.name]}" for o in p) for p in taken]
        operations = {each.behind, *(o.behind for product in taken for o in product)}
        yield f"{each.kind} {each.behind}({', '.join(words)})", Way(frozenset(operations), around)
    if is_fused:
        root, made = next(each for each in instructions if each.is_root), _whole(instructions)
        for name in root.operands if root.kind == "tuple" else [root.name]:
            operations, words, is_ordered = made[name]
            if is_ordered:
                yield f"{root.kind} {words}", Way(operations, around)


def _whole(instructions):
    """Return name -> (operations, words, whether many terms are summed) of what it is made of."""
    found = {}
    for each in instructions:
        taken = [found[o] for o in each.operands]
        if each.kind in SHAPES:
            found[each.name] = taken[0]
            continue
        told = each.kind if each.kind in GIVEN else (each.kind, each.behind, each.shape)
        found[each.name] = (
            frozenset.union(frozenset([each.behind]), *(those for those, _, _ in taken)),
            hash((told, *(words for _, words, _ in taken))),
            each.kind in ORDERED or any(ordered for _, _, ordered in taken),
        )
    return found
