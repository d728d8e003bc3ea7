"""Causes in how layers are joined: skips, branches, shared layers, several inputs and outputs."""

from dataclasses import replace
from itertools import combinations

from equivalence.diagnose.forms.graphs import GraphForm
from equivalence.diagnose.forms.layers import core
from equivalence.diagnose.places import each_and_all
from equivalence.diagnose.variant import DEFINITION, Variant

ORDERED = ("Subtract", "Concatenate")  # layers of several inputs whose order counts


def of_graph(change):
    """Return the change of a recipe whose network is a graph: ``network -> (where, network)``."""

    def each(recipe):
        if isinstance(recipe.network, GraphForm):
            for where, network in change(recipe.network):
                yield where, recipe.with_(network=network)

    return lambda recipe: each_and_all(each(recipe), each)


def alone(change):
    """Return the change of a recipe whose network is a graph, at one place only."""

    def each(recipe):
        if isinstance(recipe.network, GraphForm):
            for where, network in change(recipe.network):
                yield where, recipe.with_(network=network)

    return each


def kind_of(network, call):
    """Return the name of the class of the layer that is called."""
    return type(core(network.layers[network.labels.index(call.label)])).__name__


def with_call(network, k, **changed):
    calls = list(network.calls)
    calls[k] = replace(calls[k], **changed)
    return replace(network, calls=tuple(calls))


# --------------------------------------------------------------------- skips and branches


def nothing_back(network):
    """Yield the graph with an edge along which no gradient goes back, where others do."""
    given = {name for name, _ in (*network.inputs, *network.targets)}
    users = {}
    for call in network.calls:
        for name in call.takes:
            users.setdefault(name, []).append(call)
    for end in network.ends:
        users.setdefault(end.takes, []).append(end)
    for call in network.calls:
        for name in dict.fromkeys(call.takes):
            joins = call.several and len(call.takes) > 1
            if name not in given and (len(users[name]) > 1 or joins):
                edge = (call.name, name)
                if edge not in network.stopped:
                    where = f"{name} -> {call.name}"
                    yield where, replace(network, stopped=(*network.stopped, edge))


def branch_left_out(network):
    """Yield the graph with a sum that lacks one of its terms."""
    for k, call in enumerate(network.calls):
        if kind_of(network, call) == "Add" and len(call.takes) > 1:
            for j, name in enumerate(call.takes):
                takes = call.takes[:j] + call.takes[j + 1 :]
                yield f"{name} -> {call.name}", with_call(network, k, takes=takes)


def joined_behind(network):
    """Yield the graph with an activation of one term of a sum, where it was of the sum."""
    for k, call in enumerate(network.calls):
        if kind_of(network, call) != "Activated":
            continue
        (taken,) = call.takes
        at = next((j for j, c in enumerate(network.calls) if c.gives == (taken,)), None)
        if at is None or kind_of(network, network.calls[at]) != "Add":
            continue
        add = network.calls[at]
        inside = f"{call.gives[0]} of one"
        for name in add.takes:
            rest = tuple(inside if other == name else other for other in add.takes)
            calls = list(network.calls)
            calls[at] = replace(call, takes=(name,), gives=(inside,))
            calls[k] = replace(add, takes=rest, gives=call.gives)
            yield f"{name} -> {add.name}", replace(network, calls=tuple(calls))


def turned(network):
    """Yield the graph with the inputs of a layer, or of the network, in reverse order."""
    for k, call in enumerate(network.calls):
        if kind_of(network, call) in ORDERED and call.takes != call.takes[::-1]:
            yield call.name, with_call(network, k, takes=call.takes[::-1])


def inputs_exchanged(network):
    """Yield the graph with two of its inputs, of one shape, in each other's place."""
    for (j, (a, shape)), (k, (b, other)) in combinations(enumerate(network.inputs), 2):
        if shape == other:
            inputs = list(network.inputs)
            inputs[j], inputs[k] = (b, shape), (a, shape)
            yield f"{a}, {b}", replace(network, inputs=tuple(inputs))


# -------------------------------------------------------------------------- shared layers


def counting(which):
    """Return the change of which call's gradient of a shared layer counts."""

    def change(network):
        for part in network.parts:
            calls = network.calls_of(part.label)
            if len(calls) > 1 and part.owns and part.label not in dict(network.counts):
                yield part.label, replace(network, counts=(*network.counts, (part.label, which)))

    return change


# ------------------------------------------------------------------------ several outputs


def weighed(weight):
    """Return the change of what all losses are counted with: ``weight(end, number of ends)``."""

    def change(network):
        count = len(network.ends)
        ends = tuple(replace(end, weight=weight(end, count)) for end in network.ends)
        if ends != network.ends:
            yield "", replace(network, ends=ends)

    return change


def shared_out(share):
    """Return the change of what a loss without a counterpart here is multiplied with."""

    def change(network):
        if not network.ends and network.share is None:
            yield "", replace(network, share=share)

    return change


def loss_left_out(network):
    if len(network.ends) > 1:
        for k, end in enumerate(network.ends):
            yield end.label, network.with_end(k, replace(end, weight=0.0))


def targets_exchanged(network):
    """Yield the graph with two of its targets, of one shape, in each other's place."""
    for (j, (a, shape)), (k, (b, other)) in combinations(enumerate(network.targets), 2):
        if shape == other:
            targets = list(network.targets)
            targets[j], targets[k] = (b, shape), (a, shape)
            yield f"{a}, {b}", replace(network, targets=tuple(targets))


ROWS = (
    Variant("network", "branch-not-back", "lets no gradient go back along one of several ways", "adds what flows back along all ways", "a skip or a branch that is forgotten in the way back; = for += of a gradient", "add the gradients of all that take a value: db = d_skip + d_branch", "the layers behind the place where the ways meet are right, those before it are not", of_graph(nothing_back)),
    Variant("network", "branch-left-out", "leaves a term of the sum out, forth and back", "adds all", "a skip that is forgotten", "add x in the way forward, and d to what flows back to x", "outputs differ from the first", of_graph(branch_left_out)),
    Variant("network", "skip-behind-activation", "adds the skip behind the activation: f(branch) + skip", "adds before it: f(branch + skip)", "residual blocks of another paper (He et al. 2016, Figure 4)", "add first, then take the activation", "outputs differ from the first", alone(joined_behind), DEFINITION),
    Variant("network", "inputs-of-layer-turned", "takes a layer's inputs in reverse order", "takes them as they are given", "b - a for a - b; [b, a] for [a, b]", "exchange them", "outputs differ from the first", of_graph(turned)),
    Variant("network", "inputs-exchanged", "has two of its inputs in each other's place", "takes them in the order of keras.Model(inputs=[...])", "zip of two lists in different orders", "exchange them, or give a dict by name", "outputs differ from the first", alone(inputs_exchanged)),
    Variant("shared layer", "shared-gradient-last", "counts the gradient of its last call alone", "adds the gradients of all its calls", "= for +=, in the order of the way forward", "dw += for every call", "a layer that is called once is right", of_graph(counting("last"))),
    Variant("shared layer", "shared-gradient-first", "counts the gradient of its first call alone", "adds the gradients of all its calls", "= for +=, in the order of the way back", "dw += for every call", "a layer that is called once is right", of_graph(counting("first"))),
    Variant("shared layer", "shared-gradient-mean", "takes the mean of the gradients of its calls", "adds them", "tied weights that are averaged", "dw += for every call, without a division", "its updates are too short by the number of calls", of_graph(counting("mean"))),
    Variant("loss", "loss-weights-left-out", "adds the losses of the outputs as they are", "counts each with its loss_weights", "loss_weights forgotten", "multiply each loss, and what flows back from it, with its weight", "layers of one output alone are off by its weight", alone(weighed(lambda end, count: 1.0))),
    Variant("loss", "loss-weights-mean", "takes the mean over the losses of the outputs", "adds them, each with its weight", "np.mean over the outputs' losses", "add them", "all updates are too short by the number of outputs", alone(weighed(lambda end, count: end.weight / count))),
    Variant("loss", "output-left-out", "leaves the loss of one output out", "adds the losses of all outputs", "one of several outputs that is not trained", "add its loss, and what flows back from it", "the layers of that output do not move", alone(loss_left_out)),
    Variant("loss", "targets-exchanged", "has two of its targets in each other's place", "takes them in the order of the outputs", "outputs in another order", "exchange them", "the loss does not fall", alone(targets_exchanged)),
    Variant("own loss", "own-loss-half", "has half of it", "has no half", "a half for the sake of the derivative", "leave the 1/2 out, or double your gradient", "every update is half as long", alone(shared_out(lambda batch, units: 0.5)), DEFINITION),
    Variant("own loss", "own-loss-sums-samples", "sums over the samples", "takes the mean over the samples", "np.sum for np.mean", "divide by the number of samples, len(x)", "updates are too long by the batch", alone(shared_out(lambda batch, units: batch)), DEFINITION),
    Variant("own loss", "own-loss-sums-outputs", "sums over the outputs of a sample", "takes their mean", "a mean over the samples alone", "divide by the number of outputs", "updates are too long by the number of outputs", alone(shared_out(lambda batch, units: units)), DEFINITION),
    Variant("own loss", "own-loss-sums-all", "sums over outputs and samples", "takes the mean over both", "np.sum for np.mean", "divide by o.size", "updates are too long by batch and outputs", alone(shared_out(lambda batch, units: batch * units)), DEFINITION),
)  # fmt: skip
