"""Models of upstream defects: what each changes in the reference.

A model is a class that stands before the class of the optimizer, or of the network, in
a new class's line of inheritance (``with_models``), so that several can be built in.
"""

from dataclasses import fields, is_dataclass, replace

import numpy as np

from equivalence.arithmetic.exact import ExactArray
from equivalence.arithmetic.rounding import RoundingArray
from refimpl.optimizers.optimizer import chosen, joined


def through_float32(value):
    """Return a hyperparameter as ``tf.cast(value, "float64")`` gives it.

    ``tf.cast`` makes a float32 tensor of a Python float first: 0.9 becomes
    0.8999999761581421.
    """
    if value is None:
        return None
    if isinstance(value, RoundingArray):
        return value.model.decimal(value.mid.astype(np.float32).astype(np.float64))
    if isinstance(value, ExactArray):
        return ExactArray(value.to_float().astype(np.float32).astype(np.float64))
    return float(np.float32(value))


class CastPowers:
    """A hyperparameter whose powers start from its float32; all else is exact."""

    __array_ufunc__ = None  # NumPy's arrays leave the operators to this class

    def __init__(self, value):
        self.value = value

    def __pow__(self, exponent):
        return through_float32(self.value) ** exponent

    def __rsub__(self, other):
        return other - self.value

    def __mul__(self, other):
        return self.value * other

    __rmul__ = __mul__

    def __add__(self, other):
        return self.value + other

    __radd__ = __add__


def cast(optimizer, *names):
    """Return the optimizer with these hyperparameters cast through float32."""
    return replace(optimizer, **{n: through_float32(getattr(optimizer, n)) for n in names})


def cast_powers(optimizer, *names):
    """Return the optimizer with the powers of these taken from their float32."""
    return replace(optimizer, **{n: CastPowers(getattr(optimizer, n)) for n in names})


class CastBetaPowers:
    """The powers of beta_1 and beta_2 start from float32 betas."""

    def update(self, *args):
        return super(CastBetaPowers, cast_powers(self, "beta_1", "beta_2")).update(*args)


class CastBeta1Powers:
    """The powers of beta_1 start from its float32."""

    def update(self, *args):
        return super(CastBeta1Powers, cast_powers(self, "beta_1")).update(*args)


class CastBetas:
    """Float32 betas."""

    def update(self, *args):
        return super(CastBetas, cast(self, "beta_1", "beta_2")).update(*args)


class CastMomentum:
    """A float32 momentum."""

    def update(self, *args):
        return super(CastMomentum, cast(self, "momentum")).update(*args)


class CastEpsilon2:
    """A float32 epsilon_2."""

    def update(self, *args):
        return super(CastEpsilon2, cast(self, "epsilon_2")).update(*args)


class CastStart:
    """An accumulator that starts from a float32 value."""

    def build(self, variable):
        return super(CastStart, cast(self, "initial_accumulator_value")).build(variable)


class CastWeightDecay:
    """A float32 weight decay."""

    def weight_decay_of(self, variable):
        return through_float32(super().weight_decay_of(variable))


class CastMuon:
    """Float32 weight decays, and powers of float32 betas in what Adam updates."""

    def weight_decay_of(self, variable):
        return through_float32(super().weight_decay_of(variable))

    def update(self, *args):
        casted = cast_powers(self, "adam_beta_1", "adam_beta_2")
        return super(CastMuon, casted).update(*args)


class CastNadam:
    """Nadam with float32 betas and 0.96 everywhere but in the product of all mu."""

    def update(self, variable, gradient, slots, step, learning_rate):
        m, v, product = slots
        beta_1, beta_2, decay = map(through_float32, (self.beta_1, self.beta_2, 0.96))
        product = product * self.beta_1 * (1 - 0.5 * 0.96**step)
        mu = beta_1 * (1 - 0.5 * decay**step)
        mu_next = beta_1 * (1 - 0.5 * decay ** (step + 1))
        m = m + (gradient - m) * (1 - beta_1)
        v = v + (np.square(gradient) - v) * (1 - beta_2)
        m_part = mu_next * m / (1 - product * mu_next)
        m_hat = m_part + (1 - mu) * gradient / (1 - product)
        root = np.sqrt(v / (1 - beta_2**step)) + self.epsilon
        variable = variable - m_hat * learning_rate / root
        return variable, (m, v, product)


class AliasedScheduleFreeAdamW:
    """Schedule-free AdamW that recovers x with the new z in place of the old."""

    def update(self, variable, gradient, slots, step, learning_rate):
        z, v = slots
        beta_1 = np.zeros_like(step) + self.beta_1
        beta_2 = np.zeros_like(step) + self.beta_2
        rate = np.zeros_like(step) + learning_rate
        if self.warmup_steps > 0:
            rate = rate * np.minimum(step / self.warmup_steps, 1.0)
        v = v + (np.square(gradient) - v) * (1 - beta_2)
        root = np.sqrt(v / (1 - beta_2**step)) + self.epsilon
        z = z - rate * gradient / root
        weight = 1 / step
        x = (variable - (1 - beta_1) * z) / beta_1  # the defect: z is new already
        x = (1 - weight) * x + weight * z
        variable = (1 - beta_1) * z + beta_1 * x
        return variable, (z, v)


class CastAliasedScheduleFreeAdamW(AliasedScheduleFreeAdamW):
    """The same in float64, where betas and epsilon are cast through float32 too."""

    def update(self, *args):
        casted = cast(self, "beta_1", "beta_2", "epsilon")
        return super(CastAliasedScheduleFreeAdamW, casted).update(*args)


# Optimizers whose update depends on how many there were.
COUNTING = ("Adam", "AMSGrad", "AdamW", "Adamax", "Nadam", "Lamb", "ScheduleFreeAdamW", "Adafactor")


def clips_decays_or_counts_while_accumulating(optimizer):
    """Say whether an optimizer that accumulates does anything else at every step."""
    clips = (optimizer.clipnorm, optimizer.clipvalue, optimizer.global_clipnorm)
    otherwise = any(clips) or optimizer.weight_decay or optimizer.use_ema
    counts = type(optimizer).__name__ in COUNTING or not isinstance(optimizer.learning_rate, float)
    return bool(optimizer.gradient_accumulation_steps and (otherwise or counts))


class ClipBeforeAccumulating:
    """Every step clips its own gradients, decays the weights and counts as an update."""

    def apply(self, variables, gradients, slots, step):
        own, accumulators, averages = self._by_kind(slots)
        learning_rate = self._learning_rate(step - 1)
        gradients = self._clipped(self._unscaled(gradients))
        variables = [self._decayed(w, k, learning_rate) for k, w in enumerate(variables)]
        ready = step % self.gradient_accumulation_steps < 1
        gradients, accumulators = self._accumulated(gradients, accumulators, ready)
        plain = replace(self, weight_decay=None, clipnorm=None, clipvalue=None)
        plain = replace(plain, global_clipnorm=None)
        updated = plain._update_all(variables, gradients, own, step, learning_rate)
        variables, own = chosen(ready, updated, (variables, own))
        if self.use_ema:
            averages = self._average_all(variables, averages, step - 1)
        if self.use_ema and self.ema_overwrite_frequency:
            variables = self._overwritten(variables, averages, step - 1)
        return tuple(variables), joined(own, accumulators, averages)


class SumOfSquares:
    """A table's gradient whose square is the sum of the squares of its parts.

    So it is where a tf.IndexedSlices with repeated indices is squared before it is
    summed; and likewise the magnitudes.
    """

    tables = ("LookUp", "Embedding")

    def _gradient(self, one_hot, given):
        dense = super()._gradient(one_hot, given)
        squares = super()._gradient(one_hot, np.square(given))
        magnitudes = super()._gradient(one_hot, np.abs(given))
        return _in_parts(dense, squares, magnitudes)


class _Parts:
    """An array of balls that answers a square and an absolute value by its parts."""

    def square(self):
        return self.squares

    def absolute(self):
        return self.magnitudes

    def negative(self):
        return _in_parts(-_whole(self), self.squares, self.magnitudes)

    def multiply(a, b):
        parts, dense = (a, b) if isinstance(a, _Parts) else (b, a)
        return _scaled(np.multiply, parts, dense)

    def divide(a, b):
        if not isinstance(a, _Parts):
            return np.divide(a, _whole(b))
        return _scaled(np.divide, a, b)


class _FloatParts(np.ndarray):
    """The same for floats."""

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        if ufunc in (np.square, np.absolute):
            return self.squares if ufunc is np.square else self.magnitudes
        if ufunc is np.negative:
            return _in_parts(-_whole(self), self.squares, self.magnitudes)
        if ufunc is np.multiply:
            return _scaled(ufunc, self, inputs[1] if inputs[0] is self else inputs[0])
        if ufunc is np.divide and inputs[0] is self:
            return _scaled(ufunc, *inputs)
        return getattr(ufunc, method)(*(_whole(x) for x in inputs), **kwargs)


def _whole(array):
    """Return an array in parts as an ordinary one."""
    if isinstance(array, _FloatParts):
        return np.asarray(array)
    if not isinstance(array, _Parts):
        return array
    whole = object.__new__(type(array).__mro__[2])
    whole.__dict__.update(array.__dict__)
    return whole


def _scaled(ufunc, parts, dense):
    """Return a product or quotient of parts and a dense array, in parts again."""
    squares = ufunc(parts.squares, np.square(dense))
    return _in_parts(ufunc(_whole(parts), dense), squares, ufunc(parts.magnitudes, np.abs(dense)))


def _in_parts(dense, squares, magnitudes):
    if isinstance(dense, np.ndarray):
        array = dense.view(_FloatParts)
    else:
        kind = type(type(dense).__name__, (_Parts, type(dense)), {})
        array = object.__new__(kind)
        array.__dict__.update(dense.__dict__)
    array.squares, array.magnitudes = squares, magnitudes
    return array


def with_models(program, models):
    """Return the program with ``models``, classes of this module, built in.

    A model with ``tables`` is one of these parts of the network, others are the optimizer's.
    """
    of_tables = [model for model in models if hasattr(model, "tables")]
    of_optimizer = [model for model in models if model not in of_tables]
    return replace(
        program,
        network=_within(program.network, of_tables),
        optimizer=_with(program.optimizer, of_optimizer),
    )


def _within(part, models):
    """Return a network with ``models`` before the classes of its tables."""
    if isinstance(part, tuple):
        return tuple(_within(each, models) for each in part)
    if not models or not is_dataclass(part):
        return part
    own = [model for model in models if type(part).__name__ in model.tables]
    if own:
        return _with(part, own)
    return replace(part, **{f.name: _within(getattr(part, f.name), models) for f in fields(part)})


def _with(part, models):
    """Return an optimizer or a network with ``models`` before its class."""
    if not models:
        return part
    if hasattr(part, "inner_optimizer"):
        return replace(part, inner_optimizer=_with(part.inner_optimizer, models))
    if hasattr(part, "optimizers"):
        return replace(part, optimizers=tuple(_with(each, models) for each in part.optimizers))
    kind = type(type(part).__name__, (*models, type(part)), {})
    return kind(**{field.name: getattr(part, field.name) for field in fields(part)})
