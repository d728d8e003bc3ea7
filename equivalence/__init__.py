"""Does TensorFlow compute the training step that the mathematics says?

    >>> import equivalence
    >>> result = equivalence.verify("dense-2-2", dtype="float32", engine="graph")
    >>> print(result.verdict)
    bit-identical

``verify`` runs one pair on both sides and judges it; ``certify`` holds a training step of one's
own, of a compiled Keras model or of a function, against what its operations may return;
``equivalence.judge.verdict.judge`` judges a trajectory of one's own; ``PAIRS`` is the table of
pairs.  The command ``equivalence``
does the same for all pairs and engines.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from equivalence.arithmetic import precisions as _precisions
from equivalence.diagnose.answer import Answer
from equivalence.diagnose.diagnosing import diagnose
from equivalence.errors import BadInput, Error
from equivalence.evaluation import Said, evaluate
from equivalence.graph import Report, certify
from equivalence.judge.verdict import First, Judgement, Verdict
from equivalence.listings import trajectory
from equivalence.machine import switches as _switches
from equivalence.machine.memory import freed_kept as _freed_kept
from equivalence.machine.workers import Workers as _Workers
from equivalence.pairs.table import PAIRS, Pair
from equivalence.results.result import Result, Spec
from equivalence.runs.run import run as _run
from equivalence.runs.select import checked as _checked
from equivalence.steps.program import Program
from equivalence.steps.trajectory import State, Trajectory

__version__ = "0.1.0"

__all__ = [
    "PAIRS",
    "Answer",
    "BadInput",
    "Error",
    "First",
    "Judgement",
    "Pair",
    "Program",
    "Report",
    "Result",
    "Said",
    "Spec",
    "State",
    "Trajectory",
    "Verdict",
    "certify",
    "diagnose",
    "evaluate",
    "trajectory",
    "verify",
]


def verify(
    pair: str,
    dtype: str = _precisions.USUAL,
    twin: str = "keras",
    engine: str = "graph",
    device: str = "CPU:0",
    epochs: int | str | None = None,
    seed: int | None = None,
    switches: Mapping[str, str] | None = None,
    data: str | os.PathLike[str] | None = None,
    learning_rate: float | None = None,
    operations: bool = False,
) -> Result:
    """Run one pair on both sides and return the judged Result.

    The run is made in this process, or, if switches are named, in a fresh one.

    pair: a name of ``PAIRS``.
    dtype: "float32" or "float64", a row of ``arithmetic.precisions``; or a policy of Keras's in
        half precision, "float16", "bfloat16", "mixed_float16" or "mixed_bfloat16".
    twin: "tape" (the GradientTape file of ``tfimpl``) or "keras" (Keras's classes).
    engine: "eager", "graph" (tf.function), "xla" (jit_compile=True), "train_on_batch",
        "fit", "split" or "mirrored"; see ``engines``.
    device: as TensorFlow lists it.
    epochs: a whole number above 0, "book" for the source's own number, or None for that
        number as far as the engine gets in an instant.
    seed: None for the pair's own start and data, a number for random ones.
    switches: TensorFlow's switches by name, such as {"onednn": "off", "threads": "1"}.
    data: an .npz file with ``inputs``, ``targets`` and perhaps weights by their names.
    learning_rate: instead of the pair's own.
    operations: hold every operation of the step, as ``certify`` does, and not the stages of the
        reference's; in half precision it always is so, by twin "keras" alone.

    Raises BadInput, an ``equivalence.Error`` and a ValueError, for what cannot be run.
    """
    if epochs == 0 or (isinstance(epochs, str) and epochs != "book"):
        raise BadInput(f"{epochs!r} epochs cannot be run: give a whole number above 0, or 'book'")
    setting = _switches.ordered(switches or {})
    spec = _checked(
        Spec(
            pair,
            dtype,
            twin,
            engine,
            device,
            0 if isinstance(epochs, str) else epochs,
            seed,
            None if data is None else os.fspath(data),
            learning_rate,
            setting,
            operations,
        )
    )
    if not setting:
        with _freed_kept():
            return _run(spec)
    with _Workers(1) as pool:
        return pool.submit(_run, spec, setting=setting).result()
