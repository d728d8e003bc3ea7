"""The tests and ``verify`` as other processors run them: ``make test-machines``.

Which instructions NumPy, OpenBLAS, oneDNN and XLA take is decided at start by the processor, and
with them whether a multiplication and an addition round once or twice, in which order a sum is
added, and whose ``exp`` is called.  Each row of MACHINES switches some of it off by a variable
that the library documents.  In each, a chosen part of the tests runs, and ``equivalence verify``;
the results are printed as they come.  What is typed behind the options goes to pytest instead of
the chosen part: ``make test-machines ARGS=tests`` runs all tests on all of them.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from xml.etree import ElementTree

import numpy as np
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
SIMD = np.show_config(mode="dicts")["SIMD Extensions"]


@dataclass(frozen=True)
class Machine:
    """A row: what is set, and what that changes.

    needs: what NumPy calls the instructions without which the setting would crash.
    """

    name: str
    what: str
    variables: dict = field(default_factory=dict)
    needs: tuple = ()


AVX2, AVX512 = ("X86_V3", "AVX2"), ("X86_V4", "AVX512_SKX")  # since NumPy 2.4, and before

MACHINES = (
    Machine("as it is", "nothing: what the others are held against"),
    Machine(
        "openblas-nehalem",
        "NumPy's matmuls with SSE4.2: products are rounded before they are added",
        {"OPENBLAS_CORETYPE": "Nehalem"},
    ),
    Machine(
        "openblas-haswell",
        "NumPy's matmuls with AVX2 and fused multiply-add",
        {"OPENBLAS_CORETYPE": "Haswell"},
        AVX2,
    ),
    Machine(
        "openblas-skylakex",
        "NumPy's matmuls with AVX-512: sums in blocks of other sizes",
        {"OPENBLAS_CORETYPE": "SkylakeX"},
        AVX512,
    ),
    Machine(
        "numpy-baseline",
        "NumPy's loops with what it was compiled for alone: the C library's exp, log, tanh",
        {"NPY_DISABLE_CPU_FEATURES": " ".join(SIMD.get("found", ()))},
    ),
    Machine(
        "onednn-sse41",
        "TensorFlow's matmuls and convolutions with SSE4.1: nothing is fused",
        {"ONEDNN_MAX_CPU_ISA": "SSE41"},
    ),
    Machine(
        "onednn-off",
        "TensorFlow's matmuls and convolutions are Eigen's; bfloat16 operands are cut off",
        {"TF_ENABLE_ONEDNN_OPTS": "0"},
    ),
    Machine(
        "xla-sse42",
        "XLA compiles for SSE4.2: nothing is fused",
        {"XLA_FLAGS": "--xla_cpu_max_isa=SSE4_2"},
    ),
    Machine(
        "xla-avx",
        "XLA compiles for AVX: wider vectors, nothing is fused",
        {"XLA_FLAGS": "--xla_cpu_max_isa=AVX"},
    ),
)

# What claims something of floats, and little else: some minutes on two cores.
CHOSEN = (
    "tests/test_activations.py",
    "tests/test_axes.py",
    "tests/test_campaign.py::test_a_run_that_crashes_or_hangs_costs_its_own_row_only",
    "tests/test_engines.py",
    "tests/test_merging.py",
    "tests/test_normalization.py",
    "tests/test_optimizers.py",
    "tests/test_options.py",
    "tests/test_places.py",
    "tests/test_positions.py",
    "tests/test_recurrent.py",
    "tests/test_regularizers.py",
    "tests/test_rewrites.py",
    "tests/test_rounding_model.py",
)


@dataclass
class Outcome:
    """What became of one command on one machine; ``failed`` names what did not hold."""

    machine: str
    command: str
    code: int
    words: str
    failed: list
    seconds: float

    def __str__(self):
        ending = "holds" if self.code == 0 else f"exit code {self.code}"
        line = f"{self.machine}: {self.command}: {ending}, {self.words}, {self.seconds:.0f} s"
        return "\n".join([line, *(f"    {name}" for name in self.failed)])


def missing(machine):
    """Return why this processor cannot play a machine, "" if it can."""
    there = {*SIMD.get("baseline", ()), *SIMD.get("found", ())}
    if machine.needs and not there.intersection(machine.needs):
        return f"not run: this processor has no {machine.needs[0]}"
    if "NPY_DISABLE_CPU_FEATURES" in machine.variables and not SIMD.get("found"):
        return "not run: NumPy found nothing here beyond what it was compiled for"
    return ""


def environment(machine):
    """Return the variables of a process on a machine: no other row's, and its own."""
    switched = {name for row in MACHINES for name in row.variables}
    kept = {name: value for name, value in os.environ.items() if name not in switched}
    return {"HYPOTHESIS_PROFILE": "ci", **kept, **machine.variables}  # the default leaves much out


def run_tests(machine, chosen, workers):
    """Run pytest on a machine and return the Outcome."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = ["-m", "pytest", "-q", "-n", workers, "--dist", "worksteal"]
        done, seconds = _run(machine, [*command, f"--junitxml={report}", *chosen])
        if not report.exists():
            return Outcome(machine.name, "tests", done.returncode, _last(done), [], seconds)
        suite = ElementTree.parse(report).getroot().find("testsuite")
    failed = [
        f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}"
        for case in suite.iter("testcase")
        if case.find("failure") is not None or case.find("error") is not None
    ]
    words = f"{suite.get('tests')} run, {len(failed)} failed, {suite.get('skipped')} skipped"
    return Outcome(machine.name, "tests", done.returncode, words, failed, seconds)


def run_verify(machine):
    """Run ``equivalence verify`` on a machine and return the Outcome."""
    done, seconds = _run(machine, ["-m", "equivalence", "verify"])
    return Outcome(machine.name, "verify", done.returncode, _last(done), [], seconds)


def _run(machine, arguments):
    began = perf_counter()
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment(machine),
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    return done, perf_counter() - began


def _last(done):
    lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return lines[-1] if lines else "nothing printed"


def main():
    """Run the commands on the machines that are asked for; return 1 if one does not hold."""
    names = [machine.name for machine in MACHINES]
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--only", action="append", choices=names, help="may be repeated")
    parser.add_argument("--command", choices=["tests", "verify"], help="only this one")
    parser.add_argument("--workers", default="auto", help="processes for the tests")
    parser.add_argument("--json", metavar="FILE", help="append one JSON object an outcome")
    options, chosen = parser.parse_known_args()
    console, outcomes = Console(), []
    for machine in (m for m in MACHINES if m.name in (options.only or names)):
        if why := missing(machine):
            console.print(f"{machine.name}: {why}", markup=False, soft_wrap=True)
            continue
        for command in (options.command,) if options.command else ("tests", "verify"):
            if command == "tests":
                outcome = run_tests(machine, chosen or CHOSEN, options.workers)
            else:
                outcome = run_verify(machine)
            outcomes.append(outcome)
            console.print(str(outcome), markup=False, soft_wrap=True, highlight=False)
            if options.json:
                with open(options.json, "a", encoding="utf-8") as file:
                    file.write(json.dumps(vars(outcome)) + "\n")
    console.print(table(outcomes))
    return 0 if all(outcome.code == 0 for outcome in outcomes) else 1


def table(outcomes):
    """Return what is printed at the end: one row a machine."""
    listing = Table("machine", "changes", "command", "outcome", box=None, pad_edge=False)
    what = {machine.name: machine.what for machine in MACHINES}
    for outcome in outcomes:
        ending = "holds" if outcome.code == 0 else f"[red]{outcome.words}"
        listing.add_row(outcome.machine, what[outcome.machine], outcome.command, ending)
    return listing


if __name__ == "__main__":
    sys.exit(main())
