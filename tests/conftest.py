"""The rings of the tests; the last lines: what was left out, how many plants were found."""

import pytest
from helpers import rings

from equivalence.machine import idle

COUNTS = pytest.StashKey()  # of this run: how many cases its ring leaves out, of how many


def pytest_configure(config):
    idle.PATIENCE = 600.0  # worker processes that the next test takes over, whenever it comes
    if config.option.markexpr == rings.INNER:
        rings.keep_tensorflow_out()


def pytest_ignore_collect(collection_path, config):
    """Leave out of the inner ring what could not even be imported there."""
    if config.option.markexpr == rings.INNER and rings.needs_tensorflow(collection_path):
        return True
    return None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Deselect what the ring leaves out, and count it; a worker of xdist tells it at its end."""
    out = [item for item in items if rings.is_left_out(item, config)]
    config.stash[COUNTS] = counts = (len(out), len(items))
    if hasattr(config, "workeroutput"):
        config.workeroutput["left out"] = counts
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if not rings.is_left_out(item, config)]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error):
    """Take over the counts of a worker of xdist: all have collected the same."""
    if "left out" in getattr(node, "workeroutput", {}):
        node.config.stash[COUNTS] = node.workeroutput["left out"]


def pytest_terminal_summary(terminalreporter):
    """Print what the ring left out, and the kill rate of the plants that this run tried."""
    left_out, collected = terminalreporter.config.stash.get(COUNTS, (0, 0))
    if left_out:
        terminalreporter.write_line(rings.sentence(left_out, collected))
    reports = [r for reports in terminalreporter.stats.values() for r in reports]
    properties = [p for r in reports if getattr(r, "when", "") == "call" for p in r.user_properties]
    found = [value for name, value in properties if name == "planted defect found"]
    if found:
        rate = f"{sum(found)} of {len(found)} ({sum(found) / len(found):.1%})"
        terminalreporter.write_line(f"planted optimizer defects: {rate} found")
