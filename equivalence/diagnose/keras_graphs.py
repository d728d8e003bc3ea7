"""A Keras model of any structure as a graph of layers: ``forms.graphs.GraphForm``.

The model's way forward and its loss are traced.  A call of a layer that has a counterpart in
``refimpl`` is one of ours; the operations of all else, whole layers or what stands between two,
are taken as they were traced, with the gradients that TensorFlow makes of them.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import tensorflow as tf

from equivalence import trees
from equivalence.diagnose.forms.graphs import ERROR, Call, End, GraphForm, Part
from equivalence.diagnose.forms.layers import Activated, core
from equivalence.diagnose.forms.traced import Operations, Run, Traced
from equivalence.engines.keras_objects import _states
from equivalence.engines.keras_twins import (
    NoTwin,
    activation_twin,
    decimal,
    is_activation,
    layer_twin,
    loss_twin,
)
from equivalence.errors import BadInput
from equivalence.graph.recognised import read_loss
from equivalence.graph.remarks import differs_in_training
from equivalence.graph.step import TrainingStep, fitting, of_model
from equivalence.graph.trace import trace

# Layers of ours whose calls take a tuple, and merges among them.
SEVERAL = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot")
# Operations that are such a layer.
JOINS = {"AddV2": "Add", "Sub": "Subtract", "Mul": "Multiply"}
# Layers around layers, whose configuration is none of their own.
AROUND = ("Wrapper", "RNN", "StackedRNNCells")
# Targets reach a loss through these without being computed with.
MOVES = ("Cast", "Reshape", "ExpandDims", "Squeeze", "Identity", "Pack", "Shape", "StridedSlice")


@dataclass
class Known:
    """A call of a layer that has a counterpart.

    twin: built; takes: the names of the tensors; gives: of the one that comes out.
    """

    call: Any
    twin: Any
    takes: tuple
    gives: str
    several: bool = False


def graph_of(model, x, y, recognise=True):
    """Return (GraphForm, notes) of a compiled model for data like these.

    recognise: whether layers that have a counterpart are ours; else all are operations.

    Raises BadInput for a model that cannot be traced, or of which an operation has no rule.
    """
    as_tensors = lambda data: tf.nest.map_structure(lambda a: tf.constant(_single(a[:2])), data)
    batch = as_tensors(x), as_tensors(y)
    of_model(model, batch)  # it is compiled, and built for these
    specs = tf.nest.map_structure(lambda t: tf.TensorSpec([None, *t.shape[1:]], t.dtype), batch)

    def forward(*parts):
        inputs, targets = tf.nest.pack_sequence_as(batch, parts)
        outputs = model(inputs, training=True)
        return model.compute_loss(x=inputs, y=targets, y_pred=outputs, training=True)

    with fitting(model.name):
        traced = trace(TrainingStep(forward), tf.nest.flatten(specs))
    return Reader(model, traced, batch, traced.graph.outputs[0], recognise).read()


def graph_of_step(model, x, y, recognise=True):
    """Return (GraphForm, notes, ``(variables, gradients) -> gradients``) of an own ``train_step``.

    The graph's loss is what the step differentiates; the function is what it does to the
    gradients before its optimizer takes them, None where that is nothing.

    Raises BadInput for a step that differentiates or updates more than once, and as ``graph_of``.
    """
    as_tensors = lambda data: tf.nest.map_structure(lambda a: tf.constant(_single(a[:2])), data)
    batch = as_tensors(x), as_tensors(y)
    step = of_model(model, batch)
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    specs = tf.nest.map_structure(lambda t: tf.TensorSpec([None, *t.shape[1:]], t.dtype), batch)
    with fitting(model.name):
        traced = trace(step, tf.nest.flatten(specs))
    asked = [each for each in traced.differentiations if each.plain]
    many = len(asked), len(traced.differentiations), len(traced.updates)
    if many != (1, 1, 1) or len(asked[0].targets) != 1 or asked[0].targets[0].shape.rank:
        raise BadInput(
            f"{model.name} has a train_step of its own that is no step down one loss: it asks for "
            f"gradients {many[1]} times and calls its optimizer {many[2]} times; bring its "
            "optimizer, its loss or one of its layers"
        )
    (update,), (own,) = traced.updates, asked
    reader = Reader(model, traced, batch, own.targets[0], recognise)
    network, notes = reader.read()
    return network, notes, reader.between(own, update)


class Between:
    """What an own step does to its gradients before the optimizer takes them, as operations."""

    def __init__(self, traced, operations, raw, last, variables):
        self.trace, self.operations = traced, operations
        self.raw, self.last, self.variables = raw, last, variables

    def __call__(self, variables, gradients):
        """Return the gradients, matrices each, that the optimizer takes for these."""
        state = {}
        for variable, value in zip(self.variables, variables):
            name = self.trace.placeholder_of(variable.value)
            if name is not None:
                state[name] = value.reshape(tuple(variable.shape))
        for name, variable in self.trace.variables.items():
            state.setdefault(name, np.asarray(variable.numpy()))
        ball = next((a for a in (*gradients, *variables) if hasattr(a, "mid")), None)
        run = Run(self.trace, state, ball)
        values = {
            tensor.name: gradient.reshape(tuple(variable.shape))
            for tensor, gradient, variable in zip(self.raw, gradients, self.variables)
        }
        run.all(self.operations, values)
        found = [values[tensor.name] for tensor in self.last]
        return [(g + 0.0).reshape(w.shape) for g, w in zip(found, variables)]


def _single(array):
    return array.astype(np.float32) if array.dtype.kind == "f" else array


class Reader:
    """Reads a traced way forward as a graph of layers."""

    def __init__(self, model, traced, batch, total, recognise=True):
        self.model, self.trace, self.graph, self.total = model, traced, traced.graph, total
        self.recognise = recognise
        self.operations = self.graph.get_operations()
        self.variables = list(model.trainable_variables)
        self.places = {id(v.value): k for k, v in enumerate(self.variables)}
        self.prefix = _common_prefix([v.path for v in self.variables])
        self.inputs, self.targets, self.values = [], [], {}
        given = [p for p in self.graph.inputs if p.op.name not in traced.variables]
        given = [p for p in given if p.op.name not in traced.constants]
        first = len(tf.nest.flatten(batch[0]))
        for k, tensor in enumerate(given):
            of, word = (self.inputs, "input") if k < first else (self.targets, "target")
            name = f"{word}{k + 1 if k < first else k + 1 - first}"
            of.append((name, tuple(tensor.shape[1:])))
            self.values[tensor.name] = name
        self.parts, self.calls, self.frozen, self.starts = {}, [], [], []

    # --------------------------------------------------------------------------- the whole

    def read(self):
        known, own = self._calls_apart()
        ends = self._ends(known, own)
        waiting = [("known", k.call.before, k) for k in known]
        waiting += [("own", call.before, call) for call in own]
        for word, _, each in sorted(waiting, key=lambda row: row[1]):
            if word == "known":
                self._add_known(each)
            else:
                self._add_own(each)
        if ends is None:
            self._traced([self.total], "loss", "the loss", (ERROR,))
            ends = ()
        else:
            ends = tuple(self._end(*end) for end in ends)
        network = GraphForm(
            tuple(self.inputs),
            tuple(self.targets),
            tuple(self.parts.values()),
            tuple(self.calls),
            ends,
            tuple(self._name(v.path) for v in self.variables),
            tuple(_matrix(tuple(v.shape)) for v in self.variables),
            tuple(self.frozen),
            tuple(self.starts),
        )
        return network, self._notes()

    def _name(self, path):
        return path.removeprefix(self.prefix).replace("/", ".")

    def _notes(self):
        """Say which parts are own code."""
        own = [
            f"{part.label} ({n} operation{'s' * (n != 1)})"
            for part in self.parts.values()
            if isinstance(part.layer, Traced)
            for n in [len(part.layer.code)]
        ]
        if not own:
            return ()
        return (f"Own code, taken by its operations: {', '.join(own)}.",)

    def between(self, asked, update):
        """Return ``(variables, gradients) -> gradients``, what is done before an update.

        asked, update: the Differentiation that gives the gradients, the Update that takes them.
        None where they are what the tape gave.
        """
        places = [self.places.get(id(getattr(v, "value", v))) for v in update.variables]
        given = {self.places.get(id(getattr(v, "value", v))): g
                 for v, g in zip(asked.sources, asked.gradients)}  # fmt: skip
        taken = dict(zip(places, update.gradients))
        whole = set(range(len(self.variables)))
        dense = all(tf.is_tensor(g) for g in (*given.values(), *taken.values()))
        if set(given) != whole or set(taken) != whole or not dense:
            raise BadInput(
                f"the train_step of {self.model.name} updates other variables than those that it "
                "trains, or by sparse gradients: bring its optimizer, or one of its layers"
            )
        order = sorted(whole)
        raw, last = [given[k] for k in order], [taken[k] for k in order]
        if [g.name for g in raw] == [g.name for g in last]:
            return None
        self.values = {g.name: g.name for g in raw}
        operations, takes, placeholders = self._way_to(
            [g for g in last if g.name not in self.values]
        )
        if any(self.trace.variables.get(n) is None for n in placeholders):
            raise BadInput(f"the train_step of {self.model.name} makes gradients of its data twice")
        return Between(self.trace, operations, raw, last, self.variables)

    # ---------------------------------------------------------------------- calls of layers

    def _calls_apart(self):
        """Return the calls that have a counterpart, and those of layers of one's own."""
        calls = [c for c in self.trace.calls if c.graph is self.graph and c.layer is not self.model]
        calls.sort(key=lambda c: (c.before, -c.after))
        inside = lambda one, other: other.before <= one.before and one.after <= other.after
        known, own = [], []
        for call in calls if self.recognise else ():
            if any(inside(call, k.call) for k in known) or call.before == call.after:
                continue
            try:
                known.append(self._known(call, calls))
            except ValueError:  # NoTwin, or what a twin's checks refuse: operations
                continue
        for call in calls if self.recognise else ():
            touched = any(inside(k.call, call) or inside(call, k.call) for k in known)
            tensors = _tensors(call.made)
            if touched or not tensors or any(inside(call, other) for other in own):
                continue
            own.append(call)
        return known, own

    def _known(self, call, calls):
        """Return the Known of a call; raise BadInput or ValueError where it has no counterpart."""
        layer, kind = call.layer, type(call.layer).__name__
        takes, several = _tensors(call.given), kind in SEVERAL
        if not tf.is_tensor(call.made) or call.made.name in {t.name for t in takes}:
            raise BadInput("it gives several outputs, or what it took")
        if any(value is not None for value in call.options.values()):
            raise BadInput("it is called with options")
        if len(takes) > 1 and not several:
            raise BadInput("it takes several inputs")
        if any(None in t.shape[1:] for t in takes):
            raise BadInput("the shape of what it takes is not known before it runs")
        if kind in AROUND:
            raise NoTwin(f"{kind} is around another layer")
        if layer.compute_dtype != "float32":
            raise BadInput("it does not compute in float32")
        if differs_in_training(layer) and not call.training:
            raise BadInput("it runs as in inference")
        shapes = [tuple(t.shape[1:]) for t in takes]
        if is_activation(layer):
            twin = Activated(activation_twin(layer)).build(shapes[0])
        else:
            twin = layer_twin(layer).build(tuple(shapes) if several else shapes[0])
        if len(layer.trainable_variables) not in (0, len(twin.weight_names)):
            raise BadInput(f"it trains {len(layer.trainable_variables)} variables")
        if not layer.trainable_variables and twin.weight_names and layer.trainable:
            raise BadInput("it trains no variable")
        again = sum(other.layer is layer for other in calls) > 1
        if again and (twin.state_names or layer.losses):
            raise BadInput("it keeps states or has penalties, and is called more than once")
        if len(list(_states(layer))) != len(twin.state_names) and layer.trainable:
            raise BadInput("it keeps other states")
        if call.mask is not None and not twin.takes_mask and not twin.passes_mask:
            raise BadInput("its inputs have a mask")
        return Known(call, twin, tuple(t.name for t in takes), call.made.name, several)

    def _add_known(self, known):
        """Add a call of a layer with a counterpart."""
        layer = known.call.layer
        if layer.name not in self.parts:
            owns = tuple(self._own_place(v) for v in layer.weights[: len(known.twin.weight_names)])
            self.parts[layer.name] = Part(layer.name, known.twin, owns)
            starts = known.twin.start_states()
            for k, start in enumerate(starts):
                states = list(_states(layer))
                value = np.asarray(states[k].numpy(), np.float64) if len(states) > k else start
                self.starts.append(value.reshape(np.shape(start)))
        takes = tuple(self._value(name, known.call.name) for name in known.takes)
        name = self._call_name(layer.name)
        self.values[known.gives] = name
        self.calls.append(Call(name, layer.name, takes, (name,), known.several))

    def _own_place(self, variable):
        """Return the place of a weight; a frozen one is added behind those that train."""
        place = self.places.get(id(variable.value))
        if place is None:
            value = np.asarray(variable.numpy(), np.float64)
            self.frozen.append(value.reshape(_matrix(value.shape)))
            place = len(self.variables) + len(self.frozen) - 1
        return place

    def _call_name(self, label):
        """Return a name for the next call of a layer: its own, and from the second on a number."""
        count = sum(call.label == label for call in self.calls)
        return label if count == 0 else f"{label} (call {count + 1})"

    def _add_own(self, call):
        """Add a call of a layer of one's own."""
        tensors = [t for t in _tensors(call.made) if t.name not in self.values]
        if not tensors:
            return
        label = call.name
        if label in self.parts:
            label = self._call_name(label)
        self._traced(tensors, label, label)

    # -------------------------------------------------------------------- what was traced

    def _value(self, tensor_name, before):
        """Return the name of the value that a tensor is; what makes it is added if need be."""
        tensor = self.graph.get_tensor_by_name(tensor_name)
        if tensor_name not in self.values and self._is_join(tensor):
            self._add_join(tensor, before)
        if tensor_name not in self.values:
            count = sum(label.startswith("code") for label in self.parts)
            self._traced([tensor], f"code{count + 1}", f"code before {before}")
        return self.values[tensor_name]

    def _is_join(self, tensor):
        """Say whether a tensor is a sum, difference or product of two tensors of its shape."""
        of = tensor.op.inputs
        alike = len(of) == 2 and all(
            t.dtype == tensor.dtype and t.shape.rank and t.shape[1:] == tensor.shape[1:] for t in of
        )
        known = self.recognise and tensor.op.type in JOINS and None not in tensor.shape[1:]
        return known and alike and tensor.shape.rank > 1 and all(self._moves(t) for t in of)

    def _moves(self, tensor):
        """Say whether a tensor has what the data are."""
        return bool(self._way_to([tensor])[1]) or tensor.name in self.values

    def _add_join(self, tensor, before):
        """Add an operation that stands between layers as the layer that Keras has for it."""
        takes = tuple(self._value(t.name, before) for t in tensor.op.inputs)
        kind = JOINS[tensor.op.type]
        shape = tuple(tensor.shape[1:])
        count = sum(label.startswith(f"{kind.lower()} ") for label in self.parts)
        label = f"{kind.lower()} {count + 1}"
        twin = getattr(trees.reference(), kind)().build((shape, shape))
        self.parts[label] = Part(label, twin)
        self.values[tensor.name] = label
        self.calls.append(Call(label, label, takes, (label,), True))

    def _traced(self, tensors, label, name, gives=None):
        """Add the operations from known values to these tensors as one layer."""
        _, takes, placeholders = self._way_to(tensors)
        trained = [n for n in placeholders if self._is_trained(n)]
        constants = {
            n: np.asarray(self.trace.variables[n].numpy())
            for n in placeholders
            if n in self.trace.variables and n not in trained
        }
        sources = [self.graph.get_tensor_by_name(n) for n in takes]
        flows, back, of_inputs, of_weights = self._gradients(tensors, sources, trained)
        forth, _, _ = self._way_to(tensors)  # a loop that is differentiated takes more
        shapes = tuple((n, tuple(self.trace.variables[n].shape)) for n in trained)
        owns = tuple(self.places[id(self.trace.variables[n])] for n in trained)
        given = tuple(t.name for t in tensors)
        code = Operations(
            self.trace, forth, back, tuple(takes), given, flows, of_inputs, of_weights, constants
        )
        names = tuple(self._name(self.variables[k].path).rpartition(".")[2] for k in owns)
        layer = Traced(code, names, shapes, tuple(tensors[0].shape[1:]), input_shape=())
        if gives is None:
            several = [f"{label} {k + 1}" for k in range(len(tensors))]
            gives = (label,) if len(tensors) == 1 else tuple(several)
        self.parts[label] = Part(label, layer, owns)
        self.calls.append(Call(label, label, tuple(self.values[n] for n in takes), gives))
        self.values.update(zip((t.name for t in tensors), gives))

    def _is_trained(self, placeholder):
        variable = self.trace.variables.get(placeholder)
        return variable is not None and id(variable) in self.places

    def _way_to(self, tensors):
        """Return (operations in order, names of known tensors, of placeholders) before tensors."""
        takes, placeholders, order, wanted = {}, {}, {}, {t.name for t in tensors}

        def stops(tensor):
            """Take in a tensor at which the way begins; say whether it is one."""
            if tensor.name in self.values and tensor.name not in wanted:
                takes[tensor.name] = None
            elif tensor.op.type == "Placeholder":
                placeholders[tensor.op.name] = None
            else:
                return False
            return True

        waiting = [t.op for t in tensors if not stops(t)]
        while waiting:  # an operation behind all that it takes
            operation = waiting[-1]
            missing = [t.op for t in operation.inputs if not stops(t) and t.op.name not in order]
            if missing and operation.name not in order:
                waiting += missing
            else:
                order.setdefault(waiting.pop().name, operation)
        return tuple(order.values()), list(takes), list(placeholders)

    def _gradients(self, tensors, sources, trained):
        """Return (flows, operations back, names of gradients by sources, by weights)."""
        moving = [t for t in tensors if t.dtype.is_floating]
        by_inputs = [t for t in sources if t.dtype.is_floating]
        handles = [self.graph.get_tensor_by_name(f"{name}:0") for name in trained]
        by = [*by_inputs, *handles]
        before = len(self.graph.get_operations())
        with self.graph.as_default():
            flowing = [tf.compat.v1.placeholder(t.dtype, t.shape) for t in moving]
            found = (
                tf.gradients(moving, by, flowing, stop_gradients=by_inputs) if by and moving else []
            )
            found = [g if g is None else tf.convert_to_tensor(g) for g in found]
        names = {t.name: None if g is None else g.name for t, g in zip(by, found)}
        flow_of = {t.name: f.name for t, f in zip(moving, flowing)}
        new = {o.name for o in self.graph.get_operations()[before:]}
        order, _, _ = self._way_to([g for g in found if g is not None])
        back = tuple(o for o in order if o.name in new)
        return (
            tuple(flow_of.get(t.name) for t in tensors),
            back,
            tuple(names.get(t.name) for t in sources),
            tuple(names.get(t.name) for t in handles),
        )

    # ------------------------------------------------------------------------------ losses

    def _ends(self, known, own):
        """Return what is known of each loss; None where one has no counterpart, or there is more.

        Changes the last layers: an activation that a loss goes with is taken off.
        """
        losses = [call for call in self.trace.losses if call.graph is self.graph]
        try:
            weights = self._loss_weights(losses)
            self._check_penalties(losses, known)
            ends = [(*self._end_of(call, known), w) for call, w in zip(losses, weights)]
        except ValueError:
            own += [k.call for k in known if k.call.layer.losses]  # the loss's operations have them
            known[:] = [k for k in known if not k.call.layer.losses]
            return None
        return ends

    def _loss_weights(self, losses):
        """Return what each loss is counted with in the whole; raise NoTwin if no number says so."""
        total = self.total
        if not losses:
            raise NoTwin("no loss of Keras's is called")
        with self.graph.as_default():
            shares = tf.gradients(total, [call.result for call in losses])
        found = []
        for share in shares:
            forth, takes, placeholders = self._way_to([share]) if share is not None else ((), 1, 1)
            if takes or placeholders:
                raise NoTwin("a loss is counted with what is no number")
            found.append(float(self._number(forth, share)))
        return [decimal(np.float32(w)) for w in found]

    def _number(self, forth, tensor):
        values = {}
        Run(self.trace, {}, None).all(forth, values)
        return np.asarray(values[tensor.name])

    def _check_penalties(self, losses, known):
        """Raise NoTwin for what is added to the loss beside the penalties of known layers."""
        handles = {n: self.graph.get_tensor_by_name(f"{n}:0") for n in self.trace.variables}
        trained = {n: h for n, h in handles.items() if self._is_trained(n)}
        outputs = {k.gives: self.graph.get_tensor_by_name(k.gives) for k in known}
        results = [call.result for call in losses]
        active = {k.gives for k in known if "activity" in _penalties(k.twin)}
        by, total = {**trained, **outputs}, self.total
        with self.graph.as_default():
            still = [*results, *(outputs[name] for name in active)]
            found = tf.gradients(total, list(by.values()), stop_gradients=still)
        penalised = {
            self.places[id(v.value)]
            for k in known
            for v in k.call.layer.trainable_variables
            if getattr(v, "regularizer", None) is not None
        }
        for name, gradient in zip(by, found):
            if gradient is None or name in active:
                continue
            if name not in trained or self.places[id(self.trace.variables[name])] not in penalised:
                raise NoTwin("more is added to it than penalties of layers")

    def _end_of(self, call, known):
        """Return (output of ours, name of the tensor that it takes, target) of a LossCall."""
        if call.weights is not None or call.mask is not None:
            raise BadInput("it has sample weights or a mask")
        if call.result.dtype != "float32" or call.outputs.dtype != "float32":
            raise BadInput("it is not computed in float32")
        output, tensor, of_samples = read_loss(call)
        if of_samples or (len(call.outputs.shape) != 2 and hasattr(output.loss, "axis")):
            raise BadInput("its outputs are no rows")
        target = self._target(call.targets)
        maker = next((k for k in known if k.gives == call.outputs.name), None)
        activation = _last_activation(maker.twin) if maker else None
        alone = maker and sum(k.call.layer is maker.call.layer for k in known) == 1
        users = [o.name for t in [call.outputs] for o in t.consumers()]
        inside = {o.name for k in known for o in self.operations[k.call.before : k.call.after]}
        if activation is None or not alone or inside & set(users):
            if output.of_logits and maker:
                raise NoTwin("the loss takes logits out of the middle of a layer")
            return output, tensor.name, target
        maker.twin = _without_activation(maker.twin)
        return loss_twin(call.loss, activation), call.outputs.name, target

    def _target(self, tensor):
        """Return the name of the target that a loss is given, moved or cast, not computed with."""
        forth, takes, placeholders = self._way_to([tensor])
        if tensor.name in self.values:
            return self.values[tensor.name]
        names = [self.values[n] for n in takes if self.values[n].startswith("target")]
        computed = [o.type for o in forth if o.type not in (*MOVES, "Const")]
        if len(names) != 1 or len(takes) != 1 or placeholders or computed:
            raise NoTwin(f"the targets are computed with: {', '.join(computed)}")
        return names[0]

    def _end(self, output, tensor, target, weight):
        where = self._value(tensor, "the loss")
        return End(where, where, target, output, weight)


def _tensors(nest):
    return [t for t in tf.nest.flatten(nest) if tf.is_tensor(t)]


def _common_prefix(paths):
    """Return the scope that all paths begin with, "" where there is none."""
    heads = {path.split("/")[0] for path in paths}
    if len(heads) != 1 or any(path.count("/") < 2 for path in paths):
        return ""
    return f"{heads.pop()}/"


def _matrix(shape):
    return (int(np.prod(shape[:-1], dtype=int)), int(shape[-1])) if shape else (1, 1)


def _last_activation(twin):
    """Return the activation at the end of a layer, None where it has none to be taken off."""
    inside = core(twin)
    if "activity" in _penalties(twin):
        return None
    known = isinstance(inside, Activated) or type(inside).__name__ in ("Dense", "Conv2D")
    return inside.activation if known else None


def _penalties(twin):
    """Return what a layer has penalties of: "kernel", "activity", ..."""
    return [name for name, _ in getattr(twin, "penalties_of", ())]


def _without_activation(twin):
    if hasattr(twin, "layer"):
        return replace(twin, layer=_without_activation(twin.layer))
    return replace(twin, activation=trees.reference().Linear())
