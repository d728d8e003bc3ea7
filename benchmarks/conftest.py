"""Which cases are measured, and what the results file says beside their times."""

import json
import os
import subprocess
import sys
from time import perf_counter

import pytest

from equivalence.benchmark import cases, machine, peers, steppers

AXES = {
    "network": (str, tuple(cases.NETWORKS)),
    "optimizer": (str, cases.OPTIMIZERS),
    "batch": (int, cases.BATCHES),
    "dtype": (str, ("float32", "float64")),
    "engine": (str, (*cases.ENGINES, *cases.PEERS)),
    "device": (str, None),
}
ROWS = pytest.StashKey[list]()
SKIPPED = pytest.StashKey[list]()
STARTUP = pytest.StashKey[dict]()
BEGIN = pytest.StashKey[machine.Moment]()


def pytest_addoption(parser):
    group = parser.getgroup("what is measured")
    group.addoption("--full", action="store_true", help="all rows, not the default choice: hours")
    group.addoption(
        "--peers", action="store_true", help="NumPy beside autograd, PyTorch and JAX instead"
    )
    for axis, (kind, choices) in AXES.items():
        words = f"only this {axis} (may be repeated)"
        words += f": {', '.join(map(str, choices))}" if choices else ""
        form = {"action": "append", "type": kind, "choices": choices, "metavar": axis.upper()}
        group.addoption(f"--{axis}", help=words, **form)


def pytest_configure(config):
    config.stash[SKIPPED], config.stash[STARTUP] = [], {}
    config.stash[BEGIN] = machine.now()


def selected(config):
    """Return the cases that the command line asks for."""
    selections = cases.FULL if config.option.full else cases.DEFAULT
    if config.option.peers:
        rows = cases.peer_cases(selections)
    else:
        # What no device has is said before TensorFlow is asked which there are.
        wanted(config, cases.cases(selections, ("any",)), set(AXES) - {"device"})
        rows = cases.cases(selections, devices(config))
    return wanted(config, rows, AXES)


def wanted(config, rows, axes):
    """Return the rows that are what the command line asks for on these axes; at least one."""
    for axis in axes:
        only = getattr(config.option, axis)
        rows = [row for row in rows if not only or getattr(row, axis) in only]
    if not rows:
        raise pytest.UsageError("no row of the table is all that: try --full, or ask for less")
    return rows


def devices(config):
    """Return the CPU, and the GPUs that TensorFlow lists."""
    import tensorflow as tf

    gpus = tf.config.list_logical_devices("GPU")
    found = ("CPU:0", *(gpu.name.removeprefix("/device:") for gpu in gpus))
    for device in config.option.device or ():
        if device not in found:
            raise pytest.UsageError(f"no device {device}: TensorFlow lists {', '.join(found)}")
    return found


def pytest_sessionstart(session):
    session.config.stash[ROWS] = selected(session.config)


def pytest_generate_tests(metafunc):
    if "case" in metafunc.fixturenames:
        rows = metafunc.config.stash[ROWS]
        metafunc.parametrize("case", rows, ids=[row.name for row in rows])


def pytest_collection_modifyitems(config, items):
    """Leave out the certificates of networks that were not asked for."""
    wanted, file = config.option.network, "test_certificate.py"
    items[:] = [
        item
        for item in items
        if not wanted or item.path.name != file or item.callspec.params["network"] in wanted
    ]


@pytest.fixture
def ready(request, case):
    """Skip what cannot run here; else have its engine started once before it is timed.

    So a process's own start (thread pools, compilers) is in no case's first call; it
    is a figure of its own in the results, ``startup``.
    """
    if case.engine in cases.PEERS and (reason := peers.missing(case.engine)):
        pytest.skip(reason)
    if case.engine in ("train_on_batch", "fit") and not cases.in_keras(case.optimizer):
        pytest.skip(f"Keras has no class for {case.optimizer}")
    started = request.config.stash[STARTUP]
    where = f"{case.engine} {case.device}"
    if where not in started:
        begin = perf_counter()
        first = cases.Case("1-1", "SGD", 1, "float32", case.engine, case.device)
        with steppers.stepper(first) as stepper:
            stepper.step()
        started[where] = perf_counter() - begin


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Keep every reason for which something was not measured."""
    report = yield
    if report.skipped:
        reason = report.longrepr[2].removeprefix("Skipped: ")
        item.config.stash[SKIPPED].append({"name": item.name, "reason": reason})
    return report


def pytest_benchmark_update_machine_info(config, machine_info):
    del machine_info["node"]  # the machine's name is nobody's business


def pytest_benchmark_update_commit_info(config, commit_info):
    del commit_info["project"], commit_info["branch"]


def pytest_benchmark_update_json(config, benchmarks, output_json):
    """Say what the machine is, what was skipped, and how busy with other things."""
    for benchmark in output_json["benchmarks"]:
        del benchmark["params"]  # said in extra_info
        del benchmark["stats"]["data"]  # every round; the quartiles remain
    output_json["skipped"] = config.stash[SKIPPED]
    output_json["startup"] = config.stash[STARTUP]
    output_json["others"] = machine.share_of_others(config.stash[BEGIN], machine.now())
    output_json["environment"] = environment()
    output_json["blas_threads"] = machine.threads()


def environment():
    """Return the environment as a fresh process sees it: a peer may be loaded in this one."""
    code = (
        "import json; from equivalence.machine.environment import environment as e; "
        "print(json.dumps(e()))"
    )
    path = os.pathsep.join(sys.path)
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    return {**json.loads(done.stdout), "peers": peers.versions()}
