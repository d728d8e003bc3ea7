"""What it costs to certify a step: its enclosures, beside the step in NumPy itself."""

from contextlib import nullcontext

import numpy as np
import pytest

from equivalence.benchmark import cases
from equivalence.benchmark.steppers import NumPyStepper
from equivalence.judge.certificate import check, enclose_steps, rounding_model
from equivalence.machine.memory import freed_kept
from equivalence.steps import numpy as numpy_runner

# A small network's steps are enclosed a thousand at once, as the judge does; of a large one
# three fill its memory (``certificate.MOST_WEIGHTS``), and two threads hold three each.
CERTIFIED = (("2-2-2", 1, 1000), ("784-360-10", 128, 6))


@pytest.mark.parametrize("what", ["numpy", "certificate"])
@pytest.mark.parametrize(("network", "batch", "steps"), CERTIFIED)
def test_certificate(network, batch, steps, what, benchmark, pytestconfig):
    if pytestconfig.option.peers:
        pytest.skip("certificates are not measured beside the peers")
    case = cases.Case(network, "SGD", batch, "float32", "numpy")
    program = cases.program(case)
    if what == "numpy":
        steps, once = 1, NumPyStepper(program).step
    else:
        trajectory = numpy_runner.run(program, program.start(), steps)

        def once():
            model = rounding_model(case.dtype, "graph")
            return check(trajectory, enclose_steps(program, trajectory, model))

    benchmark.group = f"certificate of {case.group}"
    benchmark.extra_info.update(
        kind="certificate", what=what, network=network, batch=batch, steps=steps
    )
    # A certificate is made as ``equivalence.verify`` and the commands make it.
    with freed_kept() if what == "certificate" else nullcontext():
        found = benchmark(once)
    if what == "numpy":
        assert np.isfinite(found).all()
    else:
        assert found.outside is None and 0 < found.usage <= 1
