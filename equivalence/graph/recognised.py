"""Standard parts of a step held against the mathematics of ``refimpl``, beside their operations.

Operations that are all honest may make another layer than the one whose name it has.  So each
standard layer, loss and optimizer of Keras is read by its configuration as one of ours, and what
it made of its recorded inputs and weights, what its weights' gradients are of what flowed back to
it, what an optimizer did with its gradients, has to lie in the balls that ours gives of the
same numbers.  What has no counterpart is own code, and held by its operations alone.
"""

import sys
import warnings
from copy import deepcopy
from dataclasses import dataclass, field, fields, replace
from math import prod
from typing import Any

import numpy as np

from equivalence import defects, trees
from equivalence.arithmetic.decision import Undecided
from equivalence.arithmetic.dispatch import Unanswered
from equivalence.arithmetic.enclosed import enclose, with_balls
from equivalence.arithmetic.precisions import FORMATS, HALVES, NAMES, USUAL
from equivalence.defects.functions import matching_parts, with_functions
from equivalence.errors import BadInput
from equivalence.graph.replay import operations_behind
from equivalence.graph.to_the_bit import is_same, size_of
from equivalence.judge.certificate import rounding_model, usage
from refimpl.losses.loss import EPSILON

# Optimizers whose update depends on the shapes that Keras's variables have.
BY_SHAPE = ("Adafactor", "Muon")
# What takes the step where one scales the loss around it.
INNER = "inner_optimizer"
# Those that do to each number of a variable what they do to it alone; held so many at a time.
OF_ELEMENTS = (
    *("SGD", "RMSprop", "Adagrad", "Adadelta", "Adam", "AdamW", "Adamax", "Nadam", "Ftrl"),
    "Lion",
)
# What a recurrent layer starts from, where it is told that in its call.
STATES = "initial_state"
# What asks a layer for the weights of its means, too, which stand behind its outputs in one row.
SCORES = "return_attention_scores"
# Why a part has no row of ours where nobody can fetch what it takes and gives.
ENCLOSED = "it is called inside of a function, a branch or a loop, whose operations alone are held"
# What a layer is told in its call, and its twin when it is made.
SAID_OF_TWINS = ("use_causal_mask", SCORES)
# What drops inside of a layer, in training alone; how a generator's state is called, and by Keras.
RATES_INSIDE = ("dropout", "recurrent_dropout")
SEED, DRAWS = "seed_generator_state", "seed_generator"
# Of several inputs, what computes otherwise where they have masks: others hand masks on at most.
UNDER_MASKS = ("Multiply", "Maximum", "Minimum")
# What takes the masks of its inputs, in their order, and others by their names.
TAKES_MASKS = {
    "Attention": ("query_mask", "value_mask"),
    "AdditiveAttention": ("query_mask", "value_mask"),
    "MultiHeadAttention": ("query_mask", "value_mask", "key_mask"),
}
MASKS_BY_NAME = ("value_mask", "key_mask", "attention_mask")
# What multiplies a penalty, or divides it.
FACTORS = ("Mul", "RealDiv", "Div", "DivNoNan", "Mean")
# Losses of whole sequences; of all others each row of the outputs is a sample.
OF_SEQUENCES = ("CTC",)
# The variables of an optimizer that do not decay, by their places.
SPARED = "exclude_from_weight_decay"
# Why a variable is left to its operations.
SEVERAL = "rows of its gradient come several times"
# The defect by which weights of float64 learn at a rate of float32.
FLOAT32_RATE = "keras-float64-learning-rate"
BLOCK = 1 << 15
# How many of an optimizer's numbers are held by balls where all are NumPy's own.
FEW = 1 << 11
# Of channels as few at a time, since they lie side by side in memory.
FEWEST = 8


@dataclass
class Recognised:
    """A part of a step, and the mathematics that it was held against.

    kind: "layer", "loss" or "optimizer"; file: of ours, "" for own code; why: it is own code.
    held: what of it: "outputs", "gradients", "states", "loss", "weights", "slots".
    defect: the known upstream defects with which nothing is outside, "" for none.
    meets: the names of those with which it is held: the formula is the same, and some numbers in it
        are float32, though it computes in float64.
    numbers: how many; usage: the largest share of a radius; outside: where it is above 1.
    apart: variables of an optimizer -> why they are left to their operations.
    within: the layer with a file that calls this one without one, "" for none.
    """

    name: str
    kind: str
    file: str = ""
    why: str = ""
    held: list = field(default_factory=list)
    numbers: int = 0
    usage: float = 0.0
    outside: str = ""
    defect: str = ""
    meets: list = field(default_factory=list)
    apart: dict = field(default_factory=dict)
    within: str = ""

    def meet(self, *names):
        self.meets = list(dict.fromkeys((*self.meets, *names)))

    def hold(self, what, value, ball):
        """Hold recorded numbers against a ball, in the ball's shape."""
        value = np.reshape(value, ball.shape)
        share = usage(value, ball)
        share = np.where(np.isinf(np.broadcast_to(ball.rad, share.shape)), 0, share)
        share = np.where(np.isnan(share), np.inf, share)
        self.held += [what] if what not in self.held else []
        self.numbers += value.size
        largest = float(np.max(share, initial=0))
        self.usage = max(self.usage, largest)
        if largest > 1 and not self.outside:
            index = tuple(int(i) for i in np.unravel_index(np.argmax(share), share.shape))
            digits = 17 if value.dtype == "float64" else 9
            self.outside = (
                f"{self.name}: {what}{list(index)} is {value[index]:.{digits}g}, and "
                f"{float(ball.mid[index]):.{digits}g} by {self.file}; {largest:.3g} radii off"
            )


class Mathematics:
    """The recognised parts of a trace; takes tensors as they are computed.

    optimizer: of ours, which stands for the twin of the step's, as one with a known defect.
    parts: every Recognised.
    wanted: the names of the tensors that are needed in the step that has begun; awaited: of the
        operations in front of which variables are read.
    """

    def __init__(self, trace, optimizer=None):
        self.trace, self.optimizer = trace, optimizer
        self.parts, self.waiting = [], []
        self._add_all(_LayerPart, trace.calls)
        self._find_parts_of_parts()
        apart = [call for call in trace.calls if not self._held_around(call)]
        self._tell_of_enclosed(_LayerPart, apart)
        self._add_all(_LossPart, trace.losses)
        self._tell_of_enclosed(_LossPart, trace.losses)
        self._add_all(_OptimizerPart, trace.updates)
        self._tell_of_enclosed(_OptimizerPart, trace.updates)
        self.values: dict[str, np.ndarray] = {}
        self.before: dict[int, np.ndarray] = {}

    def _add_all(self, kind, calls):
        for call in filter(self._is_of_this_graph, calls):
            self._add(kind, call)

    def _add(self, kind, call):
        from equivalence.engines.keras_objects import NoSlot

        row = Recognised(call.name, kind.word)
        self.parts.append(row)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of configurations that hold code
                self.waiting.append(kind(call, self, row))
        except (BadInput, NoSlot, ValueError) as error:  # ValueError: what a twin's checks refuse
            row.file, row.why = "", " ".join(str(error).split())[:120]

    def _tell_of_enclosed(self, kind, calls):
        """Say once of each layer, loss or optimizer that it is called in a graph inside.

        Nothing is said of those inside of a LossScaleOptimizer, which take steps in a branch.
        """
        told = {id(getattr(call.optimizer, INNER, None)) for call in self.trace.updates}
        for call in calls:
            made = id(getattr(call, kind.word))
            if made not in told and not self._is_of_this_graph(call):
                told.add(made)
                self.parts.append(Recognised(call.name, kind.word, why=ENCLOSED))

    def _is_of_this_graph(self, call):
        return getattr(call, "graph", None) is self.trace.graph

    def _held_around(self, call):
        """Return the held layers that make a call of one, as of a cell in the loop of theirs."""
        return [part for part in self.waiting if part.row.file and part.call.makes(call)]

    def _find_parts_of_parts(self):
        """Say of layers without mathematics of their own inside of which held layer they are."""
        calls = filter(self._is_of_this_graph, self.trace.calls)
        for row, call in zip(self.parts, calls, strict=True):
            around = [] if row.file else self._held_around(call)
            row.within = around[0].row.name if around else ""

    def begin(self, before, last=True):
        """Start a step; before: id of a variable -> its value.

        last: of the steps.  Layers and losses are held in that alone, where biases are 0 no more:
            all of their operations are held in each.
        """
        self.before, self.values = before, {}
        now = [part for part in self.waiting if last or part.word == _OptimizerPart.word]
        self.open = [(part, {*part.needs, *part.moments.names}) for part in now]
        self.wanted = frozenset(name for part in now for name in part.needs)
        self.awaited = frozenset(name for part in now for name in part.moments.names)

    def take(self, name, value):
        """Take a tensor, and hold the parts that have all of theirs; forget what is done."""
        self.values[name] = value
        self._has(name)

    def reach(self, name):
        """Read variables in front of an operation, for the parts that begin or end there."""
        for part, missing in self.open:
            if name in missing:
                part.moments.read(name)
        self._has(name)

    def _has(self, name):
        ready = []
        for part, missing in self.open:
            missing.discard(name)
            if not missing and not part.last:
                ready.append(part)
        for part in ready:
            self._hold(part, {})
        self.open = [(part, missing) for part, missing in self.open if part not in ready]
        if ready:
            needed = {name for part, _ in self.open for name in part.needs}
            self.values = {name: v for name, v in self.values.items() if name in needed}

    def end(self, after):
        """Hold what needs the variables behind the step."""
        for part, missing in self.open:
            if not missing or not part.needs:
                self._hold(part, after)
            else:
                part.row.file, part.row.why = "", "not all that it takes or gives is computed"
        self.open, self.values = [], {}

    def _hold(self, part, after):
        model, earlier = rounding_model(part.dtype, "eager"), deepcopy(part.row)
        try:
            with np.errstate(all="ignore"):
                before, after = part.moments.around(self.before, after)
                part.hold(self.values, before, after, model)
                if part.row.outside and not earlier.outside:
                    self._find_defect(part, earlier, before, after, model)
        except (Unanswered, Undecided) as error:
            part.row.why = f"not held: {' '.join(str(error).split())[:120]}"
            part.row.file = ""
        part.moments.forget()

    def _find_defect(self, part, earlier, before, after, model):
        """Name the known upstream defects with which a part's numbers are inside, if some are.

        Where these are numbers of float32 in a formula of float64, the part is held with them,
        from here on; a wrong formula is outside.
        """
        row, plain, twin = part.row, part.plain, part.twin
        met = part.defects(before)
        for rows in dict.fromkeys((tuple(each for each in met if each.narrow), met)):
            part.row, part.plain = deepcopy(earlier), part.with_defects(plain, rows)
            part.twin = enclose(part.plain)
            try:
                is_it = bool(rows) and self._is_inside(part, before, after, model)
                found = part.row
            finally:
                part.row = row
                modelled, part.plain, part.twin = (part.plain, part.twin), plain, twin
            if is_it:
                if all(each.narrow for each in rows):
                    vars(row).update(vars(found))
                    row.meet(*(each.name for each in rows))
                    part.plain, part.twin = modelled
                else:
                    row.defect = " and ".join(each.name for each in rows)
                    row.outside += f": the known upstream defect {row.defect}"
                return

    def _is_inside(self, part, before, after, model):
        part.hold(self.values, before, after, model)
        return not part.row.outside


class Moments:
    """Where a step is to be stopped for what variables are in front of a call, and behind it.

    Only where they may be written before it in the same step, or behind it, as by another update.
    names: of the operations in front of which they are read.

    Raises BadInput where the operations that may write them run in another order.
    """

    def __init__(self, trace, call, variables=(), behind=False):
        self.variables = list({id(v): v for v in variables}.values())
        self.found: dict[str, dict] = {}
        self.front = self.back = None
        if variables and trace.is_written(variables, stop=call.before):
            self.front = self._at(trace, call.before)
        if behind and trace.is_written(variables, start=call.after):
            self.back = self._at(trace, call.after)
        self.names = [name for name in (self.front, self.back) if name]

    def _at(self, trace, place):
        name = trace.operation_at(place, self.variables)
        if name is None:
            raise BadInput("its variables move in another order than the step has been written")
        return name

    def read(self, name):
        self.found[name] = {id(v): np.asarray(v.numpy()) for v in self.variables}

    def around(self, before, after):
        """Return what variables are before and behind the call; given what around the step."""
        return self.found.get(self.front, before), self.found.get(self.back, after)

    def forget(self):
        self.found = {}


def file_of(twin):
    """Return the file of ours that an object's class is in."""
    return type(twin).__module__.replace(".", "/") + ".py"


def _matrix_shape(shape):
    return (prod(shape[:-1]), shape[-1]) if len(shape) else (1, 1)


class _Function:
    """A part of a network, and the defects that it meets."""

    dtype: str
    plain: Any

    def defects(self, before):
        return matching_parts(self.plain, "keras", "eager", self.dtype)

    with_defects = staticmethod(with_functions)


class _LayerPart(_Function):
    """A layer that is called once: its outputs, its weights' gradients and its states."""

    word, last = "layer", False

    def __init__(self, call, mathematics, row):
        from equivalence.engines.keras_objects import _states
        from equivalence.engines.keras_twins import is_activation, layer_twin, read_for

        trace = mathematics.trace
        layer, self.row, self.call = call.layer, row, call
        if call.inputs is None:
            raise BadInput("it takes or gives what are no tensors")
        self.is_activation = is_activation(layer)
        with read_for(layer.compute_dtype):
            twin = layer_twin(layer)
        takes_states = hasattr(twin, "own_states")
        states = _states_of(call.more.get(STATES)) if takes_states else ()
        self.several = isinstance(call.inputs, tuple) or bool(states)
        inputs = call.inputs if isinstance(call.inputs, tuple) else (call.inputs,)
        self.inputs = (*inputs, *states)
        self.outputs = call.outputs
        self.in_one_row = bool(call.more.get(SCORES)) or type(twin).__name__ == "Bidirectional"
        several = getattr(twin, "return_state", False) or self.in_one_row
        if len(self.outputs) > 1 and not several:
            raise BadInput("it gives several outputs")
        if not all(hasattr(tensor, "graph") for tensor in self.inputs):
            raise BadInput("it takes a tensor from outside of the step")
        self.masks = _masks_of(call, twin)
        known = (*SAID_OF_TWINS, *self.masks, *([STATES] if states else []))
        more = {name: value for name, value in call.more.items() if name not in known}
        if more:
            raise BadInput(f"it is called with {' and '.join(more)}")
        if any(None in tensor.shape[1:] for tensor in self.inputs):
            raise BadInput("the shape of what it takes is not known before it runs")
        self.dtype = _dtype_of(call, self.inputs)
        file = file_of(getattr(twin, "layer", twin))
        said = {k: v for k, v in call.more.items() if k in SAID_OF_TWINS}
        twin = as_called(_telling(twin, said) if said else twin, call)
        if twin is None:
            self.is_activation, twin = True, trees.reference().Linear()
        if self.is_activation:
            self.weights, self.states = [], []
        else:
            if self.several and call.mask is not None and type(twin).__name__ in UNDER_MASKS:
                raise BadInput("its inputs have masks")
            shapes = tuple(tuple(tensor.shape[1:]) for tensor in self.inputs)
            twin = twin.build(shapes if self.several else shapes[0])
            count = len(twin.weight_shapes)
            draws = any(name.endswith(SEED) for name in twin.state_names)
            if draws and self.dtype in HALVES:
                raise BadInput(f"it draws numbers, and computes in {self.dtype}")
            held = layer.trainable_variables
            if not layer.trainable:
                held = [v for v in layer.variables if DRAWS not in v.path][:count]
            others = [v for v in _states(layer) if all(v is not weight for weight in held)]
            self.weights = [v.value for v in held]
            # A normalization's are read as they are.
            self.read_as = [self.dtype if v._autocast else v.dtype for v in held]
            self.states = [v.value for v in others if draws or DRAWS not in v.path]
            if len(self.weights) != count:
                raise BadInput(f"it trains {len(self.weights)} variables")
            known = {id(v) for v in trace.variables.values()}
            if any(id(v) not in known for v in (*self.weights, *self.states)):
                raise BadInput("the step does not look at all of its variables")
        variables, behind = (*self.weights, *self.states), bool(self.states)
        self.moments = Moments(trace, call, variables, behind)
        row.file, self.plain, self.twin = file, twin, enclose(twin)
        masked = call.mask is not None and not isinstance(call.inputs, tuple)
        self.takes_mask = masked and getattr(twin, "takes_mask", False)
        self.flows, self.gradients, self.spared = (), {}, set()
        if self.weights:
            self._find_gradients(trace, twin)
        tensors = [*self.inputs, *self.outputs, *self.gradients.values()]
        tensors += [flow for flow in self.flows if flow is not None]
        tensors += [call.mask] if self.takes_mask else [*self.masks.values()]
        self.needs = {tensor.name for tensor in tensors}
        self.last = bool(self.states) and not self.moments.back

    def _find_gradients(self, trace, twin):
        """Find what flows back to the output, and the gradients of weights of this call alone."""
        asked, _ = trace.gradient_of(self.weights[0], self.call)
        others = (c for c in trace.calls if c.layer is self.call.layer and c is not self.call)
        alone = asked and not any(trace.leads_to(other, asked) for other in others)
        flows = self._flows_of(asked) if alone else ()
        if all(flow is None for flow in flows):
            return
        for place, variable in enumerate(self.weights):
            tape, gradient = trace.gradient_of(variable, self.call)
            penalty = type(twin).__name__ == "Regularized" or getattr(
                twin, ("kernel_regularizer", "bias_regularizer")[min(place, 1)], None
            )
            if gradient is None or tape is not asked:
                continue
            ways = trace.ways_around(variable, self.call, asked)
            if len(ways) > bool(penalty) or any(_is_scaled(way) for way in ways):
                continue
            self.gradients[place] = gradient
            if penalty and not ways:
                self.spared.add(place)
        self.flows = flows if self.gradients else ()

    def _flows_of(self, asked):
        """Return what flows back to each output; None of what no loss is made of.

        Of one tensor that is several outputs all flows back to the first.  To an output of which
        the layer makes another one, as an unrolled loop's state or the weights of means, flows
        what this hands on, too: that is no flow of its own, and where it has one () is returned.
        """
        names = [tensor.name for tensor in self.outputs]
        flows = {name: asked.flows.get(name) for name in names}
        for tensor in self.outputs if len(set(names)) > 1 else ():
            makes_others, is_used = self._uses_of(tensor, asked)
            if makes_others and is_used:
                return ()
            if makes_others:
                flows[tensor.name] = None
        return tuple(flows.pop(name, None) for name in names)

    def _uses_of(self, output, asked):
        """Say whether others are made of an output, and whether targets are beside them."""
        call, others = self.call, {tensor.name for tensor in self.outputs} - {output.name}
        inside = {each.name for each in call.graph.get_operations()[call.before : call.after]}
        found, waiting, makes_others, is_used = set(), [output], False, False
        while waiting:
            for user in waiting.pop().consumers():
                if user.name in found or user.name not in asked.behind:
                    continue
                found.add(user.name)
                made = {tensor.name for tensor in user.outputs}
                makes_others = makes_others or bool(made & others)
                is_used = is_used or user.name not in inside
                waiting += [tensor for tensor in user.outputs if tensor.name not in others]
        return makes_others, is_used

    def hold(self, values, before, after, model):
        x, y = self._given(values, self.inputs[0]), values[self.outputs[0].name]
        if self.is_activation:
            self.row.hold("outputs", y, with_balls(self.twin, model).forward(model.array(x)))
            return
        for channels in self._channels(x):
            self._hold_channels(channels, values, before, after, model)

    def _given(self, values, tensor):
        """Return an input as Keras casts it, or as it is: a normalization's, and indices."""
        value = values[tensor.name]
        return _cast(value, self.dtype) if self.call.layer.autocast else value

    def _channels(self, x):
        """Return which channels are held at once: all, but where each is by itself and large."""
        plain = self.plain
        alone = type(plain).__name__ == "BatchNormalization" and plain.feature_axis == -1
        if not alone or self.takes_mask or x.size <= BLOCK:
            return [slice(None)]
        some = max(BLOCK // (x.size // x.shape[-1]), FEWEST)
        return [slice(start, start + some) for start in range(0, x.shape[-1], some)]

    def _hold_channels(self, channels, values, before, after, model):
        of = lambda array: array[..., channels] if np.ndim(array) else array
        row, twin, starts = self.row, self.twin, self.twin.start_states()
        shapes = twin.weight_shapes
        each = [of(self._given(values, tensor)) for tensor in self.inputs]
        outputs = [of(values[tensor.name]) for tensor in self.outputs]
        y = self._together(outputs)
        if channels != slice(None):
            twin = enclose(replace(self.plain, input_shape=tuple(each[0].shape[1:])))
        masks = {name: values[tensor.name] != 0 for name, tensor in self.masks.items()}
        twin = _telling(with_balls(twin, model), masks)
        each = tuple(model.array(array) for array in each)
        x = each if self.several else each[0]
        weights = [
            model.array(of(np.reshape(_cast(before[id(v)], dtype), shape)))
            for v, shape, dtype in zip(self.weights, shapes, self.read_as)
        ]
        states = [
            _lifted(model, of(np.reshape(before[id(v)], np.shape(start))))
            for v, start in zip(self.states, starts, strict=True)
        ]
        mask = ()
        if self.takes_mask:
            mask = (model.array(values[self.call.mask.name].astype(y.dtype)),)
        ball, kept = twin.forward((*weights, *states), x, *mask)
        row.hold("outputs", y, ball)
        if self.flows:
            back = [
                np.zeros_like(each) if flow is None else of(values[flow.name])
                for flow, each in zip(self.flows, outputs)
            ]
            flow = model.array(np.reshape(self._together(back), ball.shape))
            gradients = twin.weights_back((*weights, *states), kept, flow)
            spared = gradients
            if self.spared:
                without = without_penalties(twin)
                _, kept_without = without.forward((*weights, *states), x, *mask)
                spared = without.weights_back((*weights, *states), kept_without, flow)
            for place, gradient in self.gradients.items():
                balls = spared if place in self.spared else gradients
                row.hold("gradients", of(values[gradient.name]), balls[place])
        if self.states:
            for variable, ball in zip(self.states, twin.next_states(kept), strict=True):
                if hasattr(ball, "rad"):
                    row.hold("states", of(after[id(variable)]), ball)

    def _together(self, outputs):
        """Return outputs as our layer has them.

        Behind those of a sequence a row for each state; or all of a sample in one row.
        """
        if len(outputs) == 1:
            return outputs[0]
        shape = (-1,) if self.in_one_row else (-1, outputs[0].shape[-1])
        return np.concatenate([np.reshape(y, (len(y), *shape)) for y in outputs], axis=1)


def _dtype_of(call, inputs):
    """Return the precision in which a layer computes; to it Keras casts what it is given.

    What is wider inside, as a normalization's moments in half precision, is within its balls.

    Raises BadInput where it gives another one, or takes a wider one, or has a narrower one inside,
    as Keras draws or resizes in float32 alone.
    """
    layer, dtype = call.layer, call.layer.compute_dtype
    if dtype not in FORMATS:
        raise BadInput(f"it computes in {dtype}")
    if any(t.dtype.is_floating and t.dtype.name != dtype for t in call.outputs):
        raise BadInput(f"it computes in {dtype}, and gives numbers of another precision")
    size = np.dtype(dtype).itemsize
    for operation in call.graph.get_operations()[call.before : call.after]:
        made = operation.outputs if operation.type != "Const" else ()
        for tensor in made:
            if tensor.dtype.is_floating and tensor.dtype.size < size:
                kind, name = operation.type, tensor.dtype.name
                raise BadInput(f"it computes in {dtype}, and {kind} inside of it in {name}")
    if not layer.autocast and dtype == USUAL and any(t.dtype == "float64" for t in inputs):
        raise BadInput("it takes numbers of float64 as they are")
    return dtype


def _cast(array, dtype):
    """Return floats as Keras casts what is called with them."""
    return array.astype(dtype, copy=False) if array.dtype.name in FORMATS else array


def _telling(twin, said):
    """Return a layer, or that in its penalties, with what it is told in its call."""
    if type(twin).__name__ == "Regularized":
        return replace(twin, layer=_telling(twin.layer, said))
    return replace(twin, **{name: value for name, value in said.items() if hasattr(twin, name)})


def _masks_of(call, twin):
    """Return {name: tensor} of the masks by which an attention does not see all.

    Raises BadInput for what is no tensor of the step, or has an axis of heads.
    """
    kind = type(getattr(twin, "layer", twin)).__name__
    if kind not in TAKES_MASKS:
        return {}
    of_inputs = call.mask if isinstance(call.mask, (list, tuple)) else ()
    found = dict(zip(TAKES_MASKS[kind], of_inputs))
    if kind == "MultiHeadAttention":
        found |= {name: call.more[name] for name in MASKS_BY_NAME if name in call.more}
    found = {name: mask for name, mask in found.items() if mask is not None}
    if not all(hasattr(mask, "graph") for mask in found.values()):
        raise BadInput("its masks are no tensors")
    if any(len(mask.shape) > 3 for mask in found.values()):
        raise BadInput("each of its heads has a mask")
    return found


def as_called(twin, call):
    """Return a layer's twin as it computes in the mode that it is called in.

    None where it hands on what it gets, as dropout does at rest.

    Raises BadInput where a tensor says whether it trains, or what is inside does otherwise at rest.
    """
    m = trees.reference()
    drops = isinstance(twin, (m.Dropout, m.AlphaDropout, m.GaussianNoise, m.GaussianDropout))
    rates = {name: 0.0 for name in RATES_INSIDE if getattr(twin, name, 0.0)}
    normalizes = isinstance(twin, m.BatchNormalization)
    wraps = getattr(twin, "layer", None) is not None
    if not (drops or rates or normalizes or wraps):
        return twin
    if hasattr(call.mode, "graph"):
        raise BadInput("a tensor says whether it trains")
    if bool(call.mode) and (call.layer.trainable or not (normalizes or wraps)):
        return twin
    if drops:
        return None
    if wraps and _differs_at_rest(twin.layer):
        raise BadInput("what it is around does otherwise at rest")
    return replace(twin, **rates, **({"training": False} if normalizes else {}))


def _differs_at_rest(twin):
    """Say whether a twin does otherwise where nothing is trained, or what is inside of it."""
    rates = ("training", "rate", "stddev", *RATES_INSIDE)
    inside = getattr(twin, "layer", None)
    return any(getattr(twin, name, 0) for name in rates) or (
        inside is not None and _differs_at_rest(inside)
    )


def _states_of(given):
    """Return the tensors that a layer is to start from: one, or a list; () of what is none."""
    several = given if isinstance(given, (list, tuple)) else [given]
    return tuple(several) if all(hasattr(each, "graph") for each in several) else ()


def without_penalties(twin):
    """Return a layer without penalties on its weights, as a loss has it that leaves them out."""
    if type(twin).__name__ == "Regularized":
        return twin.inner
    return replace(twin, kernel_regularizer=None, bias_regularizer=None)


def _is_scaled(way):
    """Say whether a penalty counts otherwise than by the factor that is its own.

    way: the operations from a weight to a tape's targets.  That factor is the first one of what is
        one number.
    """
    factors = {o.name for o in way if o.type in FACTORS and o.outputs[0].shape.rank == 0}
    return any(
        factors & operations_behind(each.inputs, waiting_for=False)
        for each in way
        if each.name in factors
    )


def _lifted(model, array):
    return model.array(array) if array.dtype.kind == "f" else array


class _LossPart(_Function):
    """A loss of outputs in rows, or of sequences, with what its samples weigh."""

    word, last = "loss", False

    def __init__(self, call, mathematics, row):
        self.call, self.row = call, row
        output, self.given, self.of_samples = read_loss(call)
        twin = output.loss
        for counts in (call.weights, call.mask):
            if counts is not None and not hasattr(counts, "graph"):
                raise BadInput("its samples weigh what no tensor says")
            if counts is not None and not isinstance(twin, trees.reference().Loss):
                raise BadInput("its mathematics weighs no samples")
        self.dtype = call.result.dtype.name
        row.file, self.moments = file_of(twin), Moments(mathematics.trace, call)
        self.plain, self.twin = twin, enclose(twin)
        counts = [each for each in (call.weights, call.mask) if each is not None]
        tensors = (self.given, call.targets, call.result, *counts)
        self.needs = {tensor.name for tensor in tensors}

    def hold(self, values, before, after, model):
        O, T = (_cast(values[t.name], self.dtype) for t in (self.given, self.call.targets))
        if type(self.plain).__name__ not in OF_SEQUENCES:
            O = np.reshape(O, (len(O), -1) if self.of_samples else (-1, O.shape[-1]))
            T = np.reshape(T, (len(O), -1))
        counts = [
            self._counts(values, each, len(O)) for each in (self.call.weights, self.call.mask)
        ]
        weights = [model.array(each) if each is not None else None for each in counts]
        weights = weights if any(each is not None for each in weights) else ()
        twin = with_balls(self.twin, model)
        ball = twin.forward(model.array(O), model.array(T.astype(O.dtype)), *weights)
        self.row.hold("loss", values[self.call.result.name], ball)

    def _counts(self, values, tensor, samples):
        """Return what each sample counts, or None where nothing is said."""
        if tensor is None:
            return None
        counts = np.asarray(values[tensor.name], self.dtype)
        if counts.size != samples:
            raise Unanswered(f"weights of {counts.shape} for {samples} samples")
        return np.ravel(counts)


def read_loss(call):
    """Return (output of ``refimpl``, the tensor that it takes, whether all of a sample is a row).

    The tensor is of outputs, or of the logits that Keras finds behind them.

    Raises BadInput for a loss that has no counterpart, or that does otherwise here.
    """
    import keras

    from equivalence.engines.keras_twins import loss_twin, read_for

    m = trees.reference()
    loss, looked_for = call.loss, _looked_for(call.loss)
    dtype = call.result.dtype.name
    if dtype not in NAMES or dtype != call.loss.dtype:
        raise BadInput(f"it is computed in {dtype}")
    # What is cast in front of a loss has left its logits behind.
    finds = looked_for and call.outputs.dtype.name == dtype
    logits = _logits(call.outputs, looked_for) if finds else None
    last = {None: m.Linear(), "Sigmoid": m.Sigmoid(), "Softmax": m.Softmax()}
    with read_for(dtype):
        output = loss_twin(loss, last[looked_for if logits is not None else None])
    twin = output.loss
    if isinstance(twin, m.BinaryFocalCrossentropyFromLogits):
        logits = None  # it takes the sigmoid itself, and finds what that is of
    if isinstance(twin, m.BinaryFocalCrossentropy) and logits is not None:
        options = {f.name: getattr(twin, f.name) for f in fields(twin)}
        twin = m.BinaryFocalCrossentropyFromLogits(**options)
    twin, of_samples = _in_rows(twin, len(call.outputs.shape))
    if keras.config.epsilon() != EPSILON and _uses_epsilon(twin):
        raise BadInput(f"Keras's epsilon is {keras.config.epsilon()}")
    output = replace(output, loss=twin) if output.of_logits else m.Output(m.Linear(), twin)
    return output, call.outputs if logits is None else logits, of_samples


# What Keras looks for behind outputs, whether it is told that they are logits or not.
LOOKS_FOR = {
    "binarycrossentropy": "Sigmoid",
    "binaryfocalcrossentropy": "Sigmoid",
    "categoricalcrossentropy": "Softmax",
    "sparsecategoricalcrossentropy": "Softmax",
}


def _uses_epsilon(twin):
    """Say whether a loss keeps logarithms or divisors away from 0 by Keras's epsilon."""
    return any(hasattr(sys.modules[kind.__module__], "EPSILON") for kind in type(twin).__mro__[:-2])


def _looked_for(loss):
    """Return the kind of operation that a loss looks for behind its outputs, or None."""
    name = getattr(getattr(loss, "fn", None), "__name__", type(loss).__name__)
    return LOOKS_FOR.get(name.replace("_", "").lower())


def _logits(outputs, kind):
    """Return the logits that Keras finds behind probabilities in a graph, or None.

    keras/src/backend/tensorflow/nn.py, _get_logits.
    """
    if getattr(outputs, "_keras_logits", None) is not None:
        return outputs._keras_logits
    return outputs.op.inputs[0] if outputs.op.type == kind else None


def _in_rows(twin, rank):
    """Return a loss that takes rows, and whether all of a sample is one.

    Raises BadInput where what is summed over is no row.
    """
    axis = getattr(twin, "axis", None)
    axes = {each % rank for each in np.atleast_1d(axis)} if axis is not None else {rank - 1}
    if axes == {rank - 1}:
        return twin, False
    if axes != set(range(1, rank)):
        raise BadInput("it sums over what is no row")
    return replace(twin, axis=-1), True


@dataclass(frozen=True)
class _Alone:
    """What the table of defects reads of a program, of an optimizer without a network."""

    optimizer: Any
    dtype: str
    network: tuple = ()


class _OptimizerPart:
    """An optimizer's update of all variables, from the gradients that it was given."""

    word = "optimizer"

    def __init__(self, call, mathematics, row):
        import keras

        from equivalence.engines.keras_objects import find_slot
        from equivalence.engines.keras_twins import optimizer_twin, read_for
        from tfimpl import optimizers

        trace = mathematics.trace
        self.row, self.call = row, call
        self.optimizer = getattr(call.optimizer, INNER, call.optimizer)
        self.is_scaled = self.optimizer is not call.optimizer
        name = type(self.optimizer).__name__
        if hasattr(self.optimizer, INNER):
            raise BadInput("it scales the loss twice")
        if name in BY_SHAPE:
            raise BadInput(f"{name} depends on the variables' shapes")
        if any(g is None for g in call.gradients):
            raise BadInput("a gradient is missing")
        dtypes = {getattr(v.dtype, "name", v.dtype) for v in call.variables}
        if len(dtypes) > 1:
            raise BadInput(f"its variables are {' and '.join(sorted(dtypes))}")
        (self.dtype,) = dtypes
        if self.dtype not in FORMATS:
            raise BadInput(f"its variables are {self.dtype}")
        if any(getattr(v, "constraint", None) for v in call.variables):
            raise BadInput("a variable is constrained")
        with read_for(self.dtype):
            twin = optimizer_twin(self.optimizer)
            around = optimizer_twin(call.optimizer)
        theirs = getattr(optimizers, type(twin).__name__)
        if self.optimizer.weight_decay:
            decays = self.optimizer._use_weight_decay
            spared = tuple(k for k, v in enumerate(call.variables) if not decays(v))
            twin = replace(twin, **{SPARED: spared})
        whole = replace(around, **{INNER: twin}) if self.is_scaled else twin
        whole = mathematics.optimizer or whole
        twin = getattr(whole, INNER, whole)
        row.file = file_of(whole)
        self.plain, self.twin = whole, enclose(whole)
        self.enclosed = self.twin
        meeting = ("clipnorm", "global_clipnorm", SPARED)
        meets = any(getattr(twin, option, None) for option in meeting)
        self.of_elements = name in OF_ELEMENTS and not meets
        # Where the gradients of all variables say what is done to each.
        self.all_meet = self.is_scaled or getattr(twin, "global_clipnorm", None) is not None
        self.needs = {tensor.name for g in call.gradients for tensor in _tensors_of(g)}
        variables = call.variables
        self.shapes = [_matrix_shape(tuple(v.shape)) for v in variables]
        self.slots = [
            [find_slot(theirs, self.optimizer, variables, k, slot) for slot in twin.all_slot_names]
            for k in range(len(variables))
        ]
        if self.is_scaled:
            if self.dtype in HALVES:
                raise BadInput(f"its variables are {self.dtype}, and its scale is not")
            scaling = getattr(optimizers, type(whole).__name__)
            of_all = whole.slot_names[len(twin.all_slot_names) :]
            slot_of_all = lambda name: scaling.keras_slot(call.optimizer, variables, 0, name, "")
            self.slots = [[*slots, *map(slot_of_all, of_all)] for slots in self.slots]
        # Not ``iterations``, which counts the updates where gradients are accumulated.
        self.iterations = self.optimizer._iterations.value
        rate = self.optimizer._learning_rate
        is_schedule = isinstance(rate, keras.optimizers.schedules.LearningRateSchedule)
        if callable(rate) and not (is_schedule or hasattr(rate, "assign")):
            raise BadInput("a function says its rate")
        self.rates = [rate.value] if hasattr(rate, "assign") else []
        slots = [slot for each in self.slots for slot in each if slot is not None]
        variables = [*map(_held, variables), *slots, self.iterations, *self.rates]
        self.moments = Moments(trace, call, variables, behind=True)
        self.last = not self.moments.back

    def defects(self, before):
        if self.dtype in HALVES:
            return ()
        last = int(before[id(self.iterations)])
        return defects.matching(_Alone(self.plain, self.dtype), "keras", "eager", last)

    def with_defects(self, plain, rows):
        return defects.modelled(_Alone(plain, self.dtype), rows).optimizer

    def _set_rate(self, before):
        """Give the twin the rate of now, which a step may have set."""
        from equivalence.engines.keras_twins import decimal

        for variable in self.rates:
            rate = before.get(id(variable))
            if rate is None:
                continue
            exact = float(rate)
            is_it = rate == rate.dtype.type(self.plain.learning_rate)
            if self.dtype == "float64":
                # Of float32 it is another number than was meant, beside weights of float64.
                is_it = exact == self.plain.learning_rate
                if rate.dtype == USUAL and exact != decimal(rate[()]):
                    self.row.meet(FLOAT32_RATE)
            if is_it:
                continue
            if not rate > 0:
                raise Unanswered(f"its rate is {rate}")
            self.plain = self.plain.with_learning_rate(exact)
            self.twin = self.enclosed = enclose(self.plain)

    def hold(self, values, before, after, model):
        self._set_rate(before)
        number = np.asarray(before[id(self.iterations)] + 1, model.dtype)
        step, twin = model.array(number), with_balls(self.twin, model)
        plainly = self.of_elements and self.dtype not in HALVES and self.twin is self.enclosed
        plainly = plainly and not self.is_scaled
        left = FEW
        gradients = [self._gradient(k, values) for k in range(len(self.shapes))]
        if self.all_meet and self.row.apart:
            self.row.apart = {}
            raise Unanswered(f"{SEVERAL}, and all gradients meet in a norm or a scale")
        # Whether a scaled step is taken hangs on all numbers, and what is left out is exact.
        if self.is_scaled and not all(np.isfinite(gradient).all() for gradient in gradients):
            every = [(k, slice(None)) for k in range(len(self.shapes))]
            self._hold_rows(every, gradients, before, after, model, self.plain, number)
            return
        for rows in self._rows():
            rows = [(k, cut) for k, cut in rows if gradients[k] is not None]
            if not rows:
                continue
            if plainly:
                ((k, cut),) = rows
                plainly = self._is_numpys(k, cut, gradients[k], before, after, number)
            if plainly:
                # What NumPy's own arithmetic gives is honest; how near it is, the first ones say.
                few = max(left // self.shapes[k][1], 1) if left else 0
                some = slice(cut.start, min(cut.start + few, cut.stop))
                self.row.numbers += self._numbers(k, some.stop, cut.stop)
                left = max(left - self._numbers(k, some.start, some.stop), 0)
                rows = [(k, some)] if few else []
            if rows:
                self._hold_rows(rows, gradients, before, after, model, twin, step)

    def _gradient(self, k, values):
        """Return a variable's gradient as a matrix; None where rows of it come several times.

        Of such rows Keras squares each part, where the square of their sum is meant
        (``keras-sparse-squares``), and adds each to the weights in turn.
        """
        gradient, variable = self.call.gradients[k], self.call.variables[k]
        if not hasattr(gradient, "indices"):
            return np.reshape(_cast(values[gradient.name], self.dtype), self.shapes[k])
        rows, at = (values[tensor.name] for tensor in _tensors_of(gradient))
        if len(np.unique(at)) < len(at):
            self.row.apart[_path(variable)] = SEVERAL
            return None
        whole = np.zeros(tuple(variable.shape), rows.dtype)
        whole[at] = rows
        return np.reshape(whole, self.shapes[k])

    def _numbers(self, k, start, stop):
        """Return how many numbers rows of a variable and of its slots have."""
        count = max(min(stop, self.shapes[k][0]) - start, 0) * self.shapes[k][1]
        return count * (1 + len(self._slots_of_elements(k)))

    def _slots_of_elements(self, k):
        return [slot for slot in self.slots[k] if prod(slot.shape) == prod(self.shapes[k])]

    def _is_numpys(self, k, cut, gradient, before, after, number):
        """Say whether rows of a variable and its slots are what NumPy gives, to the bit."""
        part = lambda array: np.reshape(array, self.shapes[k])[cut]
        held = self.call.variables[k]
        if len(self._slots_of_elements(k)) != len(self.slots[k]):
            return False
        given = part(before[id(_held(held))]), part(gradient)
        slots = tuple(part(before[id(slot)]) for slot in self.slots[k])
        (weight,), (moved,) = self.plain.apply((given[0],), (given[1],), (slots,), number)
        variables = (_held(held), *self.slots[k])
        return all(
            is_same(part(after[id(variable)]), answer)
            and answer.dtype == self.dtype
            and np.isfinite(size_of(answer))
            for variable, answer in zip(variables, (weight, *moved), strict=True)
        )

    def _rows(self):
        """Return which rows of which variables are held at once: all, where they meet in a norm."""
        shapes = self.shapes
        if not self.of_elements:
            return [[(k, slice(None)) for k in range(len(shapes))]]
        each = [
            (k, BLOCK // max(columns, 1) or 1, rows) for k, (rows, columns) in enumerate(shapes)
        ]
        return [
            [(k, slice(start, start + some))]
            for k, some, rows in each
            for start in range(0, rows, some)
        ]

    def _hold_rows(self, rows, gradients, before, after, model, twin, step):
        shapes = self.shapes
        made = np.asarray if twin is self.plain else model.array
        part = lambda array, k, cut: np.reshape(array, shapes[k])[cut]
        of = lambda variable: before[id(_held(variable))]
        variables = [made(part(of(self.call.variables[k]), k, cut)) for k, cut in rows]
        parts = [made(gradients[k][cut]) for k, cut in rows]
        slots = [
            tuple(made(_slot(model, before[id(s)], shapes[k], cut)) for s in self.slots[k])
            for k, cut in rows
        ]
        takes_step = twin
        if spared := getattr(twin, SPARED, ()):  # the places that these have among the rows
            places = tuple(place for place, (k, _) in enumerate(rows) if k in spared)
            takes_step = replace(twin, **{SPARED: places})
        weights, moved = takes_step.apply(tuple(variables), tuple(parts), tuple(slots), step)
        if twin is self.plain:
            weights = map(model.array, weights)
            moved = [tuple(map(model.array, each)) for each in moved]
        for (k, cut), weight, balls in zip(rows, weights, moved):
            new = after[id(_held(self.call.variables[k]))]
            self.row.hold("weights", part(new, k, cut), weight)
            for slot, ball in zip(self.slots[k], balls):
                new = after[id(slot)]
                if hasattr(ball, "rad") and np.size(new) == prod(shapes[k]):
                    self.row.hold("slots", part(new, k, cut), ball)
                elif hasattr(ball, "rad") and np.size(new) == prod(ball.shape):
                    self.row.hold("slots", new, ball)


def _tensors_of(gradient):
    """Return the tensors of a gradient: itself, or its rows and which they are."""
    return (gradient.values, gradient.indices) if hasattr(gradient, "indices") else (gradient,)


def _held(variable):
    """Return the tf.Variable of what an optimizer was given, which may be that itself."""
    value = getattr(variable, "value", variable)
    return variable if callable(value) else value


def _path(variable):
    """Return how a variable is called, Keras's or a tf.Variable."""
    return getattr(variable, "path", variable.name.partition(":")[0])


def _slot(model, array, shape, cut):
    """Return rows of a slot as a matrix; one number of all variables as one of each."""
    array = np.asarray(array)
    if array.size == 1:
        return np.full((1, 1), array, model.dtype)
    return np.reshape(array, shape)[cut]
