"""A pair: one training run, built on both sides from one row."""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from math import ceil

import numpy as np

from equivalence import trees
from equivalence.texts import printed

# What stands around one layer, or one optimizer, to try it.
AROUND = tuple(f"refimpl.networks.{name}" for name in ("alone", "given_gradients", "look_up"))


@dataclass(frozen=True)
class Pair:
    """One network, one optimizer, one set of data, on both sides.

    name: as the command line knows it.
    source: the sections of the texts that it answers, as ``texts.at`` makes them; where no text
        has it, what it is, in words.
    network, optimizer: build the twin from a namespace (``equivalence.trees``).
    start: the weights before the first step, in the order of ``weight_names``.
    inputs, targets: (samples, ...) arrays.
    epochs: how often the source goes through the data.
    batch_size: samples a step, in fixed order; None takes all.  The last batch of an
        epoch has what is left.
    keras: the method of the network's twin that makes the Keras model, "model"
        (Sequential) or "functional"; None where Keras has no such classes.
    in_turn: Keras has it as several models, trained in turn by ``train_on_batch`` alone.
    note: what a reader should know about it.
    quick: epochs that are run by default, where a large network takes long.
    group: "books", the texts'; "optimizers", each on given gradients; "options", the base
        class's; "look-up", gradients that are tf.IndexedSlices; "training", every optimizer on
        the networks of 2-2-2 and on iris; "axes", what shows a call path or a switch;
        "shapes", more samples, units and axes than the books have;
        "layers", each layer alone; "models", the texts' networks of layers.
    diverges: why its numbers leave the range of their floats, where that is what the row is
        about; a run that does so without a reason is not as expected.
    """

    name: str
    source: tuple[str, ...] | str
    network: Callable
    optimizer: Callable
    start: Callable
    data: Callable
    epochs: int
    batch_size: int | None = None
    keras: str | None = "model"
    in_turn: bool = False
    note: str = ""
    group: str = "books"
    quick: int | None = None
    diverges: str = ""

    @property
    def sections(self):
        """The keys of the sections of the texts that it answers: ("001 417_5", ...)."""
        return () if isinstance(self.source, str) else self.source

    @property
    def where(self):
        """Its sections in a line, or what it is: "Course 4-6; Slides A1"."""
        return self.source if isinstance(self.source, str) else printed(self.source)

    def batches(self, dtype):
        """Return inputs and targets as (batches, batch_size, ...) arrays.

        A smaller last batch is filled up with zeros; ``last`` says what it really has.
        """
        arrays = (np.asarray(a, dtype=dtype) for a in self.data())
        return tuple(_in_batches(a, self.batch_size or len(a)) for a in arrays)

    @property
    def last(self):
        """The samples of the last batch where it is smaller than the others, else None."""
        samples = len(self.data()[0])
        return samples % (self.batch_size or samples) or None

    def weights(self, dtype):
        """Return the weights before the first step."""
        return tuple(np.asarray(w, dtype=dtype) for w in self.start())

    @property
    def steps_per_epoch(self):
        samples = len(self.data()[0])
        return ceil(samples / (self.batch_size or samples))

    @property
    def files(self):
        """The files of the twins, relative to either tree, in reading order."""
        m = trees.reference()
        found = [*_modules(self.network(m)), *_modules(self.optimizer(m)), "refimpl.training"]
        found.sort(key=lambda name: name in AROUND)  # what is tried comes before that
        paths = [name.removeprefix("refimpl.").replace(".", "/") + ".py" for name in found]
        return tuple(dict.fromkeys(paths))


def _in_batches(array, size):
    """Return (batches, size, ...) of (samples, ...), filled up with zeros."""
    missing = -len(array) % size
    filled = np.concatenate([array, np.zeros((missing, *array.shape[1:]), array.dtype)])
    return filled.reshape(-1, size, *array.shape[1:])


def _modules(part):
    """Yield the modules of a network or optimizer and of its pieces."""
    for each in part if isinstance(part, tuple) else ():
        yield from _modules(each)
    if type(part).__module__.startswith("refimpl."):
        yield type(part).__module__
        if is_dataclass(part):
            for field in fields(part):
                yield from _modules(getattr(part, field.name))
