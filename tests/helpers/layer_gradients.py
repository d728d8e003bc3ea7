"""The gradients of a layer or a model, held against differentiation."""

import numpy as np

from equivalence.arithmetic import ExactArray
from equivalence.arithmetic.exact import precision
from equivalence.judge.derivative import BITS
from equivalence.pairs.table import PAIRS
from equivalence.steps.program import program
from helpers.differentiation import assert_agree


def assert_gradients(name):
    """Hold every gradient of a layer's row against differentiation, on the row's own numbers.

    In exact arithmetic, for the inputs and every weight.
    """
    start = program(PAIRS[name], "float64")
    with precision(BITS):
        weights, X, T = tuple(map(ExactArray, start.weights)), *map(ExactArray, start.batch(0))
        states = tuple(map(ExactArray, start.start().slots.values()))
        states = (states,) if states else ()
        _, _, gradients, *_ = start.network.propagate(weights, X, T, *states)
        for k, weight in enumerate(weights):

            def error(w, k=k):
                every = (*weights[:k], w, *weights[k + 1 :])
                lead = w.shape[:-2]
                stacked = [np.broadcast_to(a, (*lead, *a.shape[-2:])) for a in every]
                data = [np.broadcast_to(a, (*lead, *a.shape)) for a in (X, T)]
                more = [tuple(np.broadcast_to(a, (*lead, *a.shape)) for a in s) for s in states]
                return start.network.propagate(stacked, *data, *more)[1]

            what = f"{name}, gradient of {start.layout.weights[k]}"
            assert_agree(what, gradients[k], weight, error)
