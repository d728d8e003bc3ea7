"""What is run and what it gave: ``Spec`` and ``Result``."""

import hashlib
from dataclasses import asdict, dataclass
from functools import cache

from equivalence.judge.verdict import Verdict


@dataclass(frozen=True)
class Spec:
    """What to run.

    epochs: None is the book's number within DEFAULT_STEPS, 0 the book's number.
    seed: None is the pair's own start and data, a number random ones.
    data: an .npz file with inputs, targets and perhaps weights; see ``inputs``.
    learning_rate: instead of the pair's own.
    switches: TensorFlow's start-up switches as (name, value) pairs, in the order of
        ``machine.switches.SWITCHES``; what is not named is as TensorFlow starts by itself.
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

    @property
    def name(self):
        """The run in words, different for every run: how a results file knows it."""
        epochs = {None: "default", 0: "book"}.get(self.epochs, self.epochs)
        words = [self.pair, self.dtype, f"{self.twin}/{self.engine}", self.device]
        words += [f"{name}={value}" for name, value in self.switches]
        words += [f"epochs={epochs}"]
        words += [f"seed={self.seed}"] if self.seed is not None else []
        words += [f"data={_digest(self.data)}"] if self.data else []
        words += [f"learning_rate={self.learning_rate!r}"] if self.learning_rate else []
        return " ".join(words)


@cache
def _digest(path):
    """Return twelve characters that change with the content of a file."""
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()[:12]


@dataclass(frozen=True)
class Result:
    """What a run gave; ``record()`` is its line of the results file.

    epochs: whole ones are an int; a default run may end within its first.
    without_tf32: where matmuls had TF32's precision, the largest share of a radius of
        float32's own enclosures that was used: above 1 shows that TF32 was at work.
    """

    spec: Spec
    epochs: float
    steps: int
    verdict: Verdict
    expected: bool
    reason: str
    seconds: float
    without_tf32: float | None = None

    def record(self):
        """Return the run as a flat dict, as the README describes it."""
        first = self.verdict.first
        return {
            "run": self.spec.name,
            "pair": self.spec.pair,
            "dtype": self.spec.dtype,
            "device": self.spec.device,
            "twin": self.spec.twin,
            "engine": self.spec.engine,
            "switches": dict(self.spec.switches),
            "seed": self.spec.seed,
            "epochs": self.epochs,
            "steps": self.steps,
            "verdict": self.verdict.verdict,
            "expected": self.expected,
            "reason": self.reason,
            "ulp": self.verdict.ulp,
            "step_ulp": self.verdict.step_ulp,
            "usage": self.verdict.usage,
            "without_tf32": self.without_tf32,
            "first": asdict(first) if first else None,
            "seconds": self.seconds,
        }
