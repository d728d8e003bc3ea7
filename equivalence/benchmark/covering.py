"""What of a model's training step is certified, and what of it as users run it is covered.

``python -m equivalence.benchmark.covering [NAME ...] [--engine E ...] [--watch] [--json FILE]``
certifies a step of each row, in a process of its own: models of keras.applications for their
smallest images, and the models of ``plants.ordinary``.  With ``--watch`` the step as an engine runs
it is looked into without changing a bit, and the share of its numbers that are covered is told.
"""

import argparse
import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

import numpy as np

from equivalence.benchmark.certifying import MEGABYTE, _images, _peak
from equivalence.graph.unobserved import COMPILED
from equivalence.graph.unobserved import NAMES as ENGINES

# Samples of a step of an application, and at most of another model: as many as it comes with.
BATCH, MOST = 4, 32
STEPS = 1
# Models of keras.applications: the side of their images, and an optimizer.
APPLICATIONS = {
    "ResNet50": (32, "SGD"),
    "MobileNetV2": (32, "Adam"),
    "EfficientNetB0": (32, "RMSprop"),
    "DenseNet121": (32, "SGD"),
    "ConvNeXtTiny": (32, "AdamW"),
}


@dataclass(frozen=True)
class Coverage:
    """What was found of one model and engine.

    kinds, operations, numbers: how many ran; without: kinds without a rule.
    first: what lies outside, gradient: why no gradient is proved; "" for nothing.
    same: the share of the new state's numbers whose bits the unobserved engine gave, too.
    covered: the share of the unobserved step's numbers that is certified, None if not watched.
    seconds, megabytes: of all of it, and the process's peak.
    """

    name: str
    engine: str
    kinds: int
    operations: int
    numbers: int
    verdict: str
    complete: bool
    first: str
    gradient: str
    sharp_to: float | None
    same: float
    without: list
    covered: float | None
    unexplained: int
    compilations: int
    whole: bool
    seconds: float
    megabytes: float

    @property
    def is_certified(self):
        return self.verdict == "rounding-identical" and self.complete and not self.gradient


def names():
    """Return the names of all rows."""
    from equivalence.plants.ordinary import MODELS

    return (*APPLICATIONS, *MODELS)


def build(name):
    """Return (model, x, y) of a row."""
    import keras

    from equivalence.plants import ordinary

    if name in ordinary.MODELS:
        return ordinary.build(name)
    keras.utils.set_random_seed(7)
    return _images(name, *APPLICATIONS[name])(keras, np.random.default_rng(7), BATCH)


def measure(name, engine, watch):
    """Return the Coverage of one row; in a fresh process, or the peak is another's."""
    import equivalence

    model, x, y = build(name)
    begun = perf_counter()
    watched = watch and engine in COMPILED
    size = BATCH if name in APPLICATIONS else MOST
    report = equivalence.certify(model, x, y, STEPS, batch_size=size, engine=engine, watch=watched)
    seconds, found, gradient = perf_counter() - begun, report.watch, report.gradient
    wrong = f"wrong: {', '.join(gradient.wrong)}" if gradient.wrong else gradient.without
    astray = report.astray[0].outside if report.astray else ""
    return Coverage(
        name,
        engine,
        len({each.kind for each in report.operations}),
        sum(each.runs for each in report.operations),
        report.numbers,
        str(report.verdict),
        report.complete,
        str(report.first or astray or ""),
        wrong,
        report.sharp_to,
        report.unobserved[0].numbers,
        sorted({each.kind for each in report.without}),
        found.covered if found else None,
        len(found.unexplained) if found else 0,
        found.compilations if found else 0,
        found.whole if found else True,
        seconds,
        _peak() / MEGABYTE,
    )


HEAD = (
    f"{'model':<19}{'engine':<7}{'operations':>10}{'numbers':>12} {'verdict':<19}{'sharp to':>9}"
    f"{'covered':>9}{'comp.':>6}{'s':>7}{'MB':>7}"
)


def line(found):
    """Return a Coverage as a line of the table that is printed, and what there is to say."""
    covered = f"{found.covered:.2%}" if found.covered is not None else "-"
    sharp = f"{found.sharp_to:.1e}" if found.sharp_to is not None else "-"
    told = [found.first, found.gradient, ", ".join(found.without)]
    told.append(f"{found.unexplained} not explained" if found.unexplained else "")
    words = "; ".join(each for each in told if each)
    return (
        f"{found.name:<19}{found.engine:<7}{found.operations:>10,}{found.numbers:>12,} "
        f"{found.verdict:<19}{sharp:>9}{covered:>9}{found.compilations or '-':>6}"
        f"{found.seconds:>7.1f}{found.megabytes:>7.0f}" + (f"\n    {words}" if words else "")
    )


def main(arguments=None):
    """Certify rows, each in a process of its own; return 1 where one is not certified."""
    parser = argparse.ArgumentParser(
        prog="python -m equivalence.benchmark.covering",
        description="What certify covers of models of keras.applications and of ordinary ones.",
    )
    every = names()
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(every)}")
    parser.add_argument("--engine", action="append", choices=ENGINES, help="default: eager, graph")
    parser.add_argument("--watch", action="store_true", help="look into the compiled engines")
    parser.add_argument("--json", metavar="FILE", type=Path, help="append a line a row")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(every):
        parser.error(f"no row {sorted(unknown)[0]!r}: there are {', '.join(every)}")
    rows = [name for name in every if not options.names or name in options.names]
    engines = options.engine or ["eager", "graph"]
    if options.here:
        print(json.dumps(asdict(measure(rows[0], engines[0], options.watch))))
        return 0
    print(HEAD, flush=True)
    good = True
    for name in rows:
        for engine in engines:
            more = ("--watch",) if options.watch else ()
            program = (sys.executable, "-m", "equivalence.benchmark.covering", "--here")
            done = subprocess.run(
                (*program, name, "--engine", engine, *more),
                check=False,
                stdout=subprocess.PIPE,
                text=True,
            )
            if done.returncode:
                print(f"{name:<19}{engine:<7} ended with status {done.returncode}", flush=True)
                good = False
                continue
            found = Coverage(**json.loads(done.stdout.splitlines()[-1]))
            good = good and found.is_certified
            print(line(found), flush=True)
            if options.json:
                with options.json.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(found)) + "\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
