"""The table of known upstream defects."""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from importlib.metadata import version

import numpy as np

from equivalence.defects import models


@dataclass(frozen=True)
class Defect:
    """One departure of Keras or TensorFlow from its own documentation.

    name: short, for the report.
    what: one sentence.
    where: the line of the upstream source.
    seen: the versions it was seen in.
    link: the upstream issue.
    optimizer: the class of ``refimpl`` that it concerns, with those that inherit from it.
    shows: whether it can be seen with these hyperparameters.
    twin, dtype: the runs that it concerns; None is every dtype.
    model: the class of ``models`` that builds it into the reference.
    repro: a program that shows it, on its own.
    parts: the networks or layers of ``refimpl`` that it concerns, by name; () is every one.
    before: the version of Keras that no longer has it; "" where none is known.
    wrong: whether a row of float64 has another defect, of the formula, in its model.
    """

    name: str
    what: str
    where: str
    seen: str
    link: str
    optimizer: str
    shows: Callable
    twin: str
    dtype: str | None
    model: type
    repro: str
    parts: tuple = ()
    before: str = ""
    wrong: bool = False

    @property
    def narrow(self):
        """Whether the formula is right, and float64 has numbers of float32 in it."""
        return self.dtype == "float64" and not self.wrong

    @property
    def concerns_this_keras(self):
        return not self.before or numbers_of(release_of("keras")) < numbers_of(self.before)


@cache
def release_of(package):
    """Return the installed version, which is read from a file once."""
    return version(package)


def numbers_of(release):
    """Return a version as numbers that compare: "3.10.0" is (3, 10, 0)."""
    return tuple(int(part) for part in release.split(".")[:3] if part.isdigit())


CAST = "https://github.com/tensorflow/tensorflow/issues/35938"


def _not_a_float32(*names):
    """Return a test whether any of these hyperparameters is no float32."""

    def shows(optimizer):
        values = [getattr(optimizer, name) for name in names]
        return any(v is not None and float(np.float32(v)) != v for v in values)

    return shows


# The optimizers that square a gradient or take its absolute value.
SQUARES = {
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "AMSGrad",
    "Ftrl",
    "Lamb",
    "Nadam",
    "RMSprop",
    "RMSpropCentered",
    "RMSpropCenteredMomentum",
    "RMSpropMomentum",
    "ScheduleFreeAdamW",
}

SEEN = "Keras 3.15.1 with TensorFlow 2.21.0"


def _float64(optimizer, keras_class, what, where, names, model, body, name=None, wrong=False):
    """Return the row of one float64 defect; ``body`` is the end of its repro."""
    imports = "import keras\nimport tensorflow as tf\n"
    return Defect(
        name=f"keras-float64-{name or keras_class.lower()}",
        what=what,
        where=where,
        seen=SEEN,
        link=CAST,
        optimizer=optimizer,
        shows=_not_a_float32(*names) if names else lambda optimizer: True,
        twin="keras",
        dtype="float64",
        model=model,
        repro=f'\n{imports}keras.config.set_floatx("float64")\n{body.strip()}\n',
        wrong=wrong,
    )


def _steps(make, gradients, truth, start=0.0):
    """Return the end of a repro: some steps of a scalar weight, and what they should give."""
    return f"""
w = keras.Variable([{start}], dtype="float64")
optimizer = keras.optimizers.{make}
for g in {gradients}:
    optimizer.apply([tf.constant([g], "float64")], [w])
print(float(w[0]), "is not", {truth})
"""


ROWS = (
    Defect(
        name="keras-float64-adagrad-start",
        what="float64 Adagrad starts its accumulator at a float32 0.1: 0.10000000149011612",
        where="keras/src/optimizers/adagrad.py, build: initializers.Constant(0.1), which "
        "ops.full casts through float32",
        seen=SEEN,
        link=CAST,
        optimizer="Adagrad",
        shows=_not_a_float32("initial_accumulator_value"),
        twin="keras",
        dtype="float64",
        model=models.CastStart,
        repro="""
import keras
keras.config.set_floatx("float64")
w = keras.Variable([0.0], dtype="float64")
adagrad = keras.optimizers.Adagrad(initial_accumulator_value=0.1)
adagrad.build([w])
print(float(adagrad.variables[-1][0]), "is not", 0.1)
""",
    ),
    Defect(
        name="keras-float64-adam-betas",
        what="float64 Adam corrects its bias with powers of float32 betas: the first step "
        "is off by 7e-7 of itself",
        where="keras/src/optimizers/adam.py, update_step: ops.cast(self.beta_1, variable.dtype)",
        seen=SEEN,
        link=CAST,
        optimizer="Adam",
        shows=_not_a_float32("beta_1", "beta_2"),
        twin="keras",
        dtype="float64",
        model=models.CastBetaPowers,
        repro="""
import keras
keras.config.set_floatx("float64")
w = keras.Variable([0.0], dtype="float64")
keras.optimizers.Adam(0.5).apply([keras.ops.convert_to_tensor([1.0], "float64")], [w])
print(float(w[0]), "is not", -0.5 / (1 + 1e-7 / (1 - 0.999) ** 0.5))
""",
    ),
    Defect(
        name="keras-float64-sgd-momentum",
        what="float64 SGD multiplies its velocity with a float32 momentum: 0.7 is "
        "0.699999988079071 from the second step on",
        where="keras/src/optimizers/sgd.py, update_step: ops.cast(self.momentum, variable.dtype)",
        seen=SEEN,
        link=CAST,
        optimizer="Momentum",
        shows=_not_a_float32("momentum"),
        twin="keras",
        dtype="float64",
        model=models.CastMomentum,
        repro="""
import keras
keras.config.set_floatx("float64")
w = keras.Variable([0.0], dtype="float64")
sgd = keras.optimizers.SGD(1.0, momentum=0.7)
for gradient in (1.0, 0.0):
    sgd.apply([keras.ops.convert_to_tensor([gradient], "float64")], [w])
print(float(w[0]), "is not", -1.7)
""",
    ),
    _float64(
        "Nesterov",
        "SGD",
        "float64 SGD(nesterov=True) uses a float32 momentum from the first step on",
        "keras/src/optimizers/sgd.py, update_step: ops.cast(self.momentum, variable.dtype)",
        ("momentum",),
        models.CastMomentum,
        _steps("SGD(1.0, momentum=0.7, nesterov=True)", (1.0,), -1.7),
        name="sgd-nesterov",
    ),
    _float64(
        "AMSGrad",
        "Adam",
        "float64 Adam(amsgrad=True) corrects its bias with powers of float32 betas",
        "keras/src/optimizers/adam.py, update_step: "
        "ops.power(ops.cast(self.beta_1, variable.dtype), local_step), and beta_2",
        ("beta_1", "beta_2"),
        models.CastBetaPowers,
        _steps("Adam(1.0, epsilon=0.0, amsgrad=True)", (1.0,), -1.0),
        name="adam-amsgrad",
    ),
    _float64(
        "Optimizer",
        "AdamW",
        "float64 weights decay with a float32 weight_decay, with every optimizer",
        "keras/src/backend/tensorflow/optimizer.py, _apply_weight_decay: "
        "tf.cast(self.weight_decay, variable.dtype)",
        ("weight_decay",),
        models.CastWeightDecay,
        _steps("SGD(1.0, weight_decay=0.3)", (0.0,), 0.7, start=1.0),
        name="weight-decay",
    ),
    _float64(
        "Adamax",
        "Adamax",
        "float64 Adamax corrects its bias with powers of a float32 beta_1",
        "keras/src/optimizers/adamax.py, update_step: ops.cast(self.beta_1, variable.dtype)",
        ("beta_1",),
        models.CastBeta1Powers,
        _steps("Adamax(1.0, epsilon=0.0)", (1.0,), -1.0),
    ),
    _float64(
        "Nadam",
        "Nadam",
        "float64 Nadam uses float32 betas and a float32 0.96 in its step, but the exact ones "
        "in the product of the schedule: the two do not even agree with each other",
        "keras/src/optimizers/nadam.py, update_step: ops.cast(0.96, var_dtype), "
        "ops.cast(self.beta_1, var_dtype), ops.cast(self.beta_2, var_dtype)",
        (),
        models.CastNadam,
        """
w = keras.Variable([0.0], dtype="float64")
optimizer = keras.optimizers.Nadam(1.0, beta_1=0.7)
optimizer.apply([tf.constant([1.0], "float64")], [w])
momentum = next(v for v in optimizer.variables if v.path.endswith("_momentum"))
print(float(momentum[0]), "is not", 1 - 0.7)
""",
    ),
    _float64(
        "Lion",
        "Lion",
        "float64 Lion uses float32 betas: the momentum is off from the first step on",
        "keras/src/optimizers/lion.py, update_step: ops.cast(self.beta_1, variable.dtype), "
        "ops.cast(self.beta_2, variable.dtype)",
        ("beta_1", "beta_2"),
        models.CastBetas,
        """
w = keras.Variable([0.0], dtype="float64")
optimizer = keras.optimizers.Lion(1.0, beta_2=0.7)
optimizer.apply([tf.constant([1.0], "float64")], [w])
momentum = next(v for v in optimizer.variables if v.path.endswith("_momentum"))
print(float(momentum[0]), "is not", 1 - 0.7)
""",
    ),
    _float64(
        "Lamb",
        "Lamb",
        "float64 Lamb corrects its bias with powers of float32 betas",
        "keras/src/optimizers/lamb.py, update_step: ops.cast(self.beta_1, variable.dtype), "
        "ops.cast(self.beta_2, variable.dtype)",
        ("beta_1", "beta_2"),
        models.CastBetaPowers,
        _steps("Lamb(1.0, epsilon=0.0)", (1.0,), -1.0),
    ),
    _float64(
        "Muon",
        "Muon",
        "what float64 Muon updates by Adam decays with a float32 adam_weight_decay, and has its "
        "bias corrected with powers of float32 betas; the Newton-Schulz iteration is free of it",
        "keras/src/optimizers/muon.py, _apply_weight_decay: ops.cast(weight_decay_value, "
        "variable.dtype); _adamw_update_step: ops.cast(self.adam_beta_1, variable.dtype), and "
        "adam_beta_2",
        ("adam_weight_decay", "adam_beta_1", "adam_beta_2"),
        models.CastMuon,
        _steps("Muon(1.0, adam_weight_decay=0.3)", (0.0,), 0.7, start=1.0),
    ),
    _float64(
        "Adafactor",
        "Adafactor",
        "float64 Adafactor uses a float32 epsilon_2, which is the whole step of weights near 0",
        "keras/src/optimizers/adafactor.py, update_step: ops.cast(self.epsilon_2, variable.dtype)",
        ("epsilon_2",),
        models.CastEpsilon2,
        _steps("Adafactor(1.0, epsilon_2=0.3)", (1.0,), -0.3),
    ),
    _float64(
        "Ftrl",
        "Ftrl",
        "float64 Ftrl starts its accumulator from a float32 value",
        "keras/src/initializers/constant_initializers.py, Constant.__call__: "
        "ops.cast(self.value, dtype=dtype), called by keras/src/optimizers/ftrl.py, build",
        ("initial_accumulator_value",),
        models.CastStart,
        """
w = keras.Variable([0.0], dtype="float64")
optimizer = keras.optimizers.Ftrl(initial_accumulator_value=0.7)
optimizer.build([w])
accumulator = next(v for v in optimizer.variables if v.path.endswith("_accumulator"))
print(float(accumulator[0]), "is not", 0.7)
""",
    ),
    _float64(
        "ScheduleFreeAdamW",
        "ScheduleFreeAdamW",
        "float64 ScheduleFreeAdamW uses float32 betas and a float32 epsilon, on top of the "
        "wrong z of keras-schedulefree-old-z",
        "keras/src/optimizers/schedule_free_adamw.py, update_step: ops.cast(self.beta_1, "
        "variable.dtype), and beta_2, epsilon",
        (),
        models.CastAliasedScheduleFreeAdamW,
        """
w = keras.Variable([0.0], dtype="float64")
optimizer = keras.optimizers.ScheduleFreeAdamW(1.0, beta_2=0.7)
optimizer.apply([tf.constant([1.0], "float64")], [w])
velocity = next(v for v in optimizer.variables if v.path.endswith("_velocity"))
print(float(velocity[0]), "is not", 1 - 0.7)
""",
        wrong=True,
    ),
    Defect(
        name="keras-schedulefree-old-z",
        what="ScheduleFreeAdamW on TensorFlow recovers x from the new z instead of the old: "
        "`momentum_old = momentum.value` is the variable, not a copy, and is read after the "
        "update; every step from the second on is wrong, in every dtype",
        where="keras/src/optimizers/schedule_free_adamw.py, update_step: "
        "momentum_old = momentum.value",
        seen=SEEN,
        link="https://github.com/keras-team/keras/pull/22113",  # where it came in
        optimizer="ScheduleFreeAdamW",
        shows=lambda optimizer: optimizer.beta_1 < 1,
        twin="keras",
        dtype="float32",
        model=models.AliasedScheduleFreeAdamW,
        repro="""
import keras
import tensorflow as tf
w = keras.Variable([1.0])
optimizer = keras.optimizers.ScheduleFreeAdamW(0.1, beta_1=0.5)
for g in (1.0, 1.0):
    optimizer.apply([tf.constant([g])], [w])
# z: 1, 0.9, 0.8; x: 1, 0.9, (0.9 + 0.8) / 2 = 0.85; y = (z + x) / 2
print(float(w[0]), "is not", (0.8 + 0.85) / 2)
""",
    ),
    Defect(
        name="keras-clip-before-accumulating",
        what="with gradient accumulation every step, not every update, clips its own gradients, "
        "decays the weights and counts as a step of the bias correction",
        where="keras/src/optimizers/base_optimizer.py, apply: _clip_gradients and "
        "_apply_weight_decay come before _backend_apply_gradients",
        seen="Keras 3.0.5 with TensorFlow 2.18.1",
        link="",
        optimizer="Optimizer",
        shows=models.clips_decays_or_counts_while_accumulating,
        twin="keras",
        dtype=None,
        model=models.ClipBeforeAccumulating,
        before="3.5",
        repro="""
import keras
import tensorflow as tf
w = keras.Variable([1.0])
optimizer = keras.optimizers.SGD(0.5, weight_decay=0.5, gradient_accumulation_steps=2)
for _ in range(2):
    optimizer.apply([tf.constant([0.0])], [w])
print(float(w[0]), "is not", 1 - 0.5 * 0.5)
""",
    ),
    Defect(
        name="keras-sparse-squares",
        what="the square of a tf.IndexedSlices gradient with repeated indices is the sum of "
        "the squares, not the square of the sum: a row of an embedding that occurs twice in a "
        "batch gets another second moment than the dense gradient gives it",
        where="keras/src/backend/tensorflow/sparse.py, elementwise_unary: the function is "
        "applied to x.values; no optimizer sums repeated indices first, as those of Keras 2 did",
        seen=SEEN,
        link="",
        optimizer="Optimizer",
        shows=lambda optimizer: type(optimizer).__name__ in SQUARES,
        twin="keras",
        dtype=None,
        model=models.SumOfSquares,
        parts=("LookUp", "Embedding"),
        repro="""
import keras
import tensorflow as tf
g = tf.IndexedSlices(tf.constant([[1.0], [1.0]]), tf.constant([0, 0]), tf.constant([1, 1]))
w = keras.Variable([[0.0]])
optimizer = keras.optimizers.Adagrad(1.0, initial_accumulator_value=0.0)
optimizer.apply([g], [w])
accumulator = next(v for v in optimizer.variables if v.path.endswith("_accumulator"))
print(float(accumulator[0, 0]), "is not", (1.0 + 1.0) ** 2)
""",
    ),
)


def names_within(part):
    """Return the names of the classes of a network and of all that it is made of."""
    if isinstance(part, tuple):
        return set().union(*map(names_within, part))
    inside = [getattr(part, field.name) for field in fields(part)] if is_dataclass(part) else []
    return {type(part).__name__}.union(*map(names_within, inside))


def matching_rows(program, twin):
    """Return the rows that a run of this program of the reference meets."""
    optimizer = getattr(program.optimizer, "inner_optimizer", program.optimizer)
    optimizer = getattr(optimizer, "optimizers", (optimizer,))[0]  # players' are of one kind
    names = {kind.__name__ for kind in type(optimizer).__mro__}
    parts = names_within(program.network)
    return tuple(
        row
        for row in ROWS
        if row.twin == twin
        and row.dtype in (program.dtype, None)
        and row.optimizer in names
        and (not row.parts or parts & {*row.parts})
        and row.concerns_this_keras
        and row.shows(optimizer)
    )
