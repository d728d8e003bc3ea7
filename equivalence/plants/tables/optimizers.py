"""The table of planted optimizer defects: what is changed, and where it must be found.

Each row changes one piece of source: of an optimizer of Keras, of a base class of all
of them, or of a file that both our trees have with the same line.  ``killrate`` runs
the changed side for two steps and asks the judge.  To add a row, put it under its file:

    (run, words, before, after, place)  or  (run, words, before, after, place, step, dtype)

run: a key of ``RUNS``: the optimizer and its hyperparameters.  Every hyperparameter is
    off its default and large enough to matter within two steps.
words: what is wrong.
before, after: a piece of the file, which must occur there exactly once, and what
    replaces it.
place: the stage and the tensor at which the judge must find it: "slots w1/momentum"
    where a slot goes wrong first, "weights w1" where the slots are right and the weight
    is not, "start w1/accumulator" where a slot starts wrongly.  Say it before you run
    it: another place means that you, or the judge, has misunderstood the defect.
step: 0, the default, or 1: in which of the two.
dtype: "float32", unless the defect is one of precision.

A change that no arithmetic can show goes into ``NO_OPS``: its place is ``SAME_BITS``, or
``LAST_BITS`` where it changes only the rounding or the sign of a zero, and the reason
follows.

Where several slots go wrong in one step, the judge names the first in the order of the
optimizer's ``slot_names``.
"""

from dataclasses import replace
from math import prod

import numpy as np

from equivalence import trees
from equivalence.pairs.plant import LAST_BITS, SAME_BITS, Plant
from equivalence.steps.pair import Pair

# The version of Keras whose lines these rows change.
KERAS_VERSION = "3.15.1"

STEPS = 2

# Two kernels of one shape and two biases of one shape, so that one slot can be taken for
# another's; one wide and one tall kernel, which some optimizers treat differently.
SHAPES = ((3, 4), (3, 4), (4, 2), (4,), (4,))
SCALES = (0.1, 0.1, 0.1, 0.01, 0.1)  # of the weights: w4 is smaller than Adafactor's epsilon_2

RUNS = {
    "SGD": lambda m: m.SGD(0.03),
    "SGD with momentum": lambda m: m.Momentum(0.03, 0.7),
    "SGD with nesterov": lambda m: m.Nesterov(0.03, 0.7),
    "Adagrad": lambda m: m.Adagrad(0.03, 0.02, 1e-4),
    "RMSprop": lambda m: m.RMSprop(0.03, 0.7, 1e-4),
    "RMSprop centered": lambda m: m.RMSpropCentered(0.03, 0.7, 1e-4),
    "RMSprop with momentum": lambda m: m.RMSpropMomentum(0.03, 0.7, 0.6, 1e-4),
    "RMSprop centered with momentum": lambda m: m.RMSpropCenteredMomentum(0.03, 0.7, 0.6, 1e-4),
    "Adadelta": lambda m: m.Adadelta(0.3, 0.7, 1e-4),
    "Adam": lambda m: m.Adam(0.03, 0.7, 0.8, 1e-4),
    "AMSGrad": lambda m: m.AMSGrad(0.03, 0.7, 0.8, 1e-4),
    "AdamW": lambda m: m.AdamW(
        0.03, 0.7, 0.8, 1e-4, weight_decay=0.3, exclude_from_weight_decay=(1,)
    ),
    "Adamax": lambda m: m.Adamax(0.03, 0.7, 0.8, 1e-4),
    "Nadam": lambda m: m.Nadam(0.03, 0.7, 0.8, 1e-4),
    "Ftrl": lambda m: m.Ftrl(0.03, -0.4, 0.2, 0.003, 0.02, 0.01, 0.3),
    "Lion": lambda m: m.Lion(0.03, 0.7, 0.4),
    "Lamb": lambda m: m.Lamb(0.03, 0.7, 0.8, 1e-4),
    "Adafactor": lambda m: m.Adafactor(0.03, -0.7, 1e-6, 0.05, 0.9, False),
    "Muon": lambda m: m.Muon(
        0.03, 0.7, 0.8, 0.2, 1e-4, adam_lr_ratio=0.5, momentum=0.6, ns_steps=2, rms_rate=0.3, weight_decay=0.3
    ),
    "ScheduleFreeAdamW": lambda m: m.ScheduleFreeAdamW(0.03, 0.7, 0.8, 1e-4, 10),
    "clipnorm": lambda m: m.SGD(0.03, clipnorm=0.3),
    "global_clipnorm": lambda m: m.SGD(0.03, global_clipnorm=0.3),
    "global_clipnorm above the norm": lambda m: m.SGD(0.03, global_clipnorm=30.0),
    "clipvalue": lambda m: m.SGD(0.03, clipvalue=0.03),
    "weight_decay": lambda m: m.SGD(0.03, weight_decay=0.3, exclude_from_weight_decay=(1,)),
    "use_ema": lambda m: m.Momentum(
        0.03, 0.7, use_ema=True, ema_momentum=0.6, ema_overwrite_frequency=2
    ),
    "learning rate schedule": lambda m: m.SGD(m.ExponentialDecay(0.03, 3.0, 0.7)),
    "2 accumulation steps and a schedule": lambda m: m.SGD(
        m.ExponentialDecay(0.03, 3.0, 0.7), gradient_accumulation_steps=2
    ),
    "loss_scale_factor": lambda m: m.SGD(0.03, loss_scale_factor=4.0),
    "LossScaleOptimizer": lambda m: m.LossScaleOptimizer(m.Adam(0.03, 0.7, 0.8, 1e-4), 2.0**10, 2),
    "2 accumulation steps": lambda m: m.Adam(
        0.03, 0.7, 0.8, 1e-4, gradient_accumulation_steps=2
    ),
    "3 accumulation steps": lambda m: m.Adam(
        0.03, 0.7, 0.8, 1e-4, gradient_accumulation_steps=3
    ),
    "2 accumulation steps and clipnorm": lambda m: m.SGD(
        0.03, clipnorm=0.1, gradient_accumulation_steps=2
    ),
}  # fmt: skip


def pair(run):
    """Return the Pair of a run: the optimizer alone, on given gradients."""
    return Pair(
        run,
        "planted defects",
        network=lambda m: m.GivenGradients(SHAPES),
        optimizer=RUNS[run],
        start=_start,
        data=_gradients,
        epochs=1,
        batch_size=1,
    )


def _start():
    rng = np.random.default_rng(1)
    matrices = trees.reference().GivenGradients(SHAPES).matrices
    return tuple(rng.normal(size=shape) * scale for shape, scale in zip(matrices, SCALES))


def _gradients():
    """Return gradients of both signs from 1e-5 to 1, with zeros among them."""
    rng = np.random.default_rng(0)
    shape = (STEPS, sum(prod(shape) for shape in SHAPES))
    values = rng.choice((-1.0, 1.0), shape) * 10 ** rng.uniform(-5, 0, shape)
    return np.where(rng.random(shape) < 0.05, 0.0, values), np.zeros((STEPS, 1))


def _row(tree, file, run, words, before, after, *found, reason=""):
    """Return the Plant of one row; see the head of this file."""
    plant = Plant(words, tree, file, before, after, run, *found, group="optimizers")
    return replace(plant, reason=reason)


def _keras(file, *rows):
    return tuple(_row("keras", f"src/{file}", *row) for row in rows)


def _both(file, *rows):
    """Return the rows of a line that both our trees have, planted in either."""
    return tuple(
        _row(tree, f"optimizers/{file}", *row) for row in rows for tree in ("tfimpl", "refimpl")
    )


# fmt: off
OPTIMIZERS = (
    *_keras("optimizers/sgd.py",
        ("SGD", "step along the gradient", "self.assign_sub(variable,", "self.assign_add(variable,", "weights w1"),
        ("SGD", "rate off by a millionth of itself", "variable, ops.multiply(gradient, learning_rate)", "variable, ops.multiply(gradient, 1.000001 * learning_rate)", "weights w1"),
        ("SGD", "float32 rate in float64", "ops.cast(learning_rate, variable.dtype)", 'ops.cast(ops.cast(learning_rate, "float32"), variable.dtype)', "weights w1", 0, "float64"),
        ("SGD with momentum", "momentum left out of the velocity", "m,\n                ops.subtract(\n                    ops.multiply(m, momentum)", "m,\n                ops.subtract(\n                    m", "slots w1/momentum", 1),
        ("SGD with momentum", "momentum off by a millionth of itself", "momentum = ops.cast(self.momentum, variable.dtype)", "momentum = ops.cast(1.000001 * self.momentum, variable.dtype)", "slots w1/momentum", 1),
        ("SGD with momentum", "gradient damped by 1 - momentum", "m,\n                ops.subtract(\n                    ops.multiply(m, momentum),\n                    ops.multiply(gradient, learning_rate)", "m,\n                ops.subtract(\n                    ops.multiply(m, momentum),\n                    ops.multiply(gradient, (1 - momentum) * learning_rate)", "slots w1/momentum"),
        ("SGD with momentum", "velocity without the rate", "m,\n                ops.subtract(\n                    ops.multiply(m, momentum),\n                    ops.multiply(gradient, learning_rate)", "m,\n                ops.subtract(\n                    ops.multiply(m, momentum),\n                    gradient", "slots w1/momentum"),
        ("SGD with momentum", "velocity kept but not used", "self.assign_add(variable, m)", "self.assign_sub(variable, ops.multiply(gradient, learning_rate))", "weights w1", 1),
        ("SGD with momentum", "w2 takes the velocity of w1", "self.momentums[self._get_variable_index(variable)]", "self.momentums[{1: 0}.get(self._get_variable_index(variable), self._get_variable_index(variable))]", "slots w1/momentum"),
        ("SGD with momentum", "velocity not kept", "self.assign_add(variable, m)", "self.assign_add(variable, m); self.assign(m, 0 * m)", "slots w1/momentum"),
        ("SGD with nesterov", "nesterov ignored", "if self.nesterov:", "if False:", "weights w1"),
        ("SGD with nesterov", "looks ahead without the momentum", "                        ops.multiply(m, momentum)", "                        m", "weights w1"),
        ("SGD with nesterov", "looks ahead along the gradient", "variable,\n                    ops.subtract(", "variable,\n                    ops.add(", "weights w1"),
    ),
    *_keras("optimizers/adagrad.py",
        ("Adagrad", "root forgotten", "ops.sqrt(ops.add(accumulator, self.epsilon))", "ops.add(accumulator, self.epsilon)", "weights w1"),
        ("Adagrad", "epsilon moved out of the root", "ops.sqrt(ops.add(accumulator, self.epsilon))", "ops.add(ops.sqrt(accumulator), self.epsilon)", "weights w1"),
        ("Adagrad", "epsilon ten times as large", "ops.add(accumulator, self.epsilon)", "ops.add(accumulator, 10 * self.epsilon)", "weights w1"),
        ("Adagrad", "epsilon through float32 in float64", "ops.add(accumulator, self.epsilon)", 'ops.add(accumulator, ops.cast(self.epsilon, variable.dtype))', "weights w1", 0, "float64"),
        ("Adagrad", "squares replaced, not added", "self.assign_add(accumulator", "self.assign(accumulator", "slots w1/accumulator"),
        ("Adagrad", "accumulator from 0", "Constant(self.initial_accumulator_value)", "Constant(0.0)", "start w1/accumulator"),
        ("Adagrad", "root of the old accumulator", "ops.add(accumulator, self.epsilon)", "ops.add(accumulator - ops.square(gradient), self.epsilon)", "weights w1"),
    ),
    *_keras("optimizers/rmsprop.py",
        ("RMSprop", "rho and 1 - rho swapped", "rho = self.rho\n\n", "rho = 1 - self.rho\n\n", "slots w1/velocity"),
        ("RMSprop", "rho off by a millionth of itself", "rho = self.rho\n\n", "rho = 1.000001 * self.rho\n\n", "slots w1/velocity"),
        ("RMSprop", "gradient not squared", "ops.multiply(1 - rho, ops.square(gradient))", "ops.multiply(1 - rho, ops.abs(gradient))", "slots w1/velocity"),
        ("RMSprop", "1 - rho forgotten", "ops.multiply(1 - rho, ops.square(gradient))", "ops.square(gradient)", "slots w1/velocity"),
        ("RMSprop", "epsilon moved out of the root", "ops.add(velocity, self.epsilon)", "ops.square(ops.add(ops.sqrt(velocity), self.epsilon))", "weights w1"),
        ("RMSprop", "root forgotten", "ops.sqrt(denominator)", "denominator", "weights w1"),
        ("RMSprop", "epsilon through float32 in float64", "ops.add(velocity, self.epsilon)", "ops.add(velocity, ops.cast(self.epsilon, variable.dtype))", "weights w1", 0, "float64"),
        ("RMSprop centered", "mean added to the variance", "velocity - ops.square(average_grad)", "velocity + ops.square(average_grad)", "weights w1"),
        ("RMSprop centered", "centered ignored in the root", "velocity - ops.square(average_grad)", "velocity", "weights w1"),
        ("RMSprop centered", "1 - rho forgotten in the mean", "ops.multiply(1 - rho, gradient)", "gradient", "slots w1/average_gradient"),
        ("RMSprop with momentum", "increment damped by 1 - momentum", "momentum), increment)", "momentum), (1 - self.momentum) * increment)", "slots w1/momentum"),
        ("RMSprop with momentum", "momentum kept but not used", "self.assign_sub(variable, momentum)", "self.assign_sub(variable, increment)", "weights w1", 1),
        ("RMSprop with momentum", "momentum left out", "ops.multiply(self.momentum, momentum)", "momentum", "slots w1/momentum", 1),
        ("RMSprop centered with momentum", "epsilon ten times as large", "ops.square(average_grad) + self.epsilon", "ops.square(average_grad) + 10 * self.epsilon", "slots w1/momentum"),
        ("RMSprop centered with momentum", "mean of the old gradients", "velocity - ops.square(average_grad)", "velocity - ops.square((average_grad - (1 - rho) * gradient) / rho)", "slots w1/momentum"),
    ),
    *_keras("optimizers/adadelta.py",
        ("Adadelta", "updates not squared", "ops.square(delta_var)", "ops.abs(delta_var)", "slots w1/accumulated_delta_var"),
        ("Adadelta", "epsilon moved out of the roots", "ops.sqrt(ops.add(x, self.epsilon))", "ops.add(ops.sqrt(x), self.epsilon)", "slots w1/accumulated_delta_var"),
        ("Adadelta", "no root of the updates", "ops.multiply(rms(accumulated_delta_var), grad)", "ops.multiply(accumulated_delta_var + self.epsilon, grad)", "slots w1/accumulated_delta_var"),
        ("Adadelta", "rho and 1 - rho swapped for the gradients", "rho * accumulated_grad, ops.multiply(1 - rho, ", "(1 - rho) * accumulated_grad, ops.multiply(rho, ", "slots w1/accumulated_grad"),
        ("Adadelta", "rate ignored", "ops.multiply(lr, delta_var)", "delta_var", "weights w1"),
        ("Adadelta", "updates not remembered", "ops.multiply(rho, accumulated_delta_var)", "0 * accumulated_delta_var", "slots w1/accumulated_delta_var", 1),
    ),
    *_keras("optimizers/adam.py",
        ("Adam", "beta_2 for beta_1 in the first moment", "ops.subtract(gradient, m), 1 - self.beta_1", "ops.subtract(gradient, m), 1 - self.beta_2", "slots w1/momentum"),
        ("Adam", "beta_2 off by a millionth of itself", "v), 1 - self.beta_2", "v), 1 - 1.000001 * self.beta_2", "slots w1/velocity"),
        ("Adam", "beta_1 for beta_2 in the second moment", "v), 1 - self.beta_2", "v), 1 - self.beta_1", "slots w1/velocity"),
        ("Adam", "no first bias correction", " / (1 - beta_1_power)", "", "weights w1"),
        ("Adam", "no second bias correction", "lr * ops.sqrt(1 - beta_2_power)", "lr", "weights w1"),
        ("Adam", "bias corrected for one step too many", "self.iterations + 1", "self.iterations + 2", "weights w1"),
        ("Adam", "root of the second bias correction forgotten", "ops.sqrt(1 - beta_2_power)", "(1 - beta_2_power)", "weights w1"),
        ("Adam", "epsilon moved into the root", "ops.add(ops.sqrt(v), self.epsilon)", "ops.sqrt(ops.add(v, self.epsilon))", "weights w1"),
        ("Adam", "epsilon ten times as large", "ops.add(ops.sqrt(v), self.epsilon)", "ops.add(ops.sqrt(v), 10 * self.epsilon)", "weights w1"),
        ("Adam", "epsilon off by a thousandth of itself", "ops.add(ops.sqrt(v), self.epsilon)", "ops.add(ops.sqrt(v), 1.001 * self.epsilon)", "weights w1"),
        ("Adam", "the paper's epsilon for its epsilon hat", "ops.add(ops.sqrt(v), self.epsilon)", "ops.add(ops.sqrt(v), self.epsilon * ops.sqrt(1 - beta_2_power))", "weights w1"),
        ("Adam", "variance about the mean, as in AdaBelief", "ops.subtract(ops.square(gradient), v)", "ops.subtract(ops.square(gradient - m), v)", "slots w1/velocity"),
        ("Adam", "gradient for the first moment in the step", "ops.multiply(m, alpha)", "ops.multiply(gradient, alpha)", "weights w1"),
        ("Adam", "epsilon through float32 in float64", "ops.add(ops.sqrt(v), self.epsilon)", "ops.add(ops.sqrt(v), ops.cast(self.epsilon, variable.dtype))", "weights w1", 0, "float64"),
        ("Adam", "1 - beta_1 in float32 in float64", "m), 1 - self.beta_1", "m), 1 - ops.cast(self.beta_1, variable.dtype)", "slots w1/momentum", 0, "float64"),
        ("AMSGrad", "last second moment for the largest", "ops.maximum(v_hat, v)", "v", "slots w1/velocity_hat", 1),
        ("AMSGrad", "largest second moment kept but not used", "            v = v_hat", "            v = v", "weights w1", 1),
        ("AMSGrad", "largest of the corrected second moments", "ops.maximum(v_hat, v)", "ops.maximum(v_hat, v / (1 - beta_2_power))", "slots w1/velocity_hat"),
    ),
    *_keras("optimizers/adamw.py",
        ("AdamW", "weight_decay not handed on", "weight_decay=weight_decay", "weight_decay=0.004", "weights w1"),
        ("AdamW", "betas exchanged on the way to Adam", "beta_1=beta_1", "beta_1=beta_2", "slots w1/momentum"),
    ),
    *_keras("optimizers/adamax.py",
        ("Adamax", "sum for the maximum", "ops.maximum(ops.multiply(self.beta_2, u)", "ops.add(ops.multiply(self.beta_2, u)", "slots w1/norm", 1),
        ("Adamax", "sign of the gradient left in the norm", "ops.abs(gradient)", "gradient", "slots w1/norm"),
        ("Adamax", "norm does not decay", "ops.multiply(self.beta_2, u)", "u", "slots w1/norm", 1),
        ("Adamax", "bias corrected for one step too many", "self.iterations + 1", "self.iterations + 2", "weights w1"),
        ("Adamax", "epsilon added to the whole divisor", "ops.multiply((1 - beta_1_power), ops.add(u, self.epsilon))", "ops.add(ops.multiply((1 - beta_1_power), u), self.epsilon)", "weights w1"),
    ),
    *_keras("optimizers/nadam.py",
        ("Nadam", "0.95 for 0.96 in the product", "ops.power(0.96,", "ops.power(0.95,", "slots w1/u_product"),
        ("Nadam", "product forgotten at every step", "self._u_product\n            * self.beta_1", "self.beta_1", "slots w1/u_product", 1),
        ("Nadam", "product advanced once a variable", "u_product_t = ops.cast(self._u_product, var_dtype)", "u_product_t = ops.cast(self._u_product, var_dtype) + 0; self.assign(self._u_product, u_product_t * u_t)", "slots w1/u_product"),
        ("Nadam", "this step's mu for the next one's", "self.iterations + 2", "self.iterations + 1", "weights w1"),
        ("Nadam", "no look-ahead in the gradient's bias correction", "gradient), 1 - u_product_t)", "gradient), 1 - u_product_t_1)", "weights w1"),
        ("Nadam", "no second bias correction", "ops.divide(v, (1 - beta_2_power))", "v", "weights w1"),
        ("Nadam", "beta_1 for beta_2", "beta_2 = ops.cast(self.beta_2", "beta_2 = ops.cast(self.beta_1", "slots w1/velocity"),
    ),
    *_keras("optimizers/ftrl.py",
        ("Ftrl", "linear term subtracted", "self.assign_add(\n            linear", "self.assign_sub(\n            linear", "slots w1/linear"),
        ("Ftrl", "2 of the shrinkage forgotten", "2 * self.l2_shrinkage", "self.l2_shrinkage", "slots w1/linear"),
        ("Ftrl", "2 of beta / (2 lr) forgotten", "(2.0 * lr)", "lr", "weights w1"),
        ("Ftrl", "2 of the l2 penalty forgotten", "2 * l2_reg", "l2_reg", "weights w1"),
        ("Ftrl", "l1 penalty of one side", "-self.l1_regularization_strength,\n", "0.0,\n", "weights w1"),
        ("Ftrl", "square of the shrunk gradient accumulated", "ops.square(gradient)", "ops.square(grad_to_use)", "slots w1/accumulator"),
        ("Ftrl", "accumulator not kept", "self.assign(accum, new_accum)", "self.assign(accum, accum)", "slots w1/accumulator"),
        ("Ftrl", "power of the rate ignored", "lr_power = self.learning_rate_power", "lr_power = -0.5", "slots w1/linear"),
    ),
    *_keras("optimizers/lion.py",
        ("Lion", "tanh for the sign", "ops.sign(", "ops.tanh(", "weights w1"),
        ("Lion", "beta_2 for beta_1 in the step", "beta_1 = ops.cast(self.beta_1", "beta_1 = ops.cast(self.beta_2", "weights w1", 1),
        ("Lion", "beta_1 for beta_2 in the momentum", "beta_2 = ops.cast(self.beta_2", "beta_2 = ops.cast(self.beta_1", "slots w1/momentum"),
        ("Lion", "momentum moved on before the step", "ops.multiply(m, beta_1)", "ops.multiply(m * beta_2 + gradient * (1.0 - beta_2), beta_1)", "weights w1", 1),
        ("Lion", "1 - beta_2 forgotten", "ops.multiply(gradient, (1.0 - beta_2))", "gradient", "slots w1/momentum"),
    ),
    *_keras("optimizers/lamb.py",
        ("Lamb", "trust ratio ignored", "ratio * lr * update", "lr * update", "weights w1"),
        ("Lamb", "trust ratio turned round", "(w_norm / g_norm)", "(g_norm / w_norm)", "weights w1"),
        ("Lamb", "norm of the update without its root", "ops.sqrt(ops.sum(ops.power(update, 2)))", "ops.sum(ops.power(update, 2))", "weights w1"),
        ("Lamb", "sum of magnitudes for the weight's norm", "ops.sqrt(ops.sum(ops.power(variable, 2)))", "ops.sum(ops.abs(variable))", "weights w1"),
        ("Lamb", "no second bias correction: only epsilon shows it", "ops.divide(v, (1.0 - beta_2_power))", "v", "weights w1"),
        ("Lamb", "norm of the gradient for that of the update", "ops.power(update, 2)", "ops.power(gradient, 2)", "weights w1"),
    ),
    *_keras("optimizers/adafactor.py",
        ("Adafactor", "decay of the next step", "ops.power(local_step, self.beta_2_decay)", "ops.power(local_step + 1, self.beta_2_decay)", "slots w1/r"),
        ("Adafactor", "sum for the mean over a row", "ops.mean(regulated_grad_square, axis=-1)", "ops.sum(regulated_grad_square, axis=-1)", "slots w1/r"),
        ("Adafactor", "mean of the rows not divided out", "ops.divide(r, ops.mean(r, axis=-1, keepdims=True))", "r", "slots w1/velocity"),
        ("Adafactor", "update not clipped", "ops.maximum(one, ops.divide(self._rms(u_t), self.clip_threshold))", "one", "weights w1"),
        ("Adafactor", "size of the weights ignored", "ops.maximum(epsilon_2, self._rms(variable))", "epsilon_2", "weights w1"),
        ("Adafactor", "epsilon_2 ignored", "ops.maximum(epsilon_2, self._rms(variable))", "self._rms(variable)", "weights w4"),
        ("Adafactor", "root of the sum for that of the mean: where clipping and alpha both hang on it, it cancels", "ops.sqrt(ops.mean(ops.square(x)))", "ops.sqrt(ops.sum(ops.square(x)))", "weights w4"),
        ("Adafactor", "epsilon_1 added before the square", "ops.add(ops.square(gradient), self.epsilon_1)", "ops.square(ops.add(gradient, self.epsilon_1))", "slots w1/r"),
        ("Adafactor", "a bias forgets its old squares", "ops.multiply(beta_2_t, v)", "0 * v", "slots w4/velocity", 1),
    ),
    *_keras("optimizers/muon.py",
        ("Muon", "nesterov ignored: no norm shows it before the second step", "if self.nesterov:", "if False:", "weights w1", 1),
        ("Muon", "sign of the quintic term", "+ c * temp_a @ temp_a", "- c * temp_a @ temp_a", "weights w1"),
        ("Muon", "one iteration too few", "for _ in range(steps):", "for _ in range(steps - 1):", "weights w1"),
        ("Muon", "old momentum not shrunk", "m * (self.momentum - 1)", "m * self.momentum", "slots w1/momentum", 1),
        ("Muon", "momentum as a mean", "ops.add(gradient, m * (self.momentum - 1))", "(gradient - m) * (1 - self.momentum)", "slots w1/momentum"),
        ("Muon", "shorter side for the longer", "ops.maximum(x.shape[0], x.shape[1])", "ops.minimum(x.shape[0], x.shape[1])", "weights w1"),
        ("Muon", "rms_rate ignored", " * self.rms_rate\n", "\n", "weights w1"),
        ("Muon", "rate of the biases", "learning_rate * self.adam_lr_ratio", "learning_rate", "weights w4"),
        ("Muon", "decay of the kernels for the biases", "weight_decay_value = self.adam_weight_decay", "weight_decay_value = self.weight_decay", "weights w4"),
        ("Muon", "sum of magnitudes for the norm", "ops.norm(x, axis=(-2, -1), keepdims=True)", "ops.sum(ops.abs(x), axis=(-2, -1), keepdims=True)", "weights w1"),
        ("Muon", "biases with beta_1 for beta_2", "v), 1 - self.adam_beta_2", "v), 1 - self.adam_beta_1", "slots w4/velocity"),
    ),
    *_keras("optimizers/schedule_free_adamw.py",
        ("ScheduleFreeAdamW", "weights of the average one step late", "weight = 1.0 / local_step", "weight = 1.0 / (local_step + 1)", "weights w1"),
        ("ScheduleFreeAdamW", "beta_1 and 1 - beta_1 swapped in y", "ops.multiply(1 - beta_1, momentum), ops.multiply(beta_1, x_new)", "ops.multiply(beta_1, momentum), ops.multiply(1 - beta_1, x_new)", "weights w1", 1),
        ("ScheduleFreeAdamW", "warm-up ignored", "lr = lr * warmup_factor", "lr = lr", "slots w1/momentum"),
        ("ScheduleFreeAdamW", "bias correction of the first step for all", "ops.power(beta_2, local_step)", "beta_2", "slots w1/momentum", 1),
        ("ScheduleFreeAdamW", "z from 0", "ops.copy(var)", "ops.zeros_like(var)", "start w1/momentum"),
        ("ScheduleFreeAdamW", "beta_1 for beta_2: wrong in v, and so in z, the slot before it", "velocity), 1 - beta_2", "velocity), 1 - beta_1", "slots w1/momentum"),
        ("ScheduleFreeAdamW", "epsilon moved into the root", "ops.add(ops.sqrt(velocity / bias_correction_2), epsilon)", "ops.sqrt(velocity / bias_correction_2 + epsilon)", "slots w1/momentum"),
    ),
)

BASE_CLASSES = (
    *_keras("optimizers/loss_scale_optimizer.py",
        ("LossScaleOptimizer", "initial scale ignored", "Constant(self.initial_scale)", "Constant(2.0**15)", "start w1/scale"),
        ("LossScaleOptimizer", "loss not scaled", "ops.multiply(loss, scale)", "loss", "gradients w1"),
        ("LossScaleOptimizer", "gradients left scaled", "else ops.divide(g, scale)\n            for g, v in zip(grads, tvs)", "else g\n            for g, v in zip(grads, tvs)", "slots w1/momentum"),
        ("LossScaleOptimizer", "scale grows one step late", "self.dynamic_growth_steps - 1),\n            upscale", "self.dynamic_growth_steps),\n            upscale", "slots w1/counter", 1),
        ("LossScaleOptimizer", "scale grows fourfold", "def upscale():\n            self.step_counter.assign(0)\n            self.dynamic_scale.assign(ops.multiply(self.dynamic_scale, 2.0))", "def upscale():\n            self.step_counter.assign(0)\n            self.dynamic_scale.assign(ops.multiply(self.dynamic_scale, 4.0))", "slots w1/scale", 1),
        ("LossScaleOptimizer", "counter not reset", "def upscale():\n            self.step_counter.assign(0)\n", "def upscale():\n", "slots w1/counter", 1),
    ),
    *_keras("backend/tensorflow/optimizer.py",
        ("clipnorm", "every number clipped, not the norm", "tf.clip_by_norm(values, self.clipnorm, axes)", "tf.clip_by_value(values, -self.clipnorm, self.clipnorm)", "weights w1"),
        ("clipnorm", "norm without its root", "tf.clip_by_norm(values, self.clipnorm, axes)", "values * self.clipnorm / tf.maximum(tf.reduce_sum(values**2), self.clipnorm)", "weights w1"),
        ("clipnorm", "norm of each column", "tf.clip_by_norm(values, self.clipnorm, axes)", "tf.clip_by_norm(values, self.clipnorm, 0)", "weights w1"),
        ("clipnorm", "all scaled to the norm, also the short", "tf.clip_by_norm(values, self.clipnorm, axes)", "values * self.clipnorm / tf.norm(values)", "weights w2"),
        ("weight_decay", "decay without the rate", "variable * wd * lr", "variable * wd", "weights w1"),
        ("weight_decay", "weights grow", "variable.assign_sub(variable * wd", "variable.assign_add(variable * wd", "weights w1"),
        ("weight_decay", "decay of the first variable only", "for variable in variables:", "for variable in variables[:1]:", "weights w3"),
        ("weight_decay", "float32 rate in float64", "lr = tf.cast(self.learning_rate, variable.dtype)", "lr = tf.cast(tf.cast(self.learning_rate, 'float32'), variable.dtype)", "weights w1", 0, "float64"),
        ("use_ema", "weights overwrite their average", "lambda a, b: a.assign(b)", "lambda a, b: b.assign(a)", "slots w1/average", 1),
        ("3 accumulation steps", "gradients replaced, not added", "var.assign(var + grad)", "var.assign(grad)", "slots w1/gradient_accumulator", 1),
        ("SGD", "one variable skipped", "for grad, var in grads_and_vars:\n            distribution", "for grad, var in [*grads_and_vars[:2], *grads_and_vars[3:]]:\n            distribution", "weights w3"),
        ("SGD with momentum", "gradients of two variables exchanged", "list(zip(grads, trainable_variables))", "list(zip([grads[1], grads[0], *grads[2:]], trainable_variables))", "slots w1/momentum"),
        ("SGD", "update through float32 in float64", "value = tf.cast(value, variable.dtype)\n        if isinstance(value, tf.IndexedSlices):\n            variable.scatter_sub", "value = tf.cast(tf.cast(value, 'float32'), variable.dtype)\n        if isinstance(value, tf.IndexedSlices):\n            variable.scatter_sub", "weights w1", 0, "float64"),
    ),
    *_keras("optimizers/base_optimizer.py",
        ("AdamW", "decay after the step", "            self._apply_weight_decay(trainable_variables)\n\n            # Run update step.\n            self._backend_update_step(\n                grads, trainable_variables, self.learning_rate\n            )\n", "            self._backend_update_step(\n                grads, trainable_variables, self.learning_rate\n            )\n            self._apply_weight_decay(trainable_variables)\n", "weights w1"),
        ("AdamW", "decay added to the gradient", "            self._apply_weight_decay(trainable_variables)\n\n            # Run", "            grads = [g + self.weight_decay * v for g, v in zip(grads, trainable_variables)]\n            # Run", "slots w1/momentum"),
        ("AdamW", "exclusion from decay ignored", "if variable_id in exclude_from_weight_decay:", "if False:", "weights w2"),
        ("clipvalue", "clipped from above only", "ops.clip(g, -v, v)", "ops.minimum(g, v)", "weights w1"),
        ("clipvalue", "the norm clipped, not the number", "ops.clip(g, -v, v)", "g * v / ops.maximum(ops.norm(g), v)", "weights w1"),
        ("clipvalue", "clipvalue ignored", "[ops.clip(g, -v, v) if g is not None else g for g in grads]", "grads", "weights w1"),
        ("global_clipnorm", "norm of each variable for that of all", "return clip_by_global_norm(grads, self.global_clipnorm)", "return [clip_by_global_norm([g], self.global_clipnorm)[0] for g in grads]", "weights w1"),
        ("global_clipnorm", "last variable left out of the norm", "for v in value_list if v is not None\n    ]", "for v in value_list[:-1]\n    ]", "weights w1"),
        ("global_clipnorm", "norm without its root", "return ops.sqrt(squared_norm)", "return squared_norm", "weights w1"),
        ("global_clipnorm above the norm", "scaled up to the norm", "ops.minimum(1.0 / use_norm, 1.0 / clip_norm)", "(1.0 / use_norm)", "weights w1"),
        ("loss_scale_factor", "gradients scaled up again", "g / scale", "g * scale", "weights w1"),
        ("loss_scale_factor", "gradients left scaled", "if scale is not None:", "if False:", "weights w1"),
        ("2 accumulation steps", "divided by the steps twice", "(g + acc_g) / steps", "(g + acc_g) / steps / steps", "slots w1/momentum", 1),
        ("2 accumulation steps", "not divided by the steps", "(g + acc_g) / steps", "(g + acc_g)", "slots w1/momentum", 1),
        ("2 accumulation steps", "last gradient left out", "(g + acc_g) / steps", "acc_g / steps", "slots w1/momentum", 1),
        ("2 accumulation steps", "earlier gradients left out", "(g + acc_g) / steps", "g / steps", "slots w1/momentum", 1),
        ("2 accumulation steps", "accumulators not reset", "                self._backend_reset_gradient_accumulators()", "                pass", "slots w1/gradient_accumulator", 1),
        ("2 accumulation steps", "update one step early", "self._iterations + 1\n            ) % self.gradient_accumulation_steps", "self._iterations\n            ) % self.gradient_accumulation_steps", "slots w1/momentum"),
        ("2 accumulation steps", "bias corrected by steps, not updates", "return ops.floor_divide(\n                self._iterations, self.gradient_accumulation_steps\n            )", "return self._iterations", "weights w1", 1),
        ("2 accumulation steps and clipnorm", "accumulated gradients not clipped", "                grads = self._clip_gradients(grads)\n                self", "                self", "weights w1", 1),
        ("use_ema", "average from 0", "ops.cast(not_first_step, var.dtype), self.ema_momentum", "1.0, self.ema_momentum", "slots w1/average"),
        ("use_ema", "first step taken for the second", "ops.not_equal(self.iterations, 0)", "ops.not_equal(self.iterations, 1)", "slots w1/average"),
        ("use_ema", "momentum and 1 - momentum swapped", "ops.multiply(momentum, average),\n                            ops.multiply(ops.subtract(1, momentum), var)", "ops.multiply(ops.subtract(1, momentum), average),\n                            ops.multiply(momentum, var)", "slots w1/average"),
        ("use_ema", "overwritten one step off", "self.iterations + 1\n                ) % self.ema_overwrite_frequency", "self.iterations\n                ) % self.ema_overwrite_frequency", "weights w1", 1),
        ("use_ema", "never overwritten", "if self.ema_overwrite_frequency:\n", "if False:\n", "weights w1", 1),
        ("learning rate schedule", "asked for the next step", "return self._learning_rate(self._iterations)", "return self._learning_rate(self._iterations + 1)", "weights w1"),
        ("learning rate schedule", "asked for the first step only", "return self._learning_rate(self._iterations)", "return self._learning_rate(0 * self._iterations)", "weights w1", 1),
        ("2 accumulation steps and a schedule", "asked by updates, not by steps", "return self._learning_rate(self._iterations)", "return self._learning_rate(self.iterations)", "weights w1", 1),
        ("Adam", "steps not counted", "self._iterations.assign_add(1)", "pass", "weights w1", 1),
        ("Adam", "steps counted twice", "self._iterations.assign_add(1)", "self._iterations.assign_add(2)", "weights w1", 1),
    ),
)

# Lines that the twin and the reference share: planted once on either side.
TWINS = (
    *_both("nesterov.py",
        ("SGD with nesterov", "looks ahead without the rate", "ahead = velocity * self.momentum - gradient * learning_rate", "ahead = velocity * self.momentum - gradient", "weights w1"),
    ),
    *_both("adadelta.py",
        ("Adadelta", "step along the gradient", "variable + learning_rate * delta", "variable - learning_rate * delta", "weights w1"),
    ),
    *_both("rmsprop_centered.py",
        ("RMSprop centered", "old mean returned", "return variable, (velocity, average)", "return variable, (velocity, slots[1])", "slots w1/average_gradient"),
    ),
    *_both("amsgrad.py",
        ("AMSGrad", "largest second moment not kept", "return variable, (m, v, v_hat)", "return variable, (m, v, v)", "slots w1/velocity_hat", 1),
    ),
    *_both("adamax.py",
        ("Adamax", "epsilon left out", "(u + self.epsilon)", "u", "weights w1"),
    ),
    *_both("nadam.py",
        ("Nadam", "mu of the last step", "mu = beta_1 * (1 - 0.5 * 0.96**step)", "mu = beta_1 * (1 - 0.5 * 0.96 ** (step - 1))", "weights w1"),
    ),
    *_both("ftrl.py",
        ("Ftrl", "rate left out of sigma", "(accumulator**power - old**power) / rate", "(accumulator**power - old**power)", "slots w1/linear"),
    ),
    *_both("lion.py",
        ("Lion", "momentum not kept", "return variable, (m,)", "return variable, (slots[0],)", "slots w1/momentum"),
    ),
    *_both("lamb.py",
        ("Lamb", "rate applied twice", "ratio * learning_rate * update", "ratio * learning_rate * learning_rate * update", "weights w1"),
    ),
    *_both("adafactor.py",
        ("Adafactor", "rows and columns decay differently", "c = beta_2 * c + (1 - beta_2)", "c = c + (1 - beta_2)", "slots w1/c", 1),
    ),
    *_both("muon.py",
        ("Muon", "root of the longer side forgotten", "update * sqrt(longer)", "update * longer", "weights w1"),
    ),
    *_both("schedule_free_adamw.py",
        ("ScheduleFreeAdamW", "x from the new z, as Keras has it", "(1 - beta_1) * z_old) / beta_1", "(1 - beta_1) * z) / beta_1", "weights w1", 1),
    ),
    *_both("clipping.py",
        ("clipnorm", "short gradients scaled down too", "gradient * clipnorm / ", "gradient * clipnorm * clipnorm / ", "weights w1"),
        ("global_clipnorm", "mean for the sum of the norms", "sum(squared_norm(gradient) for gradient in gradients)", "sum(squared_norm(gradient) for gradient in gradients) / len(gradients)", "weights w1"),
    ),
    *_both("loss_scale_optimizer.py",
        ("LossScaleOptimizer", "inner steps not counted", "return variables, tuple((*slot, iteration, counter, scale)", "return variables, tuple((*slot, slots[0][-3], counter, scale)", "slots w1/iteration"),
    ),
    *_both("optimizer.py",
        ("weight_decay", "decay without the weight", "variable * decay * learning_rate", "decay * learning_rate", "weights w1"),
        ("use_ema", "average of the momentum only", "momentum * a + (1 - momentum) * w", "momentum * a + w", "slots w1/average", 1),
        ("2 accumulation steps", "mean of one step more", "s / k for s in sums", "s / (k + 1) for s in sums", "slots w1/momentum", 1),
        ("loss_scale_factor", "loss not scaled", "gradient * self.loss_scale_factor", "gradient", "gradients w1"),
    ),
)

PLANTS = (*OPTIMIZERS, *BASE_CLASSES, *TWINS)


def _no_ops(file, *rows):
    return tuple(
        _row("keras", f"src/{file}", *row, reason=reason) for *row, reason in rows
    )


# Changes that no arithmetic can show, for the reason given.
NO_OPS = (
    *_no_ops("optimizers/adam.py",
        ("Adam", "magnitude squared for the gradient", "ops.square(gradient)", "ops.square(ops.abs(gradient))", SAME_BITS, "the squares are equal"),
    ),
    *_no_ops("optimizers/lion.py",
        ("Lion", "interpolation doubled within the sign", "ops.sign(\n", "ops.sign(2 * \n", SAME_BITS, "a positive factor does not change a sign"),
    ),
    *_no_ops("optimizers/lamb.py",
        ("Lamb", "no first bias correction", "ops.divide(m, (1.0 - beta_1_power))", "m", LAST_BITS, "the update is divided by its own norm: a factor of all of it cancels"),
    ),
    *_no_ops("optimizers/adafactor.py",
        ("Adafactor", "relative_step turned on for all", "and self.relative_step:", "and True:", SAME_BITS, "the minimum with 1 / sqrt(t) is taken once more for all: a minimum taken twice is the same"),
    ),
    *_no_ops("optimizers/base_optimizer.py",
        ("weight_decay", "decay without the rate, in the base class", "variable - variable * wd * lr", "variable - variable * wd", SAME_BITS, "never called with TensorFlow, whose base class has an _apply_weight_decay of its own"),
        ("clipnorm", "norm without its root, in the base class", "ops.sqrt(l2sum_safe)", "l2sum_safe", SAME_BITS, "never called with TensorFlow, whose base class has a _clip_by_norm of its own"),
        ("global_clipnorm", "what makes infinite norms NaN left out", " + (use_norm - use_norm)", "", SAME_BITS, "0 is added to every finite scale; only a norm that is infinite or not a number shows it"),
        ("loss_scale_factor", "multiplied with the inverse of the scale", "g / scale", "g * (1 / scale)", SAME_BITS, "exact for a power of 2, as loss scales are"),
        ("2 accumulation steps", "accumulators reset by a factor 0", "ops.zeros(g_acc.shape, dtype=g_acc.dtype)", "0 * g_acc", LAST_BITS, "0 or -0 for every finite gradient; what is infinite or not a number would stay for ever"),
    ),
)
# fmt: on
