"""The mutants that survive, and why no arithmetic can show them.

A row names the file, the function, what became what, and of how many such nodes which (1 if
not said), of ``refimpl``.  A row whose mutant is gone, or is killed, is an error: it can go.
"""

SHAPED = "the zeros only give the number a shape, and it is broadcast where it is used"
ZERO = "0 times, or divided by, a number that is not 0 is a 0, and its sign counts nowhere"
EVEN = "cosine is even: the sign of its argument counts nowhere"
SAME_MINIMUM = "the minimum with 1 / sqrt(t) is taken once more in the next line"
MEETS = "both sides of the comparison are the same number where it changes"
RATIO = "a softmax of numbers that are all moved by one number is the same: the shift keeps its range alone"
SIGN = "a sign is 1 or -1 where it is used: to divide by it is to multiply with it"
RARE = "a random number that is exactly the rate is one in 2^23"
WHOLE = "whole numbers are never a half apart"
COMMUTES = "a matrix commutes with itself"
EITHER_WAY = "a transposed matrix gives the transposed result: its side is a matter of cost"
DEVIATIONS = "the deviations of x sum to 0: a constant added to y cancels"
SYMMETRIC = "the adjugate of a symmetric matrix is symmetric"
MAGNITUDE = "only its magnitude is used"
FAR = "how far below all others a number lies does not matter"
ONE_SAMPLE = "an agent takes one sample a step: the mean of one number is its sum"
EQUAL_BY_ORDER = "a place is compared with those before and behind it, never with itself"


def _rows(reason, *rows):
    """Return {(tree, *Mutant.key): reason} of rows that share a reason."""
    return {("refimpl", *row, *(() if len(row) == 5 else (1,))): reason for row in rows}


NOT_CHOSEN = "where the clipped number differs it is not the one that is chosen"

# fmt: off
ROWS: dict = {
    **_rows(NOT_CHOSEN,
        ("activations/elu.py", "ELU.forward", "0", "1"),
        ("activations/selu.py", "SELU.forward", "0", "1"),
    ),
    **_rows(SHAPED,
        ("optimizers/adafactor.py", "Adafactor.update", "np.zeros_like(step) + learning_rate", "learning_rate"),
        ("optimizers/nadam.py", "Nadam.update", "np.zeros_like(step) + self.beta_1", "self.beta_1"),
        ("optimizers/nadam.py", "Nadam.update", "np.zeros_like(step) + self.beta_2", "self.beta_2"),
        ("optimizers/muon.py", "Muon._adam_step", "np.zeros_like(step) + learning_rate", "learning_rate"),
        ("optimizers/schedule_free_adamw.py", "ScheduleFreeAdamW.update", "np.zeros_like(step) + self.beta_1", "self.beta_1"),
        ("optimizers/schedule_free_adamw.py", "ScheduleFreeAdamW.update", "np.zeros_like(step) + self.beta_2", "self.beta_2"),
        ("optimizers/schedule_free_adamw.py", "ScheduleFreeAdamW.update", "np.zeros_like(step) + learning_rate", "learning_rate"),
        ("optimizers/ftrl.py", "Ftrl.update", "np.zeros_like(step) + learning_rate", "learning_rate"),
        ("schedules/cosine_decay_restarts.py", "CosineDecayRestarts.rate", "np.zeros_like(iterations) + self.alpha", "self.alpha"),
        ("schedules/cosine_decay_restarts.py", "CosineDecayRestarts.rate", "np.zeros_like(iterations) + self.t_mul", "self.t_mul"),
        ("schedules/cosine_decay.py", "CosineDecay.rate", "np.zeros_like(iterations) + self.initial_learning_rate", "self.initial_learning_rate"),
        ("schedules/cosine_decay.py", "CosineDecay.rate", "np.zeros_like(iterations) + self.warmup_target", "self.warmup_target"),
        ("optimizers/lion.py", "Lion.update", "np.zeros_like(step) + self.beta_1", "self.beta_1"),
        ("optimizers/lion.py", "Lion.update", "np.zeros_like(step) + self.beta_2", "self.beta_2"),
        ("schedules/polynomial_decay.py", "PolynomialDecay.rate", "np.zeros_like(iterations) + self.initial_learning_rate", "self.initial_learning_rate"),
        ("schedules/polynomial_decay.py", "PolynomialDecay.rate", "np.zeros_like(iterations) + self.end_learning_rate", "self.end_learning_rate"),
    ),
    **_rows(ZERO,
        ("random/philox.py", "words", "0 * block", "0"),
        ("random/philox.py", "words", "0 * block", "-(0 * block)"),
        ("networks/grid_world.py", "GridWorld.start", "0 * place[..., :1]", "-(0 * place[..., :1])"),
        ("networks/grid_world.py", "GridWorld.step", "0 * row", "0"),
        ("networks/grid_world.py", "GridWorld.step", "0 * row", "-(0 * row)"),
        ("networks/grid_world.py", "ActionValues.values", "0 * Q", "0"),
        ("networks/grid_world.py", "ActionValues.values", "0 * Q", "-(0 * Q)"),
        ("networks/grid_world.py", "ActionValues.value", "0 * values", "0"),
        ("networks/grid_world.py", "ActionValues.value", "0 * values", "-(0 * values)"),
        ("networks/grid_world.py", "ActionValues.placed", "0 * Q", "0"),
        ("networks/grid_world.py", "ActionValues.placed", "0 * Q", "-(0 * Q)"),
        ("networks/grid_world.py", "ActionValues.placed", "0 * Q", "0", 2),
        ("networks/grid_world.py", "ActionValues.placed", "0 * Q", "-(0 * Q)", 2),
        ("optimizers/loss_scale_optimizer.py", "LossScaleOptimizer._finite", "number * 0", "0"),
        ("optimizers/loss_scale_optimizer.py", "LossScaleOptimizer._finite", "number * 0", "-(number * 0)"),
        ("optimizers/loss_scale_optimizer.py", "LossScaleOptimizer.apply", "counter * 0", "0"),
        ("optimizers/loss_scale_optimizer.py", "LossScaleOptimizer.apply", "counter * 0", "-(counter * 0)"),
        ("optimizers/loss_scale_optimizer.py", "LossScaleOptimizer.apply", "counter * 0", "0", 2),
        ("optimizers/loss_scale_optimizer.py", "LossScaleOptimizer.apply", "counter * 0", "-(counter * 0)", 2),
        ("networks/dqn.py", "DQN.taken", "0 * values", "0"),
        ("networks/dqn.py", "DQN.taken", "0 * values", "-(0 * values)"),
        ("networks/gan.py", "GAN.propagate", "0 * share", "0"),
        ("networks/gan.py", "GAN.propagate", "0 * share", "-(0 * share)"),
        ("networks/nearest_neighbours.py", "NearestNeighbours.nearest", "0 * one", "0"),
        ("networks/nearest_neighbours.py", "NearestNeighbours.nearest", "0 * one", "-(0 * one)"),
        ("networks/nearest_neighbours.py", "NearestNeighbours.nearest", "0 * one", "0", 2),
        ("networks/nearest_neighbours.py", "NearestNeighbours.nearest", "0 * one", "-(0 * one)", 2),
        ("networks/look_up.py", "LookUp.one_hot", "number * 0", "0"),
        ("networks/look_up.py", "LookUp.one_hot", "number * 0", "-(number * 0)"),
        ("networks/look_up.py", "LookUp.one_hot", "number * 0", "0", 2),
        ("networks/look_up.py", "LookUp.one_hot", "number * 0", "-(number * 0)", 2),
        ("networks/rating_look_up.py", "RatingLookUp.one_hot", "0 * one", "0"),
        ("networks/rating_look_up.py", "RatingLookUp.one_hot", "0 * one", "-(0 * one)"),
    ),
    **_rows(EVEN,
        ("schedules/cosine_decay_restarts.py", "CosineDecayRestarts.rate", "(completed - behind) / t_mul ** restart", "-((completed - behind) / t_mul ** restart)"),
        ("schedules/cosine_decay_restarts.py", "CosineDecayRestarts.rate", "pi * fraction", "-(pi * fraction)"),
        ("schedules/cosine_decay.py", "CosineDecay._decayed", "iterations / self.decay_steps", "-(iterations / self.decay_steps)"),
        ("schedules/cosine_decay.py", "CosineDecay._decayed", "pi * fraction", "-(pi * fraction)"),
    ),
    **_rows(SAME_MINIMUM,
        ("optimizers/adafactor.py", "Adafactor.update", "self.relative_step", "not self.relative_step"),
        ("optimizers/adafactor.py", "Adafactor.update", "1 / np.sqrt(step)", "1 * np.sqrt(step)"),
        ("optimizers/adafactor.py", "Adafactor.update", "1 / np.sqrt(step)", "1"),
        ("optimizers/adafactor.py", "Adafactor.update", "1", "2"),
    ),
    **_rows(MEETS,
        ("losses/huber.py", "Huber.samples", "np.abs(error) > self.delta", "np.abs(error) >= self.delta"),
        ("losses/huber.py", "Huber.samples_backward", "np.abs(error) > self.delta", "np.abs(error) >= self.delta"),
        ("activations/sparse_plus.py", "SparsePlus.forward", "x < 1", "x <= 1"),
        ("activations/sparse_plus.py", "SparsePlus.forward", "x > -1", "x >= -1"),
        ("activations/sparse_plus.py", "SparsePlus.backward", "x < 1", "x <= 1"),
        ("activations/sparse_plus.py", "SparsePlus.backward", "x > -1", "x >= -1"),
        ("activations/sparse_sigmoid.py", "SparseSigmoid.forward", "x < 1", "x <= 1"),
        ("activations/sparse_sigmoid.py", "SparseSigmoid.forward", "x > -1", "x >= -1"),
        ("activations/selu.py", "SELU.forward", "x > 0", "x >= 0"),
        ("activations/elu.py", "ELU.forward", "x > 0", "x >= 0"),
        ("activations/soft_shrink.py", "SoftShrink.forward", "x < -self.threshold", "x <= -self.threshold"),
        ("activations/soft_shrink.py", "SoftShrink.forward", "x > self.threshold", "x >= self.threshold"),
        ("activations/leaky_relu.py", "LeakyReLU.forward", "x > 0", "x >= 0"),
    ),
    **_rows(RATIO,
        ("losses/sparse_categorical_crossentropy.py", "SparseCategoricalCrossentropy.samples", "logits - np.max(logits, axis=-1, keepdims=True)", "logits + np.max(logits, axis=-1, keepdims=True)"),
        ("losses/sparse_categorical_crossentropy.py", "SparseCategoricalCrossentropy.samples", "logits - np.max(logits, axis=-1, keepdims=True)", "logits"),
        ("losses/sparse_categorical_crossentropy.py", "SparseCategoricalCrossentropy.samples", "np.max", "np.min"),
        ("losses/sparse_categorical_crossentropy.py", "SparseCategoricalCrossentropy.samples_backward", "logits - np.max(logits, axis=-1, keepdims=True)", "logits + np.max(logits, axis=-1, keepdims=True)"),
        ("losses/sparse_categorical_crossentropy.py", "SparseCategoricalCrossentropy.samples_backward", "logits - np.max(logits, axis=-1, keepdims=True)", "logits"),
        ("losses/sparse_categorical_crossentropy.py", "SparseCategoricalCrossentropy.samples_backward", "np.max", "np.min"),
        ("losses/categorical_crossentropy.py", "CategoricalCrossentropy.forward", "Z - np.max(Z, axis=-1, keepdims=True)", "Z + np.max(Z, axis=-1, keepdims=True)"),
        ("losses/categorical_crossentropy.py", "CategoricalCrossentropy.forward", "Z - np.max(Z, axis=-1, keepdims=True)", "Z"),
        ("losses/categorical_crossentropy.py", "CategoricalCrossentropy.forward", "np.max", "np.min"),
    ),
    **_rows(SIGN,
        ("losses/hinge.py", "Hinge.samples_backward", "-belowb * t", "-belowb / t"),
        ("losses/huber.py", "Huber.samples_backward", "each * self.delta * np.sign(error)", "each * self.delta / np.sign(error)"),
        ("regularizers/l1_l2.py", "L1L2.backward", "yb * self.l1 * np.sign(w)", "yb * self.l1 / np.sign(w)"),
        ("regularizers/l1.py", "L1.backward", "yb * self.l1 * np.sign(w)", "yb * self.l1 / np.sign(w)"),
    ),
    **_rows(RARE,
        ("layers/recurrent.py", "Recurrent.masks", "self.numbers(seed, row.shape[-2:], row.dtype) >= rate", "self.numbers(seed, row.shape[-2:], row.dtype) > rate"),
        ("networks/grid_world.py", "ActionValues.chosen", "draws[..., :1] < self.epsilon", "draws[..., :1] <= self.epsilon"),
        ("networks/rbm.py", "RBM.unit", "draw < probability", "draw <= probability"),
        ("layers/dropout.py", "Dropout.keeps", "self.numbers(seed, shape, x.dtype) >= self.rate", "self.numbers(seed, shape, x.dtype) > self.rate"),
        ("layers/dropping.py", "Dropping.keeps", "self.numbers(seed, shape, p.dtype) >= self.dropout", "self.numbers(seed, shape, p.dtype) > self.dropout"),
    ),
    **_rows(WHOLE,
        ("optimizers/loss_scale_optimizer.py", "LossScaleOptimizer.apply", "counter + 1 > self.dynamic_growth_steps - 0.5", "counter + 1 >= self.dynamic_growth_steps - 0.5"),
        ("networks/dqn.py", "DQN.frozen", "steps % self.every < 0.5", "steps % self.every <= 0.5"),
        ("networks/look_up.py", "LookUp.one_hot", "np.abs(number - np.arange(W.shape[-2])) < 0.5", "np.abs(number - np.arange(W.shape[-2])) <= 0.5"),
        ("optimizers/in_turn.py", "InTurn.apply", "np.abs(turn - player) < 0.5", "np.abs(turn - player) <= 0.5"),
    ),
    **_rows(COMMUTES,
        ("optimizers/newton_schulz.py", "NewtonSchulz.even", "c * gram @ gram", "gram @ (c * gram)"),
    ),
    **_rows(EITHER_WAY,
        ("optimizers/newton_schulz.py", "NewtonSchulz.forward", "x.shape[-2] > x.shape[-1]", "x.shape[-2] >= x.shape[-1]"),
        ("optimizers/newton_schulz.py", "NewtonSchulz.forward", "-2", "-1"),
        ("optimizers/newton_schulz.py", "NewtonSchulz.forward", "-1", "0"),
    ),
    **_rows(DEVIATIONS,
        ("regression.py", "least_squares", "y - y_mean", "y + y_mean"),
        ("regression.py", "least_squares", "y - y_mean", "y"),
    ),
    **_rows(SYMMETRIC,
        ("regression.py", "left_inverse", "-2", "-1"),
        ("regression.py", "left_inverse", "-2", "2"),
    ),
    **_rows(MAGNITUDE,
        ("losses/mean_absolute_percentage_error.py", "MeanAbsolutePercentageError.samples", "(T - O) / np.maximum(np.abs(T), EPSILON)", "-((T - O) / np.maximum(np.abs(T), EPSILON))"),
    ),
    **_rows(FAR,
        ("layers/multi_head_attention.py", "LOWEST", "3.38953e+38", "3.38953e+38"),
        ("layers/multi_head_attention.py", "FAR_BELOW", "-1000000000.0", "-999999999.0"),
        ("layers/attention.py", "FAR_BELOW", "1000000000.0", "1000000001.0"),
        ("schedules/cosine_decay_restarts.py", "LAST", "8300000000000000.0", "8300000000000001.0"),
        ("losses/log_sum_exp.py", "NEVER", "100", "101"),
        ("losses/log_sum_exp.py", "settled", "x > NEVER / 2", "x >= NEVER / 2"),
        ("losses/log_sum_exp.py", "settled", "NEVER / 2", "NEVER * 2"),
        ("losses/log_sum_exp.py", "settled", "NEVER / 2", "NEVER"),
        ("losses/log_sum_exp.py", "settled", "2", "3"),
    ),
    **_rows(ONE_SAMPLE,
        ("networks/self_organizing_map.py", "SelfOrganizingMap.propagate", "np.sum", "np.mean", 2),
        ("networks/q_learning.py", "QLearning.error", "np.sum", "np.mean"),
        ("networks/sarsa.py", "Sarsa.error", "np.sum", "np.mean"),
        ("networks/instar.py", "Instar.propagate", "np.sum", "np.mean", 2),
    ),
    **_rows(EQUAL_BY_ORDER,
        ("functions.py", "first_smallest", "places < k", "places <= k"),
    ),
}
# fmt: on


def reason(mutant):
    """Return why a mutant cannot show, or ""."""
    return ROWS.get((mutant.tree, *mutant.key), "")


def rows_of(tree, file):
    """Return the rows of one file of a tree."""
    return [row for row in ROWS if row[:2] == (tree, file)]
