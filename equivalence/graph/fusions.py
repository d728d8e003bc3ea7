"""What XLA made of a step, read of the program that it compiled: what a fetch may change.

Each instruction of an optimized program names the operation that it came of.  Inside of a fusion
nothing is in memory between two instructions: a product goes unrounded into a sum behind it (L4),
and who fetches the product has it rounded first.  What was rewritten is no more: a root that was
divided by, a factor that went into another one.  Who fetches it brings it back.
"""

import re
from dataclasses import dataclass
from functools import cache

HEAD = re.compile(r"^(?:ENTRY )?%(\S+) \(.*\{$")
# %name = type opcode(operands), attributes; a type of several results stands in parentheses.
INSTRUCTION = re.compile(r"^\s+(?:ROOT )?%(\S+) = (?:\(.*?\)|\S+) ([\w\-]+)\((.*)$")
NAMED = re.compile(r'op_name="([^"]*)"')
CALLS = re.compile(r"\bcalls=%([^\s,)]+)")
OPERAND = re.compile(r"%([^\s,)]+)")
PRODUCTS = ("multiply", "dot", "convolution")
SUMS = ("add", "subtract", "reduce", "reduce-window", "scatter")
# What moves numbers, or turns their signs, between a product and a sum.
MOVES = (
    *("bitcast", "broadcast", "concatenate", "copy", "dynamic-slice", "dynamic-update-slice"),
    *("gather", "negate", "pad", "reshape", "reverse", "select", "slice", "transpose"),
)
# Instructions that compute nothing.
GIVEN = ("parameter", "tuple", "get-tuple-element", "constant")
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


@dataclass(frozen=True)
class Program:
    """What became of operations, by their names.

    kept: those of which an instruction's result is in memory.
    rounded: those that round once more where they are fetched: products that a sum of the same
        fusion takes, and what moves them there.
    opcodes: name -> the kinds of the instructions that came of it.
    """

    kept: frozenset
    rounded: frozenset
    opcodes: dict

    def may_change(self, kind, name):
        """Say whether it may change a bit that an operation is fetched, as far as that is told."""
        is_other = kind in PLAIN and PLAIN[kind] not in self.opcodes.get(name, ())
        return name in self.rounded or is_other


def read(text):
    """Return the Program of an optimized program's text."""
    computations: dict[str, list] = {}
    for line in text.splitlines():
        if head := HEAD.match(line):
            instructions = computations.setdefault(head.group(1), [])
        elif found := INSTRUCTION.match(line):
            name, opcode, rest = found.groups()
            named = NAMED.search(rest)
            instructions.append((name, opcode, rest, named.group(1) if named else ""))
    everything = [each for instructions in computations.values() for each in instructions]
    fused = {CALLS.search(rest).group(1) for _, kind, rest, _ in everything if kind == "fusion"}
    kept, rounded = set(), set()
    for title, instructions in computations.items():
        if title in fused:
            rounded |= _taken_unrounded(instructions)
        else:
            kept |= {operation for _, kind, _, operation in instructions if kind not in GIVEN}
    opcodes: dict[str, set] = {}
    for _, kind, _, operation in everything:
        opcodes.setdefault(operation, set()).add(kind)
    return Program(frozenset(kept - {""}), frozenset(rounded - {""}), opcodes)


def _taken_unrounded(instructions):
    """Return the operations of one fusion of which a sum in it takes what is not rounded.

    Of a sum of two products either may be the one: which, hangs on everything in the fusion.
    """
    of = {name: (kind, operation) for name, kind, _, operation in instructions}
    operands = {
        name: OPERAND.findall(rest.partition("), ")[0]) for name, _, rest, _ in instructions
    }
    found = set()

    @cache
    def products_in(name):
        """Return the operations of a product, and of what moves it, that an instruction is."""
        kind, operation = of.get(name, ("", ""))
        if kind in PRODUCTS:
            return {operation}
        moved = set().union(*map(products_in, operands.get(name, ()))) if kind in MOVES else set()
        return moved | {operation} if moved else moved

    for name, (kind, _) in of.items():
        if kind in SUMS:
            taken = [products for products in map(products_in, operands[name]) if products]
            found |= {o for _, o in of.values()} if len(taken) > 1 else set().union(*taken)
    return found
