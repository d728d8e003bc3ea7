"""What a certificate of a training step says: by operation, by layer, and in one verdict."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from equivalence.graph.derivative import Gradient
from equivalence.graph.recognised import ENCLOSED
from equivalence.graph.watch import Watch
from equivalence.judge.distance import told_apart
from equivalence.judge.verdict import (
    DIFFERENT,
    KINK,
    OUT_OF_RANGE,
    OVERFLOW,
    ROUNDING_IDENTICAL,
    SKIPPED,
    Verdict,
)

# The order in which a layer's verdict is made of its operations'.
GRAVEST = (DIFFERENT, OVERFLOW, KINK, ROUNDING_IDENTICAL)


@dataclass(frozen=True)
class First:
    """The first number outside of what its operation may return.

    step: from 0; operation: its name in the graph; result and index: the element.
    reference: NumPy's; true: the exact value, rounded; both of the operands that TensorFlow had.
    fits: "TF32" where operands that were rounded to TF32 explain it.
    """

    step: int
    operation: str
    kind: str
    layer: str
    about: str
    line: str
    result: int
    index: tuple
    reference: float
    tensorflow: float
    true: float
    usage: float
    fits: str = ""

    def __str__(self):
        ours, theirs, true = told_apart((self.reference, self.tensorflow, self.true))
        where = f"{self.layer}" + (f", for {self.about}" if self.about else "")
        line = f" at {self.line}" if self.line else ""
        at = f"[{', '.join(map(str, self.index))}]" if self.index else ""
        return (
            f"step {self.step}, {where}: {self.kind} {self.operation}{at}{line}: TensorFlow has "
            f"{theirs}, NumPy {ours}, true {true}, of the operands that TensorFlow had; "
            f"{self.usage:.3g} radii off" + (f", which fits {self.fits}" if self.fits else "")
        )


@dataclass
class Operation:
    """One operation of the graph, over all steps and all rounds of a loop.

    runs: how often it ran; numbers: how many floats it returned; checked: of how many there was
    a rule.  usage: the largest share of a radius.  sharp_to: the smallest relative error
    that would have been found, of the least sharp run; None where nothing counts.
    without: why there is no certificate.
    lost: how many numbers are honest and say nothing of what was meant; loses: in which words.
    drawn: how many numbers a generator drew, which are held in their range and shape alone.
    """

    name: str
    kind: str
    layer: str
    about: str = ""
    line: str = ""
    runs: int = 0
    numbers: int = 0
    checked: int = 0
    usage: float = 0.0
    sharp_to: float | None = None
    undecided: int = 0
    notes: list = field(default_factory=list)
    outside: bool = False
    without: str = ""
    lost: int = 0
    loses: str = ""
    drawn: int = 0

    def add(self, finding, lost=0, loses=""):
        """Take in one execution's Finding, and what it lost."""
        self.runs += 1
        self.lost += lost
        self.loses = self.loses or loses
        self.numbers += finding.numbers
        self.checked += finding.checked
        self.drawn += finding.drawn
        self.usage = max(self.usage, finding.usage)
        if finding.sharp_to is not None:
            self.sharp_to = max(self.sharp_to or 0.0, finding.sharp_to)
        self.undecided += finding.undecided
        self.notes += [note for note in finding.notes if note not in self.notes]
        self.outside = self.outside or finding.outside is not None
        self.without = self.without or finding.without

    @property
    def verdict(self) -> Verdict:
        if self.outside:
            return DIFFERENT
        if self.undecided:
            return OVERFLOW if set(self.notes) & set(OUT_OF_RANGE) else KINK
        return SKIPPED if self.without else ROUNDING_IDENTICAL


@dataclass
class Layer:
    """The operations of one layer, of the optimizer, of the loss, or of the rest of the step."""

    name: str
    operations: list = field(default_factory=list)

    @property
    def numbers(self):
        return sum(each.numbers for each in self.operations)

    @property
    def checked(self):
        return sum(each.checked for each in self.operations)

    @property
    def usage(self):
        return max((each.usage for each in self.operations), default=0.0)

    @property
    def lost(self):
        return sum(each.lost for each in self.operations)

    @property
    def least_sharp(self):
        """The operation that says least, or None."""
        known = [each for each in self.operations if each.sharp_to is not None]
        return max(known, key=lambda each: each.sharp_to, default=None)

    @property
    def sharp_to(self):
        return self.least_sharp and self.least_sharp.sharp_to

    @property
    def verdict(self) -> Verdict:
        found = {each.verdict for each in self.operations}
        return next((verdict for verdict in GRAVEST if verdict in found), SKIPPED)


@dataclass
class Unobserved:
    """One step as it runs when nobody looks, beside the one that was observed.

    same, variables: in how many of how many float variables all bits agree; numbers: the share
    of their numbers.
    parted: the names of the others.
    """

    step: int
    same: int
    variables: int
    numbers: float
    parted: list


@dataclass
class Report:
    """The certificate of a training step.

    name: of the model or function; engine: how it runs unobserved.
    steps, batch: how many steps of how many samples.
    operations: every Operation of the graph that returns anything.
    first: the First number outside, or None.
    unobserved: for every step.
    gradient: whether the gradients are the derivatives of the forward pass.
    watch: what was watched of the first step as it runs unobserved, None if nobody asked.
    seconds: by what was done.
    remarks: Remarks on layers as in inference, on reads and writes without order, on effects.
    mathematics: the layers, losses and optimizers, and what of ours they were held against.
    arose: where the first enclosure is unbounded, or a number is infinite or NaN, in words.
    """

    name: str
    engine: str
    steps: int
    batch: int
    operations: list
    first: First | None
    unobserved: list
    gradient: Gradient
    watch: Watch | None
    seconds: dict
    remarks: list = field(default_factory=list)
    mathematics: list = field(default_factory=list)
    arose: str = ""

    def mathematics_of(self, name) -> str:
        """Return what a layer was held against: a file of ours, or that it is own code."""
        rows = [row for row in self.mathematics if row.name == name]
        if any(row.file for row in rows):
            return f"mathematics: {next(row.file for row in rows if row.file)}"
        if held := [row.within for row in rows if row.within]:
            return self.mathematics_of(held[0])
        if enclosed := [row.why for row in rows if row.why == ENCLOSED]:
            return f"own code: {enclosed[0]}"
        count = sum(each.layer == name for each in self.operations)
        return f"own code: {count} operations"

    @property
    def astray(self) -> list:
        """The parts whose numbers are not those of their mathematics."""
        return [row for row in self.mathematics if row.outside]

    @property
    def layers(self) -> list:
        """The Layers in the order in which they first compute."""
        found: dict[str, Layer] = {}
        for operation in self.operations:
            found.setdefault(operation.layer, Layer(operation.layer)).operations.append(operation)
        return list(found.values())

    @property
    def numbers(self) -> int:
        return sum(each.numbers for each in self.operations)

    @property
    def checked(self) -> int:
        return sum(each.checked for each in self.operations)

    @property
    def without(self) -> list:
        """The operations that return floats of which nothing is certified."""
        return [each for each in self.operations if each.without and each.numbers]

    @property
    def lossy(self) -> list:
        """The operations that lost numbers: honest, and far from what was meant."""
        return [each for each in self.operations if each.lost]

    @property
    def drawn(self) -> list:
        """The operations whose numbers a stateful generator drew: inputs, held in their range."""
        return [each for each in self.operations if each.drawn]

    @property
    def taken(self) -> list:
        """The operations without a rule that return whole numbers, taken as recorded."""
        return [each for each in self.operations if each.without and not each.numbers]

    @property
    def complete(self) -> bool:
        """Whether every float of the step was held against a rule."""
        return not self.without

    @property
    def verdict(self) -> Verdict:
        found = {each.verdict for each in self.operations}
        if self.gradient.wrong or self.gradient.scaled or self.astray:
            return DIFFERENT
        return next((verdict for verdict in GRAVEST if verdict in found), SKIPPED)

    @property
    def least_sharp(self):
        known = [each for each in self.operations if each.sharp_to is not None]
        return max(known, key=lambda each: each.sharp_to, default=None)

    @property
    def sharp_to(self) -> float | None:
        """The smallest relative error that would have been found in the least sharp operation."""
        return self.least_sharp and self.least_sharp.sharp_to

    def as_dict(self) -> dict:
        """Return all of it in plain lists, texts and numbers."""
        head = {
            "name": self.name,
            "engine": self.engine,
            "steps": self.steps,
            "batch": self.batch,
            "verdict": str(self.verdict),
            "complete": self.complete,
            "numbers": self.numbers,
            "checked": self.checked,
            "sharp_to": self.sharp_to,
            "first": self.first and asdict(self.first),
            "arose": self.arose,
            "gradient": asdict(self.gradient),
            "mathematics": [asdict(each) for each in self.mathematics],
            "watch": self.watch and asdict(self.watch),
            "unobserved": [asdict(each) for each in self.unobserved],
            "seconds": self.seconds,
            "remarks": [asdict(each) for each in self.remarks],
        }
        rows = [{**asdict(each), "verdict": str(each.verdict)} for each in self.operations]
        return _finite({**head, "operations": rows})

    def to_json(self) -> str:
        return json.dumps(self.as_dict(), allow_nan=False)

    def save(self, path):
        """Write the report as one HTML file that needs nothing else; return its path."""
        from equivalence.graph.page import write_page

        return write_page([self], path)

    def __str__(self):
        from equivalence.graph.terminal import as_text

        return as_text(self)

    def _repr_html_(self):
        from equivalence.graph.page import as_part

        return as_part(self)


def _finite(value):
    """Return a value in which what JSON has no numbers for is a text."""
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    if isinstance(value, float) and value - value != 0:
        return str(value)
    return value
