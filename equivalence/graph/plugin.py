"""A plugin of pytest: the fixture ``certify`` holds a model's training steps in a test.

def test_my_model(certify):
    certify(model, x, y)

    pytest --equivalence-engine xla --equivalence-steps 5 --equivalence-html pages
"""

import re
from pathlib import Path

import pytest

ENGINES = ("eager", "graph", "xla", "fit", "train_on_batch")


def pytest_addoption(parser):
    group = parser.getgroup("equivalence", "certificates of training steps")
    group.addoption(
        "--equivalence-engine", choices=ENGINES, default="graph", help="by default graph"
    )
    group.addoption("--equivalence-steps", type=int, metavar="N", help="how many steps")
    group.addoption("--equivalence-html", metavar="FOLDER", help="write the reports as pages")


@pytest.fixture
def certify(request):
    """Return ``check(model, x, y, **options)``: it fails the test with the report.

    The arguments are those of ``equivalence.certify``, before which the options of the command
    line step back; where every number is certified, its Report is returned.
    """
    asked = request.config.getoption
    usual = {"engine": asked("--equivalence-engine"), "steps": asked("--equivalence-steps")}
    usual = {name: value for name, value in usual.items() if value is not None}

    def check(model, x, y=None, **options):
        __tracebackhide__ = True
        from equivalence.graph.certify import certify as certify_step
        from equivalence.judge.verdict import ROUNDING_IDENTICAL

        report = certify_step(model, x, y, **{**usual, **options})
        if folder := asked("--equivalence-html"):
            name = re.sub(r"[^\w.-]+", "-", request.node.nodeid).strip("-")
            Path(folder).mkdir(parents=True, exist_ok=True)
            report.save(Path(folder) / f"{name}.html")
        if report.verdict != ROUNDING_IDENTICAL or not report.complete:
            pytest.fail(str(report), pytrace=False)
        return report

    return check
