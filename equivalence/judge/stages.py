"""A network that starts again at every recorded tensor.

``restarting`` returns a network that computes what the given one computes, and goes on from
what was *recorded* instead of what it computed: each layer's output is computed from the
recorded input, and each layer's gradients from the recorded gradient of its output.  Over
balls nothing is carried from layer to layer, so that a radius is what one layer rounds, at
any depth; over floats and over exact numbers it is the other opinions on the same stage.

What a side did not record is passed on as it was computed.
"""

from copy import copy
from dataclasses import replace

from equivalence import trees


class Records:
    """What was recorded of some steps, and what was computed where something was.

    activations, flows: name -> (S, ..., batch, numbers), in one arithmetic.
    """

    def __init__(self, activations, flows):
        self.recorded = {"activations": activations, "flows": flows}
        self.computed: dict[str, dict] = {"activations": {}, "flows": {}}

    def activation(self, name, value):
        """Keep what was computed of an activation; return what was recorded of it."""
        return self._instead("activations", name, value)

    def flow(self, name, value):
        """The same of what flows back."""
        return self._instead("flows", name, value)

    def _instead(self, stage, name, value):
        recorded = self.recorded[stage].get(name)
        if recorded is None or recorded.shape == value.shape:
            self.computed[stage][name] = value
            return value if recorded is None else recorded
        self.computed[stage][name] = value.reshape(*recorded.shape)
        return recorded.reshape(*value.shape)


def take_stages(steps):
    """Return the ``Step`` of some steps, each stage of it from what was recorded before.

    The loss, too, is that of the recorded outputs, and the optimizer starts from the recorded
    gradients.  It does not where Keras has a gradient in parts (``sparse_names``), which the
    optimizer may sum in its own way, and where a side has recorded none.  The point that an
    optimizer looks ahead to is no state and is not recorded: it goes on as the ball that it is.
    """
    program, layout, slots = steps.program, steps.program.layout, steps.slots
    weights, (inputs, targets) = steps.weights, steps.batch
    records = Records(steps.recorded("activations"), steps.recorded("flows"))
    network = restarting(program.network, records)
    ours, states = slots[: len(weights)], slots[len(weights) :]
    points = program.optimizer.points(weights, ours)
    passed = network.propagate(points, inputs, targets, *states)
    computed = program.optimizer.scale_loss(passed.gradients, ours)
    recorded = steps.recorded("gradients")
    parts = layout.weights if program.network.sparse_names else ()
    gradients = tuple(
        gradient if name in parts else recorded.get(name, gradient)
        for name, gradient in zip(layout.weights, computed, strict=True)
    )
    weights, after = program.optimizer.apply(weights, gradients, ours, steps.counts)
    return trees.reference().Step(
        _computed(layout.activations, passed.activations, records.computed["activations"]),
        passed.error,
        _computed(layout.flows, passed.flows, records.computed["flows"]),
        computed,
        program.network.constrained(weights),
        (*after, passed.states) if states else after,
    )


def _computed(names, values, found):
    """Return what a network computed, also where it went on with what was recorded."""
    return tuple(found.get(name, value) for name, value in zip(names, values, strict=True))


def restarting(network, records):
    """Return the network that goes on from ``records`` wherever there are any."""
    around = AROUND.get(_kind(network))
    return around(network, records) if around else network


def _kind(network):
    """Return the name of the class in ``networks`` that a network is, or stands before."""
    names = [each.__name__ for each in type(network).__mro__]
    return next((name for name in names if name in AROUND), None)


class _Part:
    """A part of a network that does what the part inside does."""

    def __init__(self, part, records):
        self.part, self.records = part, records

    def __getattr__(self, name):
        return getattr(self.part, name)


class RestartingLayer(_Part):
    """A layer whose output, and the gradient of it, are those that were recorded.

    A loop over time inside starts again at every time step, an attention at every letter.

    inside: what stands before the names of what the loop notes; the layer's own if not given.
    """

    def __init__(self, layer, records, name, inside=None):
        inside = f"{name}." if inside is None else inside
        super().__init__(_restarting_inside(layer, records, inside), records)
        self.name = name

    def forward(self, weights, x, *mask):
        y, kept = self.part.forward(weights, x, *mask)
        return self.records.activation(self.name, y), kept

    def backward(self, weights, kept, yb):
        return self.part.backward(weights, kept, self.records.flow(f"{self.name}b", yb))


def _restarting_inside(layer, records, prefix):
    """Return a layer that goes on from what was recorded of its letters, and of time steps.

    prefix: of the names of what it notes.
    """
    if not layer.letter_names:
        return layer
    inner = getattr(layer, "inner", None)
    if isinstance(inner, tuple):
        ways = zip(inner, (f"{prefix}forward_", f"{prefix}backward_"))
        each = tuple(_restarting_inside(one, records, way) for one, way in ways)
        return _with(layer, inner=each)
    if hasattr(inner, "letter_names"):
        return _with(layer, inner=_restarting_inside(inner, records, prefix))
    return _with(layer, note=_Noting(layer, records, prefix))


class _Noting:
    """What a layer notes inside, in whose place it has what was recorded of it.

    Time steps come in order on the way forward, in the other order on the way back.
    """

    def __init__(self, layer, records, prefix):
        self.recorded, self.prefix = records.recorded, prefix
        self.shares = [f"{name}b" for name in layer.share_names]

    def __call__(self, seen, name, value):
        before = seen.setdefault(name, [])
        before.append(value)
        is_share = name in self.shares
        name = f"{self.prefix}{name}"
        if name in self.recorded["activations"]:
            return self.recorded["activations"][name][..., len(before) - 1, :]
        if name in self.recorded["flows"]:
            recorded, back = self.recorded["flows"][name], -len(before)
            return recorded[..., back, :, :] if is_share else recorded[..., back, :]
        return value


class RestartingActivation(_Part):
    """An activation, or the output, between two recorded tensors.

    names: of what goes in and what comes out, for each time that it is used in a step;
        backwards it is used the other way round.  A name may be None.
    flows: the name of the gradient of what goes in, each time.

    A derivative may be had from what went in, or from what came out (of a sigmoid y (1 - y)):
    backwards the output is what is computed from the recorded input, which holds both.
    """

    @property
    def goes_on(self):
        """Whether the network goes on with what was recorded of the outputs."""
        return True

    def __init__(self, activation, records, names, flows):
        super().__init__(activation, records)
        self.ahead, self.behind = list(zip(names, flows, strict=True)), []

    def forward(self, x):
        use = self.ahead.pop(0)
        (name_in, name_out), _ = use
        x = self.records.activation(name_in, x) if name_in else x
        y = self.part.forward(x)
        self.behind.append((use, x, y))
        recorded = self.records.activation(name_out, y)
        return recorded if self.goes_on else y

    def backward(self, yb, x, y):
        ((_, _), flow), x, y = self.behind.pop()
        return self.records.flow(flow, self.part.backward(yb, x, y))


class _OfComputed:
    """An activation whose derivative is taken of what was computed of its output."""

    def __init__(self, activation, y):
        self.activation, self.y = activation, y

    def backward(self, yb, x, y):
        return self.activation.backward(yb, x, self.y)


class RestartingOutput(RestartingActivation):
    """The end of a network, whose ``backward`` starts from the targets.

    A loss of logits computes the activation once more, inside.
    """

    @property
    def goes_on(self):
        return not self.part.of_logits

    def error(self, Z, O, T):
        return self.part.error(self.behind[-1][1], O, T)

    def backward(self, Z, O, T):
        ((_, _), flow), Z, computed = self.behind.pop()
        activation = _OfComputed(self.part.activation, computed)
        xb = replace(self.part, activation=activation).backward(Z, O, T)
        return self.records.flow(flow, xb) if flow else xb


def _one_layer(network, records):
    return _with(network, output=RestartingOutput(network.output, records, [("Z", "Y")], ["Yb"]))


def _two_layer(network, records):
    return _with(
        network,
        hidden=RestartingActivation(network.hidden, records, [("A", "H")], ["Hb"]),
        output=RestartingOutput(network.output, records, [("Z", "O")], ["Ob"]),
    )


def _multilayer(network, records):
    names = [(f"sum{k}", f"layer{k}") for k in range(1, network.depth + 1)]
    flows = [f"sum{k}b" for k in range(1, network.depth + 1)]
    return _with(
        network,
        hidden=RestartingActivation(network.hidden, records, names[:-1], flows[:-1]),
        output=RestartingOutput(network.output, records, names[-1:], flows[-1:]),
    )


def _sequential(network, records):
    layers = zip(network.labels, network.built)
    return _with(
        network,
        labels=network.labels,
        built=tuple(RestartingLayer(layer, records, label) for label, layer in layers),
        output=RestartingOutput(network.output, records, [(None, "outputs")], [None]),
    )


def _alone(network, records):
    """A layer alone: its letters have no label, and its output has a name of its own."""
    return _with(network, built=RestartingLayer(network.built, records, "outputs", inside=""))


def _functional(network, records):
    return _with(
        network,
        built=tuple(
            (name, RestartingLayer(layer, records, name), sources)
            for name, layer, sources in network.built
        ),
        output=RestartingOutput(network.output, records, [(None, "outputs")], [None]),
    )


def _parts(network, records):
    return _with(network, note=_Named(network, records))


class _Named:
    """What a network of parts notes by name, in whose place it has what was recorded of it."""

    def __init__(self, network, records):
        self.records, self.flows = records, network.flow_names

    def __call__(self, seen, name, value):
        back = name in self.flows
        seen[name] = (self.records.flow if back else self.records.activation)(name, value)
        return seen[name]


AROUND = {
    "Alone": _alone,
    "OneLayer": _one_layer,
    "TwoLayer": _two_layer,
    "Multilayer": _multilayer,
    "Sequential": _sequential,
    "Functional": _functional,
    "Parts": _parts,
}


def _with(network, **parts):
    """Return a copy of a network with some of its parts exchanged."""
    found = copy(network)
    found.__dict__.update(parts)
    return found
