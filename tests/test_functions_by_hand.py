"""Every activation and loss against what stands outside both trees.

Activations against the formula of their paper, or of Keras's documentation, in Python's ``math``
number by number, or against SciPy; losses against the numbers that Keras's documentation prints,
scikit-learn, SciPy, or sums written out.  Only values: derivatives are those of the values
(``test_exact_gradients``).
"""

from math import cosh, erf, exp, log, pi, sqrt, tanh
from statistics import NormalDist

import numpy as np
import pytest
import scipy.optimize
import scipy.special
import scipy.stats
from sklearn import metrics

from refimpl import activations as a
from refimpl import losses

X = (-4.0, -2.5, -1.0, -0.75, -0.5, -0.125, 0.0, 0.25, 0.5, 0.75, 1.0, 2.5, 4.0, 7.0)
PHI = NormalDist().cdf
# alpha' of Klambauer et al. 2017 and the scale, of their (14), from the moments below.
LAMBDA, ALPHA = 1.0507009873554805, 1.6732632423543772

FORMULAS = {
    # of numbers: an activation, and what it is of one number
    "CELU": (a.CELU(0.5), lambda x: max(0, x) + min(0, 0.5 * (exp(x / 0.5) - 1))),
    "ELU": (a.ELU(0.5), lambda x: x if x > 0 else 0.5 * (exp(x) - 1)),
    "SELU": (a.SELU(), lambda x: LAMBDA * (x if x > 0 else ALPHA * (exp(x) - 1))),
    "GELU": (a.GELU(), lambda x: x * PHI(x)),
    "GELUTanh": (
        a.GELUTanh(),
        lambda x: 0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))),
    ),
    "BinaryStep": (a.BinaryStep(), lambda x: float(x > 0)),
    "Exponential": (a.Exponential(), exp),
    "Gaussian": (a.Gaussian(), lambda x: exp(-x * x)),
    "GeneralReLU": (
        a.GeneralReLU(0.25, 2.0, 0.5),
        lambda x: min(x, 2.0) if x > 0.5 else 0.25 * (x - 0.5),
    ),
    "HardShrink": (a.HardShrink(0.5), lambda x: x if abs(x) > 0.5 else 0.0),
    "HardSigmoid": (a.HardSigmoid(), lambda x: min(max(x / 6 + 0.5, 0), 1)),
    "HardSiLU": (a.HardSiLU(), lambda x: x * min(max(x + 3, 0), 6) / 6),
    "HardTanh": (a.HardTanh(), lambda x: min(max(x, -1), 1)),
    "LeakyReLU": (a.LeakyReLU(0.25), lambda x: x if x > 0 else 0.25 * x),
    "Linear": (a.Linear(), lambda x: x),
    "LogSigmoid": (a.LogSigmoid(), lambda x: -log(1 + exp(-x))),
    "Mish": (a.Mish(), lambda x: x * tanh(log(1 + exp(x)))),
    "ReLU": (a.ReLU(), lambda x: max(x, 0)),
    "ReLU6": (a.ReLU6(), lambda x: min(max(x, 0), 6)),
    "Sigmoid": (a.Sigmoid(), lambda x: (1 + tanh(x / 2)) / 2),
    "SiLU": (a.SiLU(), lambda x: x / (1 + exp(-x))),
    "SoftShrink": (a.SoftShrink(0.5), lambda x: (abs(x) > 0.5) * (x - (0.5 if x > 0 else -0.5))),
    "Softplus": (a.Softplus(), lambda x: log(1 + exp(x))),
    "Softsign": (a.Softsign(), lambda x: x / (1 + abs(x))),
    "SparsePlus": (a.SparsePlus(), lambda x: x if x > 1 else 0 if x < -1 else (x + 1) ** 2 / 4),
    "SparseSigmoid": (a.SparseSigmoid(), lambda x: min(max((x + 1) / 2, 0), 1)),
    "Squareplus": (a.Squareplus(4), lambda x: (x + sqrt(x * x + 4)) / 2),
    "Tanh": (a.Tanh(), lambda x: (exp(2 * x) - 1) / (exp(2 * x) + 1)),
    "TanhShrink": (a.TanhShrink(), lambda x: x - (exp(2 * x) - 1) / (exp(2 * x) + 1)),
    "Threshold": (a.Threshold(0.5, -3.0), lambda x: x if x > 0.5 else -3.0),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_an_activation_is_its_papers_formula_number_by_number(name):
    activation, formula = FORMULAS[name]
    found = activation.forward(np.array([X]))
    assert found[0] == pytest.approx([formula(x) for x in X], rel=1e-12, abs=1e-15)


def test_the_constants_of_selu_keep_mean_0_and_variance_1_of_normal_numbers():
    """Klambauer et al. 2017, (3) to (5): the fixed point of both moments, by quadrature."""
    places, shares = np.polynomial.hermite_e.hermegauss(200)
    y = a.SELU().forward(places[None])[0]
    shares = shares / shares.sum()
    assert shares @ y == pytest.approx(0, abs=1e-2)
    assert shares @ (y * y) == pytest.approx(1, abs=1e-2)
    mean = LAMBDA * (1 / sqrt(2 * pi) + ALPHA * (exp(0.5) * PHI(-1) - 0.5))
    square = LAMBDA**2 * (0.5 + ALPHA**2 * (exp(2) * PHI(-2) - 2 * exp(0.5) * PHI(-1) + 0.5))
    assert (mean, square) == (pytest.approx(0, abs=1e-12), pytest.approx(1, rel=1e-12))


ROWS = np.array([[2.0, 1.0, 0.0], [-3.0, 0.5, 4.0], [0.25, 0.25, 0.5]])


def test_softmax_is_scipys():
    assert a.Softmax().forward(ROWS) == pytest.approx(
        scipy.special.softmax(ROWS, axis=-1), rel=1e-14
    )
    assert a.LogSoftmax().forward(ROWS) == pytest.approx(
        scipy.special.log_softmax(ROWS, axis=-1), rel=1e-14
    )


def test_softmax_of_seed_002_is_what_it_prints():
    """5.8: of 2, 1 and 0 the exponentials sum to 11.1073, and the shares are 0.67, 0.24, 0.09."""
    assert f"{np.sum(np.exp([2, 1, 0])):.4f}" == "11.1073"
    shares = a.Softmax().forward(np.array([[2.0, 1.0, 0.0]]))[0]
    assert [f"{share:.2f}" for share in shares] == ["0.67", "0.24", "0.09"]


def test_sparsemax_is_the_nearest_point_of_the_simplex_by_bisection():
    """Martins and Astudillo 2016, (2): x - tau cut at 0, with tau so that the sum is 1."""
    for row in ROWS:
        tau = scipy.optimize.brentq(
            lambda t, x=row: np.maximum(x - t, 0).sum() - 1, -10, 10, xtol=1e-15
        )
        assert a.Sparsemax().forward(row[None])[0] == pytest.approx(
            np.maximum(row - tau, 0), abs=1e-12
        )


def test_a_gated_linear_unit_is_one_half_times_the_sigmoid_of_the_other():
    x = np.array([[1.0, -2.0, 0.5, 3.0]])
    assert a.GLU().forward(x) == pytest.approx(x[:, :2] * scipy.special.expit(x[:, 2:]), rel=1e-14)


def test_the_error_function_of_gelu_is_pythons():
    """Hendrycks and Gimpel 2016: x (1 + erf(x / sqrt(2))) / 2."""
    expected = [x * (1 + erf(x / sqrt(2))) / 2 for x in X]
    assert a.GELU().forward(np.array([X]))[0] == pytest.approx(expected, rel=1e-12, abs=1e-15)


# ------------------------------------------------------------------------------ losses

# What Keras 3.15's documentation of each class prints for these outputs and targets.
TWO, FOUR = [[0.0, 1.0], [0.0, 0.0]], [[0.6, 0.4], [0.4, 0.6]]
HOT, ROW = [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], [[0.05, 0.95, 0.0], [0.1, 0.8, 0.1]]
LOGITS = [[-18.6, 0.51], [2.94, -12.8]]
MASK = np.array([1, 1, 0, 0, 1, 1, 0, 0], float).reshape(2, 4)
SEEN = np.array([0, 1, 0, 1, 0.4, 0, 0, 0.9]).reshape(2, 4)
DOCUMENTED = (
    # loss, targets, outputs, what is printed
    ("MeanSquaredError", {}, [[1.0, 0.0, 1.0]], [[0.9, 0.1, 0.8]], "0.02"),
    ("MeanAbsoluteError", {}, [[1.0, 0.3, 1.0]], [[1.9, 0.3, 1.8]], "0.5666667"),
    (
        "MeanAbsolutePercentageError",
        {},
        [[100.0, 200.0, 300.0]],
        [[90.0, 210.0, 310.0]],
        "6.111111",
    ),
    ("BinaryCrossentropy", {"reduction": "none"}, TWO, FOUR, "0.916 0.714"),
    ("BinaryCrossentropyFromLogits", {}, TWO, LOGITS, "0.8654"),
    ("BinaryCrossentropyFromLogits", {"reduction": "sum"}, TWO, LOGITS, "1.730"),
    ("BinaryCrossentropyFromLogits", {"reduction": "none"}, TWO, LOGITS, "0.235 1.496"),
    ("BinaryFocalCrossentropy", {"reduction": "none"}, TWO, FOUR, "0.330 0.206"),
    ("BinaryFocalCrossentropyFromLogits", {}, TWO, LOGITS, "0.691"),
    ("BinaryFocalCrossentropyFromLogits", {"apply_class_balancing": True}, TWO, LOGITS, "0.51"),
    ("BinaryFocalCrossentropyFromLogits", {"gamma": 3.0}, TWO, LOGITS, "0.647"),
    ("CategoricalCrossentropyFromProbabilities", {}, HOT, ROW, "1.177"),
    ("CategoricalCrossentropyFromProbabilities", {"reduction": "none"}, HOT, ROW, "0.0513 2.303"),
    ("CategoricalFocalCrossentropy", {}, HOT, ROW, "0.23315276"),
    ("SparseCategoricalCrossentropy", {}, [[1.0], [2.0]], ROW, "1.177"),
    ("Huber", {}, TWO, FOUR, "0.155"),
    ("LogCosh", {}, TWO, [[1.0, 1.0], [0.0, 0.0]], "0.108"),
    (
        "CosineSimilarity",
        {"reduction": "none"},
        [[0.0, 1.0], [1.0, 1.0]],
        [[1.0, 0.0], [1.0, 1.0]],
        "-0. -1.0",
    ),
    ("Dice", {}, MASK, SEEN, "0.6164384"),
    ("Dice", {"axis": -1, "reduction": "none"}, MASK, SEEN, "0.5 0.75757575"),
)


@pytest.mark.parametrize(("name", "options", "targets", "outputs", "printed"), DOCUMENTED)
def test_a_loss_is_what_kerass_documentation_prints(name, options, targets, outputs, printed):
    loss = getattr(losses, name)(**options)
    found = np.ravel(loss.forward(np.array(outputs), np.array(targets)))
    for value, figure in zip(found, printed.split(), strict=True):
        unit = 10.0 ** -len(figure.partition(".")[2])  # some digits are cut off, all are float32's
        assert abs(value - float(figure)) <= unit + 2.0**-24, (value, figure)


RNG = np.random.default_rng(0)
OUTPUTS, TARGETS = RNG.normal(size=(2, 5, 4))
CHANCES = scipy.special.softmax(RNG.normal(size=(2, 5, 4)), axis=-1)
LABELS = np.array([0, 3, 1, 1, 2])
SIGNS = np.where(TARGETS > 0, 1.0, -1.0)
ONE_HOT = np.eye(4)[LABELS]
TRUE, PREDICTED = np.abs(TARGETS) + 0.5, np.abs(OUTPUTS) + 0.5
SOFTMAX = scipy.special.softmax(OUTPUTS, axis=-1)
COMMON = ONE_HOT * CHANCES[0]


def log_loss(chances):
    return metrics.log_loss(LABELS, chances, labels=range(4))


def poisson_loss(true, predicted):
    """Return predicted - true log(predicted): half the deviance, and what it leaves out."""
    left_out = np.mean(true * np.log(true) - true)
    return metrics.mean_poisson_deviance(true.ravel(), predicted.ravel()) / 2 - left_out


OF_SCIKIT_LEARN = {
    # a loss, its outputs and targets, and what scikit-learn or SciPy says
    "MeanSquaredError": (OUTPUTS, TARGETS, metrics.mean_squared_error(TARGETS, OUTPUTS)),
    "RootMeanSquaredError": (
        OUTPUTS[:, :1],
        TARGETS[:, :1],
        metrics.root_mean_squared_error(TARGETS[:, 0], OUTPUTS[:, 0]),
    ),
    "MeanAbsoluteError": (OUTPUTS, TARGETS, metrics.mean_absolute_error(TARGETS, OUTPUTS)),
    "MeanAbsolutePercentageError": (
        PREDICTED,
        TRUE,
        100 * metrics.mean_absolute_percentage_error(TRUE, PREDICTED),
    ),
    "MeanSquaredLogarithmicError": (
        PREDICTED,
        TRUE,
        metrics.mean_squared_log_error(TRUE, PREDICTED),
    ),
    "CategoricalCrossentropyFromProbabilities": (CHANCES[0], ONE_HOT, log_loss(CHANCES[0])),
    "CategoricalCrossentropyFromLogits": (OUTPUTS, ONE_HOT, log_loss(SOFTMAX)),
    "CategoricalCrossentropy": (OUTPUTS, ONE_HOT, log_loss(SOFTMAX)),
    "SparseCategoricalCrossentropyFromLogits": (OUTPUTS, LABELS[:, None], log_loss(SOFTMAX)),
    "BinaryCrossentropyFromLogits": (
        OUTPUTS,
        (SIGNS + 1) / 2,
        metrics.log_loss((SIGNS.ravel() + 1) / 2, scipy.special.expit(OUTPUTS.ravel())),
    ),
    "Hinge": (OUTPUTS, SIGNS, metrics.hinge_loss(SIGNS.ravel(), OUTPUTS.ravel())),
    "KLDivergence": (
        CHANCES[0],
        CHANCES[1],
        scipy.special.rel_entr(CHANCES[1], CHANCES[0]).sum(axis=-1).mean(),
    ),
    "Huber": (OUTPUTS, TARGETS, scipy.special.huber(1.0, OUTPUTS - TARGETS).mean()),
    "Poisson": (PREDICTED, TRUE, poisson_loss(TRUE, PREDICTED)),
    "Tversky": (
        CHANCES[0],
        ONE_HOT,
        1 - COMMON.sum() / (COMMON + 0.5 * np.abs(ONE_HOT - CHANCES[0])).sum(),
    ),
}


@pytest.mark.parametrize("name", OF_SCIKIT_LEARN)
def test_a_loss_is_what_scikit_learn_or_scipy_says(name):
    outputs, targets, expected = OF_SCIKIT_LEARN[name]
    found = getattr(losses, name)().forward(outputs, targets)
    assert found == pytest.approx(expected, rel=1e-6)  # 1e-7 stands beside logarithms in Keras


def test_a_log_of_a_sum_of_exponentials_is_scipys():
    assert losses.LogSumExp().forward(OUTPUTS) == pytest.approx(
        scipy.special.logsumexp(OUTPUTS, axis=-1), rel=1e-14
    )


def test_half_the_squared_error_by_hand():
    """Seed 001, 422 and 423: E(p) = (p + 2)^2 / 2 is 2 at 0, 1/2 at -1, 9/2 at -5, 2 at -4."""
    half = losses.HalfSquaredError()
    for p, E in ((0.0, 2.0), (-1.0, 0.5), (-5.0, 4.5), (-4.0, 2.0)):
        assert half.forward(np.array([[p]]), np.array([[-2.0]])) == E


WRONG = (
    # outputs, signs, and 1 - t o where it is above 0: by hand
    ([[0.5, -2.0, 3.0]], [[1.0, 1.0, -1.0]], (0.5, 3.0, 4.0)),
    ([[1.5, -1.0, 0.25]], [[1.0, -1.0, 1.0]], (0.0, 0.0, 0.75)),
)


def test_hinges_by_hand():
    for outputs, signs, short in WRONG:
        O, T = np.array(outputs), np.array(signs)
        assert losses.Hinge().forward(O, T) == pytest.approx(sum(short) / 3, rel=1e-15)
        squared = sum(s * s for s in short) / 3
        assert losses.SquaredHinge().forward(O, T) == pytest.approx(squared, rel=1e-15)


def test_a_categorical_hinge_by_hand():
    """Keras's text: max(1 + the largest of the others - that of the class, 0)."""
    found = losses.CategoricalHinge()
    O = np.array([[0.6, 0.4, 0.1], [0.2, 3.0, 0.5]])
    T = np.array([[0.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    assert found.forward(O, T) == pytest.approx((1 + 0.6 - 0.4 + 0.0) / 2, rel=1e-14)


def test_log_cosh_is_the_logarithm_of_cosh():
    expected = np.mean([log(cosh(x)) for x in (OUTPUTS - TARGETS).ravel()])
    assert losses.LogCosh().forward(OUTPUTS, TARGETS) == pytest.approx(expected, rel=1e-13)


def test_generalized_cross_entropy_is_between_two_losses():
    """Zhang and Sabuncu 2018: (1 - p^q) / q; with q = 1 the error 1 - p, towards 0 -log p."""
    p = CHANCES[0][range(5), LABELS]
    kind, T = losses.CategoricalGeneralizedCrossEntropy, LABELS[:, None].astype(float)
    assert kind(1.0).forward(CHANCES[0], T) == pytest.approx(np.mean(1 - p), rel=1e-14)
    assert kind(1e-9).forward(CHANCES[0], T) == pytest.approx(np.mean(-np.log(p)), rel=1e-6)
    assert kind(0.5).forward(CHANCES[0], T) == pytest.approx(2 * np.mean(1 - np.sqrt(p)), rel=1e-14)


def test_focal_losses_are_cross_entropy_times_a_power():
    """Lin et al. 2017, (4) and (5): (1 - p)^gamma, and alpha of each class."""
    p = CHANCES[0][range(5), LABELS]
    of_class = np.mean(0.25 * (1 - p) ** 3 * -np.log(p))
    focal = losses.CategoricalFocalCrossentropy(gamma=3.0)
    assert focal.forward(CHANCES[0], ONE_HOT) == pytest.approx(of_class, rel=1e-6)
    logits = losses.CategoricalFocalCrossentropyFromLogits(gamma=3.0)
    assert logits.forward(np.log(CHANCES[0]), ONE_HOT) == pytest.approx(of_class, rel=1e-12)


def test_the_circle_loss_is_its_sums_over_pairs():
    """Sun et al. 2020, (6), of each sample: log(1 + sum over unlike times sum over like)."""
    rng = np.random.default_rng(3)
    O = rng.normal(size=(5, 3))
    O, classes = O / np.linalg.norm(O, axis=1, keepdims=True), np.array([0, 1, 0, 1, 1])
    gamma, m = 16.0, 0.25
    each = []
    for i in range(5):
        s = O @ O[i]
        like = [s[j] for j in range(5) if classes[j] == classes[i] and j != i]
        unlike = [s[j] for j in range(5) if classes[j] != classes[i]]
        of_like = sum(exp(-gamma * max(1 + m - x, 0) * (x - (1 - m))) for x in like)
        of_unlike = sum(exp(gamma * max(x + m, 0) * (x - m)) for x in unlike)
        each.append(log(1 + of_like * of_unlike))
    found = losses.Circle(gamma, m).forward(O, classes[:, None].astype(float))
    assert found == pytest.approx(np.mean(each), rel=1e-12)
