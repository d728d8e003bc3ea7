"""What is run and what it gave: ``Spec`` and ``Result``."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any

from equivalence.arithmetic.precisions import HALVES, POLICIES
from equivalence.errors import BadInput
from equivalence.judge.resolution import Resolution
from equivalence.judge.verdict import AGREE, SKIPPED, First, Verdict

# Policies under which a step computes in half precision.
ONLY_BY_OPERATIONS = tuple(p.name for p in POLICIES.values() if p.computes in HALVES)


@dataclass(frozen=True)
class Spec:
    """What to run; ``runs.select.checked`` says whether it can be.

    epochs: None is the book's number within DEFAULT_STEPS, 0 the book's number.
    seed: None is the pair's own start and data, a number random ones.
    data: an .npz file with inputs, targets and perhaps weights; see ``inputs``.
    learning_rate: instead of the pair's own.
    switches: TensorFlow's start-up switches as (name, value) pairs, in the order of
        ``machine.switches.SWITCHES``; what is not named is as TensorFlow starts by itself.
    operations: the step is held operation by operation, as ``certify`` holds a user's own, and
        not against the reference's; so it always is in half precision.
    digest: twelve characters that change with the content of ``data``; read from the file
        where it is not given, as a results file gives it.
    """

    pair: str
    dtype: str
    twin: str
    engine: str
    device: str = "CPU:0"
    epochs: int | None = None
    seed: int | None = None
    data: str | None = None
    learning_rate: float | None = None
    switches: tuple = ()
    operations: bool = False
    digest: str | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if self.dtype in ONLY_BY_OPERATIONS:
            object.__setattr__(self, "operations", True)
        if self.data is not None and self.digest is None:
            object.__setattr__(self, "digest", digest_of(self.data))

    @property
    def name(self) -> str:
        """The run in words, different for every run: how a results file knows it."""
        epochs = {None: "default", 0: "book"}.get(self.epochs, self.epochs)
        words = [self.pair, self.dtype, f"{self.twin}/{self.engine}", self.device]
        words += [f"{name}={value}" for name, value in self.switches]
        words += ["operations"] if self.operations else []
        words += [f"epochs={epochs}"]
        words += [f"seed={self.seed}"] if self.seed is not None else []
        words += [f"data={self.digest}"] if self.data is not None else []
        words += [f"learning_rate={self.learning_rate!r}"] if self.learning_rate else []
        return " ".join(words)

    def record(self) -> dict[str, Any]:
        """Return the Spec as plain values, from which ``of_record`` makes it again."""
        return {**asdict(self), "switches": dict(self.switches)}

    @classmethod
    def of_record(cls, record: dict[str, Any]) -> Spec:
        """Return the Spec of a ``record``."""
        return cls(**{**record, "switches": tuple(record["switches"].items())})


@cache
def digest_of(path: str) -> str:
    """Return twelve characters that change with the content of a file; raises BadInput."""
    try:
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()[:12]
    except OSError as error:
        raise BadInput(f"cannot read {path!r}: {error.strerror}") from None


# Why a run ended as it did, by the code in ``Result.cause``.
CAUSES = {
    "equal": "all bits agree",
    "parted": "rounding differs, every step inside its enclosure",
    "unbounded": "some enclosure is unbounded, for one by a divisor that may be 0",
    "overflow": "the run left the range of its floats, or may have",
    "outside": "some number lies outside its enclosure, and no known defect says so",
    "wrong-start": "a slot does not start as it should",
    "wrong-gradient": "the reference's backward is not the derivative of its forward",
    "known-defect": "different as a known upstream defect has it, and certified with its model",
    "defect-gone": "what a known upstream defect says no longer happens",
    "beyond-defect": "different from a known upstream defect's model, too",
    "not-in-keras": "the installed Keras has no such class, or refuses its options",
    "worker-died": "the process that made the run died or hung",
    "without-rule": "an operation of the step has no rule, so that nothing is certified of it",
    "refused": "Keras or TensorFlow cannot run it in this precision",
    "broke-off": "the run raised an exception",
}


@dataclass(frozen=True)
class Result:
    """What a run gave; ``record()`` is its line of the results file.

    verdict: a word, ``equivalence.Verdict``.
    expected: the verdict is the one that the tables of pairs and of known defects say.
    cause: why, a code of CAUSES; ``reason`` is the same as one sentence.
    defects: the names of the known upstream defects that the run met.
    with_models: the verdict when the models of these defects are built into the reference.
    epochs: whole ones are an int; a default run may end within its first.
    ulp: the largest free-running distance of the weights; None where no other side ran, as
        operation by operation.
    step_ulp: the largest distance of the weights after one step from a common state.
    usage: the largest share of an enclosure's radius that TensorFlow used.
    without_tf32: where matmuls had TF32's precision, the largest share of a radius of
        float32's own enclosures that was used: above 1 shows that TF32 was at work.
    sharp_to: the smallest relative error that would have been found, as a median over the
        elements of the least sharp tensor; None where nothing was recorded.
    resolution: the same by stage: stage -> (median, worst, the least sharp tensor).
    first: the first number outside its enclosure, None where there is none.
    lost: what honest operations lost, a sentence for each way, of runs by operations.
    """

    spec: Spec
    verdict: Verdict
    expected: bool
    cause: str
    reason: str = ""
    defects: tuple[str, ...] = ()
    with_models: Verdict | None = None
    epochs: float = 0
    steps: int = 0
    ulp: float | None = 0.0
    step_ulp: float | None = 0.0
    usage: float = 0.0
    without_tf32: float | None = None
    sharp_to: float | None = None
    resolution: dict[str, Resolution] = field(default_factory=dict)
    first: First | None = None
    seconds: float = 0.0
    lost: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether both sides agree: to the bit, or to what rounding explains."""
        return self.verdict in AGREE

    def __str__(self) -> str:
        """The run, its verdict, whether that was expected, and why."""
        expected = "as expected" if self.expected else "NOT as expected"
        why = f": {self.reason}" if self.reason else ""
        return f"{self.spec.name}: {self.verdict}, {expected}{why}"

    def record(self) -> dict[str, Any]:
        """Return the run as a dict of plain values, as the README describes it.

        The Spec's fields stand beside the Result's; the Spec's epochs, which say what was
        asked for, are ``asked_epochs``, beside the ``epochs`` that were run.
        """
        spec, facts = self.spec.record(), vars(self)
        asked = spec.pop("epochs")
        result = {name: facts[name] for name in facts if name != "spec"}
        return {
            "run": self.spec.name,
            **spec,
            "asked_epochs": asked,
            **result,
            "defects": list(self.defects),
            "lost": list(self.lost),
            "verdict": str(self.verdict),
            "with_models": self.with_models and str(self.with_models),
            "resolution": {stage: list(of) for stage, of in self.resolution.items()},
            "first": asdict(self.first) if self.first else None,
        }


def not_made(spec: Spec, expected: bool, cause: str, reason: str, seconds: float = 0.0) -> Result:
    """Return the Result of a run that was not made."""
    return Result(spec, SKIPPED, expected, cause, reason, seconds=seconds)
