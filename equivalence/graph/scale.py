"""The loss scale's proof: a step takes back what it multiplied its loss by.

An optimizer with a loss scale has the loss times s, so that small gradients do not vanish in
float16, and divides the gradients by s.  So the new weights must not depend on s: the step is run
by the rules in float64, where nothing vanishes, with s and with 2 s.  A division that is missing,
or a scale that is applied twice, shows in every weight.
"""

import numpy as np

from equivalence.graph.derivative import Mathematics, NoRule, _name, _wide

# Keras's name of the variable.
SCALE = "dynamic_scale"
# The part of an update that float64's rounding may make of it; a power of 2 rounds nothing.
APART = 2.0**-26


def depends_on_scale(trace, batch, values):
    """Return the names of variables whose new value depends on the loss scale, in order.

    values: id of a tf.Variable -> its value, before the step.  Empty where the step has no loss
    scale, where an update is infinite, and where an operation has no rule.
    """
    state = {name: _wide(np.asarray(values[id(v)])) for name, v in trace.variables.items()}
    scales = scales_of(trace)
    if not scales:
        return []
    doubled = {**state, **{name: 2 * state[name] for name in scales}}
    try:
        once, twice = (_after(trace, batch, each) for each in (state, doubled))
    except (NoRule, TypeError, ValueError, KeyError, NotImplementedError):
        return []
    found = []
    for name, before in state.items():
        if name in scales or before.dtype.kind != "f":
            continue
        update = np.max(np.abs(once[name] - before), initial=0)
        apart = np.max(np.abs(once[name] - twice[name]), initial=0)
        if np.isfinite(update) and not apart <= APART * max(update, np.max(np.abs(before)) * APART):
            found.append(_name(trace, name))
    return found


def scales_of(trace):
    """Return the placeholders of the variables that hold a loss scale."""
    return [name for name in trace.variables if SCALE in _name(trace, name)]


def _after(trace, batch, state):
    run = Mathematics(trace, state)
    with np.errstate(all="ignore"):
        run.run_graph(trace.graph, run.given(batch))
    return run.state
