"""Keras's optimizers as forms: each option is a place at which other code does otherwise.

With every option at its default a form computes what its class in ``refimpl`` does.
"""

from dataclasses import dataclass, fields, make_dataclass
from functools import cache
from typing import Any, ClassVar

import numpy as np

from equivalence import trees
from equivalence.arithmetic.regrouping import moving_mean
from refimpl.optimizers.optimizer import Optimizer


@dataclass(frozen=True, kw_only=True)
class Form(Optimizer):
    """What can be otherwise around every optimizer.

    first_count: the number of the first step, where a formula counts steps.
    counts: whether the number grows; remembers: whether slots survive a step.
    factor: of every update; -1 goes uphill.
    decay: how ``weight_decay`` is applied, a key of DECAYS.
    late: by how many steps a schedule is behind.
    per: how many steps have one rate of a schedule; 0 for the first rate throughout.
    before: ``(variables, gradients) -> gradients``, what a step does to gradients before it hands
        them to its optimizer; None for nothing.
    source: the optimizer of ``refimpl`` whose form it is.
    """

    first_count: int = 1
    counts: bool = True
    remembers: bool = True
    factor: float = 1.0
    decay: str = "decoupled"
    late: int = 0
    per: int = 1
    before: Any = None
    source: Any = None

    def build(self, variable):
        """Return the slots before the first step: zeros, where a form says nothing else."""
        return tuple(np.zeros_like(variable) for _ in self.slot_names)

    def apply(self, variables, gradients, slots, step):
        if not self.remembers:
            slots = tuple(self.build_all(v) for v in variables)
        if self.before is not None:
            gradients = self.before(variables, gradients)
        after, slots = super().apply(variables, gradients, slots, step)
        if self.factor != 1:
            after = tuple(w + self.factor * (a - w) for w, a in zip(variables, after))
        return after, slots

    def counted(self, step):
        """Return the number that a formula takes for the step, which is counted from 1."""
        return step - 1 + self.first_count if self.counts else step * 0 + self.first_count

    def _update_all(self, variables, gradients, slots, step, learning_rate):
        if self.weight_decay and self.decay in COUPLED:
            factor = self.weight_decay * COUPLED[self.decay]
            gradients = [
                g if k in self.exclude_from_weight_decay else g + factor * w
                for k, (w, g) in enumerate(zip(variables, gradients))
            ]
        after, slots = super()._update_all(variables, gradients, slots, step, learning_rate)
        if self.weight_decay and self.decay == "at the new weight":
            after = [a - self.weight_decay * learning_rate * a for a in after]
        return after, slots

    def _decayed(self, variable, k, learning_rate):
        decay = self.weight_decay_of(variable)
        if decay is None or k in self.exclude_from_weight_decay or self.decay not in DECOUPLED:
            return variable
        share = decay * DECOUPLED[self.decay]
        rate = 1 if self.decay == "without the rate" else learning_rate
        return variable - share * rate * variable

    def _learning_rate(self, iterations):
        schedule = getattr(self.learning_rate, "rate", None)
        if schedule is None:
            return self.learning_rate
        taken = np.maximum(iterations - self.late, iterations * 0)
        taken = taken * 0 if self.per == 0 else np.floor_divide(taken, self.per)
        return schedule(taken)


# What a decay is multiplied with, by where it is.
DECOUPLED = {"decoupled": 1, "without the rate": 1, "wrong sign": -1, "doubled": 2, "halved": 0.5}
COUPLED = {"coupled": 1, "coupled and doubled": 2}


@dataclass(frozen=True, kw_only=True)
class DescentForm(Form):
    """SGD, with momentum, with Nesterov's.

    kind: "plain", "momentum", "nesterov", or "look-ahead": momentum with the gradient taken at
        w + m v, Nesterov's in the paper's variables.
    dampened: the gradient counts 1 - momentum, or does "behind the first" step.
    squared_rate: the rate counts twice.
    rate_outside: the velocity has no rate in it; the step is multiplied with it.
    """

    learning_rate: Any = 0.01
    momentum: float = 0.0
    kind: str = "plain"
    dampened: Any = False
    squared_rate: bool = False
    rate_outside: bool = False
    slot_names: ClassVar = ("momentum",)

    def points(self, variables, slots):
        if self.kind != "look-ahead":
            return variables
        own, _, _ = self._by_kind(slots)
        return tuple(w + v * self.momentum for w, (v,) in zip(variables, own))

    def update(self, variable, gradient, slots, step, learning_rate):
        (velocity,) = slots
        push = gradient if self.rate_outside else gradient * learning_rate
        if self.dampened:
            whole = step * 0 + (self.dampened == "behind the first") * (step == 1)
            push = push * (whole + (1 - whole) * (1 - self.momentum))
        if self.kind == "plain":
            return variable - push, (velocity,)
        velocity = velocity * self.momentum - push
        ahead = velocity * self.momentum - push if self.kind == "nesterov" else velocity
        outside = self.squared_rate or self.rate_outside
        return variable + (ahead * learning_rate if outside else ahead), (velocity,)


@dataclass(frozen=True, kw_only=True)
class AdamForm(Form):
    """Adam, AdamW, AMSGrad.

    epsilon_place: "hat", beside the uncorrected root; "corrected", beside the corrected one;
        "inside", "inside corrected": under these.
    corrects_m, corrects_v: whether the moment's start from 0 is corrected.
    averages_m, averages_v: whether a new gradient counts 1 - beta.
    one_beta: v is corrected by beta_1; stores_corrected: the corrected moments are kept.
    rooted: v stands under a root; amsgrad: "", "keras", or "corrected" for the largest of the
        corrected v.
    """

    learning_rate: Any = 0.001
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7
    epsilon_place: str = "hat"
    corrects_m: bool = True
    corrects_v: bool = True
    averages_m: bool = True
    averages_v: bool = True
    one_beta: bool = False
    stores_corrected: bool = False
    rooted: bool = True
    amsgrad: str = ""
    slot_names: ClassVar = ("momentum", "velocity", "velocity_hat")

    def update(self, variable, gradient, slots, step, learning_rate):
        m, v, largest = slots
        t = self.counted(step)
        none = (t == 0) * 1.0  # a count from 0 corrects the first step by nothing
        m = collected(m, gradient, self.beta_1, self.averages_m)
        v = collected(v, np.square(gradient), self.beta_2, self.averages_v)
        of_m = 1 - self.beta_1**t + none if self.corrects_m else 1
        kept = self.beta_1 if self.one_beta else self.beta_2
        of_v = 1 - kept**t + none if self.corrects_v else 1
        if self.amsgrad:
            largest = np.maximum(largest, v / of_v if self.amsgrad == "corrected" else v)
        root = self.divisor(largest if self.amsgrad else v, of_v)
        after = variable - learning_rate * (m / of_m) / root
        return after, (m / of_m, v / of_v, largest) if self.stores_corrected else (m, v, largest)

    def divisor(self, v, of_v):
        """Return what the corrected m is divided by."""
        corrected = v if self.amsgrad == "corrected" else v / of_v
        if not self.rooted:
            return corrected + self.epsilon
        if self.epsilon_place == "corrected":
            return np.sqrt(corrected) + self.epsilon
        if self.epsilon_place == "inside corrected":
            return np.sqrt(corrected + self.epsilon)
        inside = self.epsilon_place == "inside"
        hat = np.sqrt(v + self.epsilon) if inside else np.sqrt(v) + self.epsilon
        return hat / np.sqrt(of_v)


@dataclass(frozen=True, kw_only=True)
class RMSpropForm(Form):
    """RMSprop.  epsilon_place: "inside" the root or "beside" it; averages: h forgets."""

    learning_rate: Any = 0.001
    rho: float = 0.9
    momentum: float = 0.0
    epsilon: float = 1e-7
    centered: bool = False
    epsilon_place: str = "inside"
    averages: bool = True
    slot_names: ClassVar = ("velocity", "momentum", "average_gradient")

    def update(self, variable, gradient, slots, step, learning_rate):
        h, p, q = slots
        square = np.square(gradient)
        h = moving_mean(h, square, self.rho) if self.averages else self.rho * h + square
        q = moving_mean(q, gradient, self.rho)
        spread = h - np.square(q) if self.centered else h
        p = self.momentum * p + learning_rate * gradient / rooted(spread, self)
        return variable - p, (h, p, q)


@dataclass(frozen=True, kw_only=True)
class AdagradForm(Form):
    """Adagrad.  epsilon_place: "inside" the root or "beside" it; sums: h forgets nothing."""

    learning_rate: Any = 0.001
    initial_accumulator_value: float = 0.1
    epsilon: float = 1e-7
    epsilon_place: str = "inside"
    takes_root: bool = True
    sums: bool = True
    slot_names: ClassVar = ("accumulator",)

    def build(self, variable):
        return (np.zeros_like(variable) + self.initial_accumulator_value,)

    def update(self, variable, gradient, slots, step, learning_rate):
        (h,) = slots
        square = np.square(gradient)
        h = h + square if self.sums else square + self.initial_accumulator_value
        root = rooted(h, self) if self.takes_root else h + self.epsilon
        return variable - learning_rate * gradient / root, (h,)


@dataclass(frozen=True, kw_only=True)
class AdadeltaForm(Form):
    """Adadelta.  collects_step: s collects the step with the rate in it."""

    learning_rate: Any = 0.001
    rho: float = 0.95
    epsilon: float = 1e-7
    epsilon_place: str = "inside"
    collects_step: bool = False
    slot_names: ClassVar = ("accumulated_grad", "accumulated_delta_var")

    def update(self, variable, gradient, slots, step, learning_rate):
        h, s = slots
        h = moving_mean(h, np.square(gradient), self.rho)
        delta = -(rooted(s, self) * gradient / rooted(h, self))
        kept = learning_rate * delta if self.collects_step else delta
        s = moving_mean(s, np.square(kept), self.rho)
        return variable + learning_rate * delta, (h, s)


@dataclass(frozen=True, kw_only=True)
class AdamaxForm(Form):
    """Adamax.  epsilon_place: "beside" u, or "inside" the maximum, beside |g|."""

    learning_rate: Any = 0.001
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7
    epsilon_place: str = "beside"
    corrects_m: bool = True
    slot_names: ClassVar = ("momentum", "norm")

    def update(self, variable, gradient, slots, step, learning_rate):
        m, u = slots
        m = moving_mean(m, gradient, self.beta_1)
        inside = self.epsilon if self.epsilon_place == "inside" else 0
        u = np.maximum(self.beta_2 * u, np.abs(gradient) + inside)
        of_m = 1 - self.beta_1 ** self.counted(step) if self.corrects_m else 1
        divisor = u if self.epsilon_place == "inside" else u + self.epsilon
        return variable - learning_rate * (m / of_m) / divisor, (m, u)


@dataclass(frozen=True, kw_only=True)
class NadamForm(Form):
    """Nadam.  decay_steps: mu's decay of 0.96 takes so many steps; warms: mu changes at all."""

    learning_rate: Any = 0.001
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7
    decay_steps: float = 1.0
    warms: bool = True
    slot_names: ClassVar = ("momentum", "velocity", "u_product")

    def build(self, variable):
        ones = np.zeros_like(variable[..., :1, :1]) + 1.0
        return np.zeros_like(variable), np.zeros_like(variable), ones

    def mu(self, t):
        decay = 1 - 0.5 * 0.96 ** (t / self.decay_steps) if self.warms else t * 0 + 1.0
        return self.beta_1 * decay

    def update(self, variable, gradient, slots, step, learning_rate):
        m, v, product = slots
        t = self.counted(step)
        product = product * self.mu(t)
        m = moving_mean(m, gradient, self.beta_1)
        v = moving_mean(v, np.square(gradient), self.beta_2)
        ahead = self.mu(t + 1) * m / (1 - product * self.mu(t + 1))
        m_hat = ahead + (1 - self.mu(t)) * gradient / (1 - product)
        root = np.sqrt(v / (1 - self.beta_2**t)) + self.epsilon
        return variable - learning_rate * m_hat / root, (m, v, product)


@dataclass(frozen=True, kw_only=True)
class LionForm(Form):
    """Lion.  after: the sign is that of the momentum behind the step."""

    learning_rate: Any = 0.001
    beta_1: float = 0.9
    beta_2: float = 0.99
    after: bool = False
    slot_names: ClassVar = ("momentum",)

    def update(self, variable, gradient, slots, step, learning_rate):
        (m,) = slots
        new = moving_mean(m, gradient, self.beta_2)
        mixed = new if self.after else moving_mean(m, gradient, self.beta_1)
        return variable - learning_rate * np.sign(mixed), (new,)


def collected(old, new, keep, averages):
    """Return the moving mean, or keep old + new."""
    return moving_mean(old, new, keep) if averages else keep * old + new


def rooted(x, form):
    """Return the root of x with the form's epsilon, under it or beside it."""
    if form.epsilon_place == "beside":
        return np.sqrt(x) + form.epsilon
    return np.sqrt(x + form.epsilon)


def form_of(optimizer):
    """Return the form of an optimizer of ``refimpl``: the same numbers, and its options."""
    m = trees.reference()
    given = {f.name: getattr(optimizer, f.name) for f in fields(optimizer)}
    kinds = {
        m.SGD: (DescentForm, {"kind": "plain"}),
        m.Momentum: (DescentForm, {"kind": "momentum"}),
        m.Nesterov: (DescentForm, {"kind": "nesterov"}),
        m.Adam: (AdamForm, {}),
        m.AdamW: (AdamForm, {}),
        m.AMSGrad: (AdamForm, {"amsgrad": "keras"}),
        m.RMSprop: (RMSpropForm, {}),
        m.RMSpropMomentum: (RMSpropForm, {}),
        m.RMSpropCentered: (RMSpropForm, {"centered": True}),
        m.RMSpropCenteredMomentum: (RMSpropForm, {"centered": True}),
        m.Adagrad: (AdagradForm, {}),
        m.Adadelta: (AdadeltaForm, {}),
        m.Adamax: (AdamaxForm, {}),
        m.Nadam: (NadamForm, {}),
        m.Lion: (LionForm, {}),
    }
    form, options = kinds.get(type(optimizer), (None, {}))
    made = form or _other(type(optimizer))
    return made(**given, **options, source=optimizer)


@cache
def _other(kind):
    """Return the form of an optimizer that has no places of its own."""
    return make_dataclass(f"{kind.__name__}Form", [], bases=(Form, kind), frozen=True)
