"""What ``certify`` costs, beside the same step run operation by operation in eager TensorFlow.

``python -m equivalence.benchmark.certifying [NAME ...] [--json FILE]`` measures each row in a
process of its own: the seconds of ``certify`` as a user calls it, with tracing, the gradient's
proof and all, over those of as many eager steps of the model; the same of the processor's
seconds, which other work on the machine hardly changes; and what it adds to the process's
peak memory, over what the tensors take that one step records.  What a process loads once is in
neither: the first eager step is not counted, and a small model is certified before.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

STEPS = 3
TRIES = 3
MEGABYTE = 2**20


@dataclass(frozen=True)
class Row:
    """A model, its samples, and how many times an eager step its certificate may take."""

    name: str
    build: Callable
    batch: int
    most: float | None = None


@dataclass(frozen=True)
class Cost:
    """Seconds of an eager step and of a certificate of ``steps``; megabytes of peak and records.

    of_cpu: the processor's seconds of both.
    """

    name: str
    batch: int
    steps: int
    eager: float
    certify: float
    tracing: float
    recorded: float
    peak: float
    most: float | None
    complete: bool
    of_cpu: tuple

    @property
    def ratio(self):
        return self.certify / (self.steps * self.eager)

    @property
    def cpu_ratio(self):
        eager, certify = self.of_cpu
        return certify / (self.steps * eager)

    @property
    def memory(self):
        return self.peak / self.recorded


def _images(application, size, optimizer="SGD"):
    def build(keras, rng, batch):
        options = {"weights": None, "input_shape": (size, size, 3), "classes": 10}
        model = getattr(keras.applications, application)(**options)
        model.compile(getattr(keras.optimizers, optimizer)(0.01), "sparse_categorical_crossentropy")
        x = rng.normal(size=(batch, size, size, 3)).astype(np.float32)
        return model, x, rng.integers(0, 10, batch)

    return build


def _transformer(blocks, width, length=64, words=200):
    def build(keras, rng, batch):
        layers = keras.layers
        given = keras.Input((length,), dtype="int32")
        places = layers.Embedding(length, width)(keras.ops.arange(length))
        h = layers.Embedding(words, width)(given) + places
        for _ in range(blocks):
            n = layers.LayerNormalization()(h)
            h = h + layers.MultiHeadAttention(4, width // 4)(n, n, use_causal_mask=True)
            n = layers.LayerNormalization()(h)
            h = h + layers.Dense(width)(layers.Dense(4 * width, "gelu")(n))
        model = keras.Model(given, layers.Dense(words)(h))
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.Adam(), loss)
        draw = lambda: rng.integers(0, words, (batch, length)).astype(np.int32)
        return model, draw(), draw()

    return build


def _dense(depth, width):
    def build(keras, rng, batch):
        hidden = [keras.layers.Dense(width, "relu") for _ in range(depth)]
        model = keras.Sequential([keras.Input((width,)), *hidden, keras.layers.Dense(10)])
        model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        x = rng.normal(size=(batch, width)).astype(np.float32)
        return model, x, rng.integers(0, 10, batch)

    return build


ROWS = (
    Row("MobileNetV2 32", _images("MobileNetV2", 32), 8, 8),
    Row("MobileNetV2 96", _images("MobileNetV2", 96), 16, 8),
    Row("ResNet50 32", _images("ResNet50", 32), 8, 12),
    Row("transformer 2 x 64", _transformer(2, 64), 32, 8),
    # Growth over depth, width and batch.
    Row("dense 2 x 256", _dense(2, 256), 256),
    Row("dense 8 x 256", _dense(8, 256), 256),
    Row("dense 32 x 256", _dense(32, 256), 256),
    Row("dense 2 x 1024", _dense(2, 1024), 256),
    Row("dense 2 x 4096", _dense(2, 4096), 256),
    Row("dense 2 x 256, batch 4096", _dense(2, 256), 4096),
    Row("dense 2 x 256, batch 65536", _dense(2, 256), 65536),
)


def measure(row):
    """Return the Cost of one row; in a fresh process, or the peak is another's."""
    import keras

    import equivalence

    keras.utils.set_random_seed(1)
    small = _dense(1, 4)(keras, np.random.default_rng(0), 4)
    equivalence.certify(*small, 1, engine="eager")  # loads what certify needs
    model, x, y = row.build(keras, np.random.default_rng(0), row.batch)
    model.train_on_batch(x, y)  # builds what a compiled model builds
    tries = _time_eagerly(model, x, y)
    before, begun = _peak(), _now()
    report = equivalence.certify(model, x, y, STEPS, batch_size=row.batch, engine="eager")
    took = _now() - begun
    peak = _peak() - before
    # Half of the eager steps are taken behind it: machines are not steady.
    eager = np.median(tries + _time_eagerly(model, x, y), axis=0)
    recorded = 4 * sum(operation.numbers for operation in report.operations) / STEPS
    return Cost(
        row.name,
        row.batch,
        STEPS,
        float(eager[0]),
        float(took[0]),
        report.seconds["tracing"],
        recorded / MEGABYTE,
        peak / MEGABYTE,
        row.most,
        report.complete,
        (float(eager[1]), float(took[1])),
    )


def _time_eagerly(model, x, y):
    """Return what some eager steps take, behind a first one; the model is left as it was run."""
    model.run_eagerly, model.train_function = True, None
    tries = []
    for _ in range(TRIES + 1):
        begun = _now()
        model.train_on_batch(x, y)
        tries.append(_now() - begun)
    model.run_eagerly = False
    return tries[1:]


def _now():
    """Return the seconds of the clock, and of the processor in this process."""
    return np.array([perf_counter(), process_time()])


def _peak():
    """Return the most memory that this process has had, in bytes."""
    try:
        import resource
    except ImportError:  # as on Windows
        return float("nan")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most


def line(cost):
    """Return a Cost as a line of the table that is printed."""
    most = f"{cost.most:>5.0f}" if cost.most else "     "
    return (
        f"{cost.name:<27}{cost.batch:>6}{cost.eager:>9.3f}{cost.certify:>9.2f}{cost.ratio:>7.1f}"
        f"{cost.cpu_ratio:>7.1f}{most}"
        f"{cost.recorded:>9.0f}{cost.peak:>7.0f}{cost.memory:>6.2f}"
    )


HEAD = (
    f"{'model':<27}{'batch':>6}{'step s':>9}{'cert. s':>9}{'ratio':>7}"
    f"{'CPU':>7}{'most':>5}"
    f"{'rec. MB':>9}{'peak':>7}{'times':>6}"
)


def main(arguments=None):
    """Measure rows, each in a process of its own; return 0."""
    parser = argparse.ArgumentParser(
        prog="python -m equivalence.benchmark.certifying",
        description="What certify costs beside eager steps.",
    )
    names = [row.name for row in ROWS]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names)}")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures there")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(names):
        parser.error(f"no row {sorted(unknown)[0]!r}: there are {', '.join(names)}")
    rows = [row for row in ROWS if not options.names or row.name in options.names]
    if options.here:
        print(json.dumps(asdict(measure(rows[0]))))
        return 0
    print(HEAD, flush=True)
    found = []
    for row in rows:
        command = (sys.executable, "-m", "equivalence.benchmark.certifying", "--here", row.name)
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        found.append(Cost(**json.loads(done.stdout.splitlines()[-1])))
        print(line(found[-1]), flush=True)
    if options.json:
        options.json.write_text(json.dumps([asdict(cost) for cost in found], indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
