"""The table of defects planted into the networks of the books and their optimizers."""

import numpy as np

from equivalence.pairs.plant import Plant
from equivalence.steps.pair import Pair

ADAM, ONE, TWO = "optimizers/adam.py", "networks/one_layer.py", "networks/two_layer.py"
MSE, CCE = "losses/mean_squared_error.py", "losses/categorical_crossentropy.py"
SIGMOID = "sigmoid-2-2-2"
MUON, SCHULZ = "optimizers/muon.py", "optimizers/newton_schulz.py"
AHEAD = "optimizers/nesterov_look_ahead.py"

# fmt: off
# Changes that read the same in both trees.
BOTH = (
    ("beta_2 for beta_1", ADAM, "(gradient - m) * (1 - self.beta_1)", "(gradient - m) * (1 - self.beta_2)", "adam", "slots"),
    ("beta_1 for beta_2 in the power", ADAM, "self.beta_2**step", "self.beta_1**step", "adam", "weights"),
    ("no first bias correction", ADAM, " / (1 - beta_1_power)", "", "adam", "weights"),
    ("epsilon ten times as large", ADAM, "+ self.epsilon)  # (6)", "+ 10 * self.epsilon)  # (6)", "small-adam", "weights"),
    ("no epsilon", ADAM, " + self.epsilon)  # (6)", ")  # (6)", "small-adam", "weights"),
    ("one step too many", ADAM, "self.beta_1**step", "self.beta_1 ** (step + 1)", "adam", "weights"),
    ("first moment not kept", ADAM, "return variable, (m, v)", "return variable, (m * 0, v)", "adam", "slots"),
    ("moments swapped", ADAM, "return variable, (m, v)", "return variable, (v, m)", "adam", "slots"),
    ("step against the gradient", "optimizers/sgd.py", "variable - gradient", "variable + gradient", "dense-2-2", "weights"),
    ("rate off by 1e-4 of itself", "optimizers/sgd.py", "learning_rate  #", "learning_rate * 1.0001  #", "dense-2-2", "weights"),
    ("momentum not applied", "optimizers/momentum.py", "velocity * self.momentum -", "velocity -", "momentum", "slots", 1),
    ("velocity before its update", "optimizers/momentum.py", "variable + velocity  #", "variable + slots[0]  #", "momentum", "weights"),
    ("no look ahead: plain momentum", AHEAD, "w - v * self.momentum for", "w for", "nesterov-look-ahead", "activations", 1),
    ("looks behind", AHEAD, "w - v * self.momentum for", "w + v * self.momentum for", "nesterov-look-ahead", "activations", 1),
    ("nothing accumulated", "optimizers/adagrad.py", "accumulator = accumulator + ", "accumulator = 0 * accumulator + ", "adagrad", "slots"),
    ("accumulator from 0", "optimizers/adagrad.py", "(variable) + self.initial_accumulator_value", "(variable)", "adagrad", "start"),
    ("epsilon left out of the root", "optimizers/adagrad.py", "accumulator + self.epsilon", "accumulator", "small-adagrad", "weights"),
    ("rho and 1 - rho swapped", "optimizers/rmsprop.py", "self.rho * velocity + (1 - self.rho) *", "(1 - self.rho) * velocity + self.rho *", "rmsprop", "slots"),
    ("correction left out", "optimizers/adam_textbook.py", "v / (1 - self.beta_2**step)", "v", "adam-textbook", "weights"),
    ("missing bias", ONE, "X @ W + B", "X @ W + 0 * B", "dense-2-2", "activations"),
    ("missing output bias", TWO, "H @ WO + BO", "H @ WO + 0 * BO", SIGMOID, "activations"),
    ("bias counted twice", TWO, "I @ WH + BH", "I @ WH + BH + BH", SIGMOID, "activations"),
    ("hidden activation skipped", TWO, "H = self.hidden.forward(A)", "H = A", SIGMOID, "activations"),
    ("x^2 for x", "networks/quadratic.py", "w2 * X + b", "w2 * X * X + b", "quadratic-rmse", "activations"),
    ("stale gradient", ONE, "return Propagation((Z, Y), E, (Wb, Bb), (Yb,))", "last = self.__dict__.setdefault('last', []); last.append((Wb, Bb)); return Propagation((Z, Y), E, last[max(0, len(last) - 2)], (Yb,))", "dense-2-2", "gradients", 1),
    ("gradient of the bias forgotten", ONE, "E, (Wb, Bb), (Yb,))", "E, (Wb, Bb * 0), (Yb,))", "dense-2-2", "gradients"),
    ("coefficient a of the iteration off by 1e-5 of itself", SCHULZ, "return a * x", "return 1.00001 * a * x", "given-muon", "weights"),
    ("coefficient b off by 1e-13 of itself in float64", SCHULZ, "return b * gram", "return (1 + 1e-13) * b * gram", "given-muon", "weights", 0, "float64"),
    ("coefficients b and c swapped", SCHULZ, "b, c), a)", "c, b), a)", "given-muon", "weights"),
    ("one step of the iteration too many", SCHULZ, "range(steps)", "range(steps + 1)", "given-muon", "weights"),
    ("the square's own matrix left out", SCHULZ, "(c * gram) @ gram", "(c * gram)", "given-muon", "weights"),
    ("no 1e-7 beside the norm, in float64", SCHULZ, "norm + 1e-7", "norm", "given-muon", "weights", 0, "float64"),
    ("rows normalised one by one", SCHULZ, "(-2, -1)", "-1", "given-muon", "weights"),
    ("nesterov with momentum and gradient swapped", MUON, "gradient + self.momentum * m if", "m + self.momentum * gradient if", "given-muon-nesterov", "weights", 1),
    ("nesterov where there is none", MUON, "if self.nesterov else m", "", "given-muon", "weights", 1),
    ("scaled by the shorter side", MUON, "max(variable", "min(variable", "given-muon", "weights"),
    ("scale left out", MUON, "update * sqrt(longer) * self.rms_rate", "update * sqrt(longer)", "given-muon", "weights"),
    ("a bias decays as a kernel", MUON, "self.adam_weight_decay if variable.shape[-2] == 1 else self.weight_decay", "self.weight_decay", "given-muon", "weights"),
    ("decay of a kernel left out", MUON, "else self.weight_decay", "else None", "given-muon", "weights"),
    ("beta_2 for beta_1 of a bias", MUON, "(gradient - m) * (1 - self.adam_beta_1)", "(gradient - m) * (1 - self.adam_beta_2)", "given-muon", "slots"),
    ("epsilon of a bias ten times as large", MUON, "+ self.epsilon)", "+ 10 * self.epsilon)", "given-muon", "weights"),
    ("a bias learns at the whole rate", MUON, " * self.adam_lr_ratio", "", "given-muon", "weights"),
    ("momentum added in full", MUON, "m * (self.momentum - 1)", "m * self.momentum", "given-muon", "slots", 1),
    ("gradients of two layers swapped", TWO, "E, (WHb, BHb, WOb, BOb), ", "E, (WOb, BHb, WHb, BOb), ", SIGMOID, "gradients"),
)

# Changes of the backward pass that NumPy writes out.
NUMPY = (
    ("dropped 2", MSE, "(2 * (O - T))", "(O - T)", "dense-2-2", "flows"),
    ("dropped 1/n", MSE, "each = Sb[..., None] / n", "each = Sb[..., None]", "dense-2-2", "flows"),
    ("dropped 1/batch", CCE, "np.ones_like(O) / batch", "np.ones_like(O)", "iris-softmax", "flows"),
    ("loss without the mean", MSE, "axis=-1) / n", "axis=-1)", "dense-2-2", "loss"),
    ("transposed weight", TWO, "Ob @ WO.mT", "Ob @ WO", SIGMOID, "flows"),
    ("derivative of the hidden activation skipped", TWO, "self.hidden.backward(Ob @ WO.mT, A, H)", "Ob @ WO.mT", SIGMOID, "flows"),
    ("inputs and hidden layer confused", TWO, "I.mT @ Hb", "H.mT @ Hb", SIGMOID, "gradients"),
    ("mean for the sum over the batch", ONE, "axis=-2, keepdims=True)", "axis=-2, keepdims=True) / X.shape[-2]", "quadratic-adam-minibatch", "gradients"),
    ("y (1 + y)", "activations/sigmoid.py", "(1 - y)  # (2)", "(1 + y)  # (2)", SIGMOID, "flows"),
    ("1 - y for 1 - y^2", "activations/tanh.py", "np.square(y)", "y", "tanh-2-2-2", "flows"),
    ("rectifier lets all gradients pass", "activations/relu.py", "np.where(y > 0, yb, 0)", "yb", "quadratic-relu", "flows"),
    ("float32 where float64 is meant", "activations/tanh.py", "np.tanh(x)", "np.tanh(x.astype(np.float32)).astype(x.dtype)", "tanh-2-2-2", "activations", 0, "float64"),
    ("softmax over the wrong axis", "activations/softmax.py", "powers / np.sum(powers, axis=-1, keepdims=True)", "powers / np.sum(powers, axis=-2, keepdims=True)", "iris-softmax", "activations"),
    ("epsilon moved into the root", ADAM, "np.sqrt(v) + self.epsilon", "np.sqrt(v + self.epsilon)", "small-adam", "weights"),
    ("epsilon moved out of the root", "optimizers/rmsprop.py", "np.sqrt(velocity + self.epsilon)", "np.sqrt(velocity) + self.epsilon", "small-rmsprop", "weights"),
    ("root forgotten", "optimizers/adagrad.py", "np.sqrt(accumulator + self.epsilon)", "accumulator + self.epsilon", "adagrad", "weights"),
    ("a square matrix comes back transposed", SCHULZ, "x.mT if tall else x  # (3)", "x.mT if tall or x.shape[-2] == x.shape[-1] else x  # (3)", "given-muon", "weights"),
    ("X'X for XX' of a square matrix", SCHULZ, "x @ x.mT", "x.mT @ x if x.shape[-2] == x.shape[-1] else x @ x.mT", "given-muon", "weights"),
)

# Changes of what TensorFlow's twin computes before its tape.
TENSORFLOW = (
    ("dropped 1/n", MSE, "tf.reduce_mean(tf.square(O - T), axis=-1)", "tf.reduce_sum(tf.square(O - T), axis=-1)", "dense-2-2", "loss"),
    ("half the squared error", MSE, "tf.square(O - T)", "0.5 * tf.square(O - T)", "dense-2-2", "loss"),
    ("sum for the mean over the batch", CCE, "tf.reduce_mean(sample", "tf.reduce_sum(sample", "iris-softmax", "loss"),
    ("float32 where float64 is meant", "activations/tanh.py", "tf.tanh(x)", "tf.cast(tf.tanh(tf.cast(x, 'float32')), x.dtype)", "tanh-2-2-2", "activations", 0, "float64"),
    ("hard sigmoid for sigmoid", "activations/sigmoid.py", "tf.sigmoid(x)", "tf.clip_by_value(0.2 * x + 0.5, 0.0, 1.0)", SIGMOID, "activations"),
    ("half the gradient stopped", TWO, "self.hidden.forward(A)", "self.hidden.forward(0.5 * A + tf.stop_gradient(0.5 * A))", SIGMOID, "flows"),
    ("transposed weight", TWO, "H @ WO + BO", "H @ tf.linalg.matrix_transpose(WO) + BO", SIGMOID, "activations"),
    ("epsilon moved into the root", ADAM, "tf.sqrt(v) + self.epsilon", "tf.sqrt(v + self.epsilon)", "small-adam", "weights"),
    ("epsilon moved out of the root", "optimizers/rmsprop.py", "tf.sqrt(velocity + self.epsilon)", "tf.sqrt(velocity) + self.epsilon", "small-rmsprop", "weights"),
    ("float32 beta in float64", ADAM, "self.beta_1**step", "tf.cast(tf.constant(self.beta_1, 'float32'), step.dtype) ** step", "adam", "weights", 0, "float64"),
    ("root mean forgotten", "losses/root_mean_squared_error.py", "tf.sqrt(mean)", "mean", "quadratic-rmse", "loss"),
    ("a square matrix comes back transposed", SCHULZ, "tf.linalg.matrix_transpose(x) if tall else x  # (3)", "tf.linalg.matrix_transpose(x) if tall or x.shape[-2] == x.shape[-1] else x  # (3)", "given-muon", "weights"),
    ("X'X for XX' of a square matrix", SCHULZ, "return x @ tf.linalg.matrix_transpose(x)", "return tf.linalg.matrix_transpose(x) @ x if x.shape[-2] == x.shape[-1] else x @ tf.linalg.matrix_transpose(x)", "given-muon", "weights"),
    ("float32 coefficients in float64", SCHULZ, "self.odd(x, self.even(self.gram(x), b, c), a)", "self.odd(x, self.even(self.gram(x), b, c), tf.cast(tf.constant(a, 'float32'), x.dtype))", "given-muon", "weights", 0, "float64"),
)
# fmt: on


def _row(tree, name, *row):
    return Plant(name, tree, *row, group="networks")


PLANTS = (
    *(_row(tree, *row) for tree in ("refimpl", "tfimpl") for row in BOTH),
    *(_row("refimpl", *row) for row in NUMPY),
    *(_row("tfimpl", *row) for row in TENSORFLOW),
)

STEPS = 3
SHAPES = ((2, 2), (1, 2), (2, 2), (1, 2))


def _features():
    rng = np.random.default_rng(0)
    return rng.normal(size=(5, 2)), rng.normal(size=(5, 2))


def _small(name, optimizer):
    """Return a descent whose gradients are so small that epsilon counts."""
    return Pair(
        name,
        "planted defects",
        network=lambda m: m.Point(),
        optimizer=optimizer,
        start=lambda: ([[-1.9999]],),
        data=lambda: (np.ones((1, 1)), np.full((1, 1), -2.0)),
        epochs=STEPS,
    )


# Runs that show what no row of the book's pairs can.
MORE_PAIRS = {
    row.name: row
    for row in (
        _small("small-adagrad", lambda m: m.Adagrad(0.5, 1e-6, 1e-7)),
        _small("small-adam", lambda m: m.Adam(0.001)),
        _small("small-rmsprop", lambda m: m.RMSprop(0.001)),
        Pair(  # with units that the rectifier switches off
            "quadratic-relu",
            "planted defects",
            network=lambda m: m.TwoLayer(m.ReLU(), m.Output()),
            optimizer=lambda m: m.SGD(0.01),
            start=lambda: tuple(np.random.default_rng(1).normal(size=s) for s in SHAPES),
            data=_features,
            epochs=STEPS,
        ),
    )
}
