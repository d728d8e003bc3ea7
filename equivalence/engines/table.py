"""The engines: how a training step is run, one row each.

A *twin* is what is run: ``tape``, the file in ``tfimpl`` with a GradientTape, or ``keras``,
Keras's own layers, loss and optimizer.  What a command, a picture, the rounding model or a
table of defects has to know of an engine is in its row; this file imports nothing of ours.
"""

from __future__ import annotations

from dataclasses import dataclass

TWINS = ("tape", "keras")


@dataclass(frozen=True)
class Engine:
    """One engine.

    name: as the command line knows it; letter: its column in the picture; words: what it is.
    usual: ``verify`` runs it unasked.
    of_models: it needs a Keras model, which the tape twin has not.
    steps: what a run takes by default: eager and fit cost milliseconds a step, a compiled
        trajectory some 30 microseconds.
    of_an_epoch: the most steps of a first epoch of many batches, None for all of them.
    on_cpu, on_gpu: which library computes its functions there, and which compilers may have
        rewritten its graph (``arithmetic.bounds`` says what each does).
    """

    name: str
    letter: str
    words: str
    usual: bool = False
    of_models: bool = False
    steps: int = 200
    of_an_epoch: int | None = None
    on_cpu: tuple[str, tuple[str, ...]] = ("eigen", ("grappler",))
    on_gpu: tuple[str, tuple[str, ...]] = ("cuda", ("cuda",))

    @property
    def twins(self) -> tuple[str, ...]:
        """The twins that can be run so."""
        return ("keras",) if self.of_models else TWINS

    @property
    def compiled(self) -> bool:
        """Whether a compiler may rewrite its graph, as a division by a constant."""
        return bool(self.on_cpu[1])


# On a GPU ``fit`` and ``train_on_batch`` turn XLA on by themselves
# (keras/src/trainers/trainer.py, model_supports_jit and _resolve_auto_jit_compile).
GPU_XLA = ("cuda-xla", ("cuda", "xla"))

ENGINES = {
    engine.name: engine
    for engine in (
        Engine("eager", "e", "eager", usual=True, steps=5, of_an_epoch=10, on_cpu=("eigen", ())),
        Engine("graph", "g", "tf.function", usual=True),
        Engine("xla", "x", "XLA", usual=True, on_cpu=("xla", ("xla", "grappler")), on_gpu=GPU_XLA),
        Engine(
            "train_on_batch",
            "t",
            "train_on_batch",
            of_models=True,
            steps=20,
            on_gpu=GPU_XLA,
        ),
        Engine("fit", "f", "Model.fit", usual=True, of_models=True, on_gpu=GPU_XLA),
        Engine(
            "split",
            "s",
            "the model in a tf.function of its own, the loss outside",
            of_models=True,
            steps=5,
            of_an_epoch=10,
        ),
        Engine(
            "mirrored",
            "m",
            "MirroredStrategy",
            of_models=True,
            steps=20,
            on_cpu=("eigen", ("grappler", "all-reduce")),
            on_gpu=("cuda", ("cuda", "all-reduce")),
        ),
    )
}
NAMES = tuple(ENGINES)
USUAL = tuple(name for name, engine in ENGINES.items() if engine.usual)
