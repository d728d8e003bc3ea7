"""The time of one training step, case by case."""

from dataclasses import asdict
from time import perf_counter

import numpy as np
import pytest

from equivalence.benchmark import cases
from equivalence.benchmark.counting import count_step
from equivalence.benchmark.steppers import stepper


def test_step(case, ready, benchmark):
    program = cases.program(case)
    benchmark.group = case.group
    begin = perf_counter()
    with stepper(case, program) as built:
        build = perf_counter() - begin
        begin = perf_counter()
        built.step()
        first_call = perf_counter() - begin
        benchmark.extra_info.update(
            kind="step",
            **asdict(case),
            steps=built.steps,
            build=build,
            first_call=first_call,
            **asdict(count_step(program)),
        )
        benchmark(built.step)
        assert all(np.isfinite(weight).all() for weight in built.weights())


def test_there_is_a_gpu(pytestconfig):
    """A reminder in the results, not a check."""
    if pytestconfig.option.peers:
        pytest.skip("the peers are measured on the CPU only")
    import tensorflow as tf

    if not tf.config.list_logical_devices("GPU"):
        pytest.skip("no GPU: TensorFlow lists none, so no row is measured on one")
