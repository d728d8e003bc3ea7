"""Who computes what is drawn: one side or both, TensorFlow's in a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from equivalence.pictures.course import Course, of_numpy, of_tensorflow
from equivalence.pictures.rows import find_pair
from equivalence.pictures.style import SIDES
from equivalence.results.result import Spec
from equivalence.steps.pair import Pair

MOST = 20_000  # steps of a run whose length nobody asks for: some seconds on either side


@dataclass(frozen=True)
class Run:
    """One run of a pair, by the sides that are asked for: side -> Course."""

    pair: Pair
    spec: Spec
    sides: dict[str, Course]

    @property
    def any(self) -> Course:
        """The course of one side, for what is the same on both."""
        return next(iter(self.sides.values()))

    @property
    def length(self) -> str:
        """How long the run is, in words."""
        count, unit = len(self.any.loss), self.any.unit
        shorter = unit == "epoch" and count < self.pair.epochs
        whole = f" of {self.pair.epochs:,}" if shorter else ""
        return f"{count:,}{whole} {unit}{'s' if shorter or count > 1 else ''}"


@dataclass(frozen=True)
class Maker:
    """Makes runs for a picture.

    sides: of ``style.SIDES``.
    dtype: of the runs.
    epochs: of each run, 0 for the source's number; None is that number within MOST steps.
    submit: calls a function where TensorFlow may be imported; by default here.
    """

    sides: tuple[str, ...] = tuple(SIDES)
    dtype: str = "float32"
    epochs: int | None = None
    submit: Callable[..., Any] = lambda function, *arguments: function(*arguments)

    def run(
        self,
        name: str,
        inputs: Callable[[Pair], np.ndarray] | None = None,
        epochs: int | None = None,
        learning_rate: float | None = None,
    ) -> Run:
        """Return the Run of the pair called ``name``.

        inputs: of the pair, what the trained network is given, (samples, features).
        epochs, learning_rate: instead of the pair's, where the picture says so.
        """
        pair = find_pair(name)
        twin = "keras" if pair.keras else "tape"
        epochs = self.epochs if self.epochs is not None else epochs
        if epochs is None:
            epochs = max(1, min(pair.epochs, MOST // pair.steps_per_epoch))
        spec = Spec(name, self.dtype, twin, "graph", epochs=epochs, learning_rate=learning_rate)
        given = None if inputs is None else inputs(pair)
        found: dict[str, Course] = {}
        for side in self.sides:
            if side == "numpy":
                found[side] = of_numpy(pair, spec, given)
            else:
                found[side] = self.submit(_by_tensorflow, spec, given)
        return Run(pair, spec, found)

    def values(self, function: Callable, *arguments: Any) -> dict[str, Any]:
        """Return what ``function(side, *arguments)`` gives for each side."""
        call = {"numpy": lambda f, *a: f(*a), "tensorflow": self.submit}
        return {side: call[side](function, side, *arguments) for side in self.sides}


def _by_tensorflow(spec: Spec, inputs: np.ndarray | None) -> Course:
    """Return TensorFlow's course of a named pair; a function that a worker can be given."""
    return of_tensorflow(find_pair(spec.pair), spec, inputs)
