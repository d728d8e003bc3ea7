"""Does TensorFlow compute the training step that the mathematics says?

    >>> import equivalence
    >>> result = equivalence.verify("dense-2-2", dtype="float32", engine="graph")
    >>> result.verdict.verdict
    'bit-identical'

``verify`` runs one pair on both sides and judges it; ``equivalence.judge.verdict.judge`` judges
a trajectory of one's own; ``PAIRS`` is the table of pairs.  The command ``equivalence``
does the same for all pairs and engines.
"""

from __future__ import annotations

from collections.abc import Mapping

from equivalence.errors import BadInput
from equivalence.judge.verdict import First, Verdict
from equivalence.machine import switches as _switches
from equivalence.machine.workers import Workers as _Workers
from equivalence.pairs.table import PAIRS, Pair
from equivalence.results.result import Result, Spec
from equivalence.runs.run import run as _run
from equivalence.steps.program import Program
from equivalence.steps.trajectory import State, Trajectory

__all__ = [
    "PAIRS",
    "BadInput",
    "First",
    "Pair",
    "Program",
    "Result",
    "Spec",
    "State",
    "Trajectory",
    "Verdict",
    "verify",
]


def verify(
    pair: str,
    dtype: str = "float32",
    twin: str = "keras",
    engine: str = "graph",
    device: str = "CPU:0",
    epochs: int | None = None,
    seed: int | None = None,
    switches: Mapping[str, str] | None = None,
) -> Result:
    """Run one pair on both sides and return the judged Result.

    The run is made in this process, or, if switches are named, in a fresh one.

    pair: a name of ``PAIRS``.
    dtype: "float32" or "float64".
    twin: "tape" (the GradientTape file of ``tfimpl``) or "keras" (Keras's classes).
    engine: "eager", "graph" (tf.function), "xla" (jit_compile=True), "train_on_batch",
        "fit", "split" or "mirrored"; see ``engines``.
    device: as TensorFlow lists it.
    epochs: None for the source's number as far as the engine gets in an instant.
    seed: None for the pair's own start and data, a number for random ones.
    switches: TensorFlow's switches by name, such as {"onednn": "off", "threads": "1"}.

    Raises ValueError for an unknown name.
    """
    setting = _switches.ordered(switches or {})
    spec = Spec(pair, dtype, twin, engine, device, epochs, seed, switches=setting)
    if not setting:
        return _run(spec)
    with _Workers(1) as pool:
        return pool.submit(_run, spec, setting=setting).result()
