"""What ``diagnose`` answers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from equivalence.diagnose.variant import DEFECT, DEFINITION, MISTAKE, Variant

BITS, ROUNDING, DRIFT = "bit-identical", "rounding", "drift"
CAUSE, AMBIGUOUS, UNKNOWN, UPSTREAM = "cause", "ambiguous", "unknown", "upstream"
AGREES = (BITS, ROUNDING, DRIFT)


@dataclass(frozen=True)
class Where:
    """The first number that Keras's own formula does not give: step, stage, tensor, element.

    yours, keras: the two numbers.
    """

    step: int
    stage: str
    tensor: str
    index: tuple
    yours: float
    keras: float

    @property
    def of_keras(self):
        """The same in words, where ``yours`` is Keras's own number and ``keras`` the formula's."""
        return f"{self._place()}: Keras {self.yours:.17g}, its formula {self.keras:.17g}"

    def __str__(self):
        return f"{self._place()}: yours {self.yours:.9g}, Keras {self.keras:.9g}"

    def _place(self):
        element = f"{self.tensor}[{', '.join(map(str, self.index))}]" if self.index else self.tensor
        stage = {"gradients": "gradient of", "weights": "update of", "loss": "loss"}.get(
            self.stage, "output"
        )
        name = stage if self.stage == "loss" else f"{stage} {element}"
        return f"step {self.step}, {name}"


@dataclass(frozen=True)
class Evidence:
    """How well the answer fits, as the largest distance relative to a tensor's largest number.

    fit: of the answer; keras: of Keras's own formula; next_best: of the best single cause that
        does not fit, by name, None where there is none.
    steps: how many were compared; tried: how many recipes.
    sharp_to: the smallest relative error that would have been found, as a median.
    """

    fit: float
    keras: float
    next_best: tuple | None
    steps: int
    tried: int
    sharp_to: float

    def __str__(self):
        steps = f"{self.steps} step{'s' * (self.steps != 1)}"
        words = f"{steps} fit to {self.fit:.1e}; Keras's own formula to {self.keras:.1e}"
        if self.next_best:
            words += f"; the next best, {self.next_best[0]}, to {self.next_best[1]:.1e}"
        return words


@dataclass(frozen=True)
class Answer:
    """Why the numbers differ, or that they do not.

    kind: "bit-identical", "rounding", "drift" (they agree); "cause"; "ambiguous": several
        causes that these data cannot tell apart; "unknown"; "upstream": yours follow the
        formula, and Keras departs from it by a known defect.
    causes: ((Variant, where it is), ...): more than one if they act together.
    others: the causes, each as ``causes``, that fit the data that were brought as well.
    tell: what would tell them apart; data: such data, a ``telling.Telling``, None where there are
        none.
    notes: what was matched, and what else should be known.
    found: of what is unknown, sentences of what turns one into the other.
    line: the first line of your code whose value leaves the formula, a ``lines.Line``; None where
        there is no code, or none can be named.
    departure: where Keras's own numbers leave its formula, an ``upstream.Departure``, or None.
    """

    kind: str
    causes: tuple = ()
    others: tuple = ()
    where: Where | None = None
    evidence: Evidence | None = None
    notes: tuple = ()
    found: tuple = ()
    reason: str = ""
    tell: str = ""
    data: Any = None
    line: Any = None
    departure: Any = None
    hyperparameters: dict = field(default_factory=dict)

    @property
    def agrees(self) -> bool:
        return self.kind in AGREES

    @property
    def cause(self) -> str | None:
        """The name of the cause, of several joined by " + "; None where there is none.

        Of what is upstream, the name of the defect.
        """
        if self.kind == UPSTREAM:
            return self.departure.names
        return " + ".join(v.name for v, _ in self.causes) if self.causes else None

    @property
    def variant(self) -> Variant | None:
        """The row of the table of causes; of several the first."""
        return self.causes[0][0] if self.causes else None

    @property
    def mend(self) -> str | None:
        """How to write it to match."""
        return "; ".join(self.filled(v.mend) for v, _ in self.causes) or None

    @property
    def wrong(self) -> str | None:
        """Who departs from the mathematics: "yours", "keras", "both"; None where nobody does."""
        keras = bool(self.departure and self.departure.rows)
        keras = keras or any(v.kind == DEFECT for v, _ in self.causes)
        yours = any(v.kind != DEFINITION for v, _ in self.causes)
        yours = yours or (self.agrees and keras)
        return {(1, 1): "both", (1, 0): "yours", (0, 1): "keras"}.get((yours, keras))

    def filled(self, words):
        """Return words with the numbers of Keras's object in them."""
        for name, value in self.hyperparameters.items():
            words = words.replace("{" + name + "}", f"{value:g}")
        return words

    def record(self):
        """Return the answer as a dict for JSON."""
        return {
            "kind": self.kind,
            "agrees": self.agrees,
            "causes": [[v.name, where] for v, where in self.causes],
            "others": [[[v.name, where] for v, where in c] for c in self.others],
            "where": self.where and asdict(self.where),
            "evidence": self.evidence and asdict(self.evidence),
            "found": list(self.found),
            "line": self.line and asdict(self.line),
            "notes": list(self.notes),
            "wrong": self.wrong,
            "upstream": [row.name for row in self.departure.rows] if self.departure else [],
            "answer": self.headline(),
        }

    def __str__(self):
        lines = [self.headline(), *self.notes]
        return "\n".join(line for line in lines if line)

    def headline(self):
        """Return the answer in one paragraph."""
        if self.agrees:
            return self._agreement()
        if self.kind == UPSTREAM:
            return self._upstream()
        if self.kind == UNKNOWN:
            return " ".join([self._unknown(), *self.found, *self._line()])
        parts = [f"{self.filled(v.sentence(where))}." for v, where in self.causes]
        if any(v.kind == DEFECT for v, _ in self.causes):
            parts.append("Keras is wrong here, and yours with it.")
        elif all(v.kind != MISTAKE for v, _ in self.causes):
            parts.append(f"Both are right by their own definitions ({self.causes[0][0].who}).")
        parts.append(f"{self.evidence}.")
        if self.others:
            names = ", ".join(" + ".join(v.name for v, _ in c) for c in self.others)
            decided = "; asked on them, yours is this one" if self.kind == CAUSE else ""
            parts.append(f"These data cannot tell it from {names}: {self.tell}{decided}.")
        if self.where:
            parts.append(f"Keras's formula is left at {self.where}.")
        parts += self._line()
        parts.append(f"To match: {self.mend}.")
        return " ".join(parts)

    def _upstream(self):
        """Return that Keras is wrong, by what, and the evidence."""
        own = self.departure
        words = f"{self.evidence.steps} step{'s' * (self.evidence.steps != 1)}"
        steps = f"{own.steps} step{'s' * (own.steps != 1)}"
        return (
            f"Yours is right, and Keras is wrong, by {own.known}: {own.what}. "
            f"Yours follow the formula in {words} (an error of {self.evidence.sharp_to:.1e} would "
            f"have been found). Keras's own {steps} in {own.dtype} fit to {own.without:.1e} "
            f"without the defect, to {own.fit:.1e} with it. First at {own.where.of_keras}. "
            "To see it: equivalence defects."
        )

    def _line(self):
        return [str(self.line)] if self.line else []

    def _unknown(self):
        """Return that nothing fits, and where Keras's formula is left."""
        words = f"No known cause: none of {self.evidence.tried}, one or two together, fits."
        if self.evidence.next_best:
            name, off = self.evidence.next_best
            words += f" The nearest, {name}, is off by {off:.1e} of the largest number."
        return f"{words} First at {self.where}." if self.where else words

    def _agreement(self):
        if self.kind == BITS:
            return f"It agrees: every weight has the same bits at every step. {self.reason}".strip()
        words = f"{self.evidence.steps} step{'s' * (self.evidence.steps != 1)}"
        sharp = f"an error of {self.evidence.sharp_to:.1e} would have been found"
        if self.kind == ROUNDING:
            return f"It agrees: {words} differ by rounding alone ({sharp}). {self.reason}".strip()
        return f"It agrees: each of {words} differs by rounding alone ({sharp}). {self.reason}"
