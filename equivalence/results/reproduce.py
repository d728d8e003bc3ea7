"""A run as a program to be pasted: what a failing property prints."""

import numpy as np

TEMPLATE = """\
from dataclasses import replace

import numpy as np
from numpy import inf, nan

from equivalence.engines.cache import runner_of
from equivalence.judge.certificate import rounding_model
from equivalence.judge.verdict import judge
from equivalence.pairs.table import find
from equivalence.steps.program import Program
from equivalence.trees import reference

pair, dtype = find({pair!r}), {dtype!r}
program = Program(
    pair.network(reference()),
    replace(pair.optimizer(reference()), {hyperparameters}),
    weights=(
{weights}
    ),
    inputs={inputs},
    targets={targets},
)
runner = runner_of(pair, program, {twin!r}, {engine!r})
trajectory = runner.run(program, program.start(), {steps})
verdict = judge(program, trajectory, model=rounding_model(dtype, {engine!r}))
print(verdict.verdict)
print(verdict.reason)
"""


def snippet(program, pair_name, twin, engine, steps):
    """Return a Python program that runs ``program`` again and prints its verdict.

    It stands on its own, needs only this package, and has every number to the last
    bit.  pair_name: the pair whose network and optimizer class the program has.
    """
    weights = [f"        {literal(w)}," for w in program.weights]
    hyperparameters = [f"{name}={value!r}" for name, value in program.hyperparameters.items()]
    return TEMPLATE.format(
        pair=pair_name,
        dtype=program.dtype,
        hyperparameters=", ".join(hyperparameters),
        weights="\n".join(weights),
        inputs=literal(program.inputs),
        targets=literal(program.targets),
        twin=twin,
        engine=engine,
        steps=steps,
    )


def literal(array):
    """Return the expression that makes ``array``, exactly, in the dtype ``dtype``."""
    return f"np.array({_nested(np.asarray(array))}, dtype)"


def _nested(array):
    """Return nested brackets of the shortest decimals that round to these floats."""
    if array.ndim == 0:
        return np.format_float_scientific(array, trim="0") if _long(array) else str(array[()])
    return f"[{', '.join(_nested(part) for part in array)}]"


def _long(number):
    return np.isfinite(number) and number != 0 and not 1e-4 <= abs(number) < 1e6
