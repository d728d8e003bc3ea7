"""The topics of seed 000: gradients are derivatives, runs are certified, wrong lines show.

The rows and what is planted into them stand in ``equivalence/pairs/models/topics.py``.
Which engine certifies a row goes round; ``equivalence verify --group models`` runs all of them.
"""

from dataclasses import replace
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from helpers.engines import EAGER, ENGINES
from helpers.turns import each_with_engine, in_turn, named, thinned
from sklearn.metrics.pairwise import cosine_similarity

from equivalence import trees
from equivalence.arithmetic.exact import precision
from equivalence.judge import derivative
from equivalence.pairs.models import topics, topics_data
from equivalence.pairs.models.neurons import CORNERS
from equivalence.pairs.table import PAIRS
from equivalence.plants.killrate import complaint, find, honest
from equivalence.results.result import Spec
from equivalence.runs.run import run
from equivalence.steps import numpy as numpy_runner
from equivalence.steps.program import program

pytestmark = pytest.mark.tensorflow

NAMES = [row.name for row in topics.ROWS]
# The steps after which gradients are tried; agents in a grid world first have to get anywhere.
# Those with many weights are tried once.
TRIED = {
    "sarsa": (60,),
    "q-learning": (60,),
    **dict.fromkeys(("autoencoder", "denoising-autoencoder", "vae", "nearest-neighbours"), (3,)),
}
TRIED_ELSEWHERE = {"at the start": 0, "after three": 3}  # in turn


@cache
def _reference(name, steps, dtype="float64"):
    """Return the program of a row, and the trajectory of NumPy's first steps."""
    reference = program(PAIRS[name], dtype)
    return reference, numpy_runner.run(reference, reference.start(), steps)


# --------------------------------------------------------------------- gradients


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        *thinned(3, [(name, steps) for name, tried in TRIED.items() for steps in tried]),
        *thinned(
            4,
            [
                (name, TRIED_ELSEWHERE[when])
                for name, when in in_turn([n for n in NAMES if n not in TRIED], TRIED_ELSEWHERE)
            ],
        ),
    ],
)
def test_every_gradient_is_a_derivative(name, steps):
    """In exact arithmetic, with held what the rule holds, from a state that the row comes to.

    Along two lines through each weight: a gradient that is not the derivative has another
    slope along a line drawn at random, but for directions of measure 0.
    """
    reference = program(PAIRS[name], "float64")
    state = reference.start()
    if steps:
        reference, trajectory = _reference(name, steps)
        state = trajectory.last_state
    rng = np.random.default_rng(1)
    states = [state.slots[s] for s in reference.layout.states]
    with precision(derivative.BITS):
        weights = tuple(state.weights.values())
        tangent = derivative.Tangent(reference.network, weights, *reference.batch(steps), states)
        for k, weight in enumerate(weights):
            for _ in range(2):
                backward, true, magnitude = tangent.along(k, rng.normal(size=weight.shape))
                close = derivative.AGREE * (magnitude + abs(true) + derivative.SMALLEST)
                what = f"{name}, gradient of {reference.layout.weights[k]}"
                assert abs(backward - true) <= close, what


# ----------------------------------------------------------------------- engines


# A certificate of thousands of steps is for the outer ring.
LONG = ("dqn-that-acts",)
TURNS = [
    *each_with_engine([name for name in NAMES if name not in LONG], ENGINES, EAGER, 32),
    *(pytest.param(*case, marks=pytest.mark.outer) for case in in_turn(LONG, [ENGINES[0]])),
]


@pytest.mark.parametrize(("name", "turn"), TURNS, ids=named)
def test_an_engine_in_turn_is_certified(name, turn):
    twin, engine, dtype = turn
    if twin == "keras" and PAIRS[name].keras is None:
        twin, engine = "tape", "graph" if engine in ("eager", "graph") else "xla"
    result = run(Spec(pair=name, twin=twin, engine=engine, dtype=dtype))
    assert result.expected, result


@pytest.mark.parametrize(
    ("name", "dtype"), [("gan-of-models", "float64"), ("gan-of-models-mixture", "float32")]
)
def test_two_models_of_keras_in_turn_are_certified(name, dtype):
    """float64 is expected to differ: Keras's Adam has float32 betas, in both players."""
    result = run(Spec(pair=name, twin="keras", engine="train_on_batch", dtype=dtype))
    assert result.expected, result
    assert bool(result.defects) == (dtype == "float64")


# ------------------------------------------------------------------------ plants


@pytest.mark.parametrize("plant", thinned(8, topics.PLANTS), ids=str)
def test_the_wrong_line_is_found_at_its_stage_and_step_and_the_right_side_is_blamed(plant):
    finding = find(plant)
    assert finding.as_expected, complaint(finding)


def test_every_topic_has_two_wrong_lines_and_a_name_of_its_own():
    assert len(set(NAMES)) == len(NAMES)
    planted_into = [plant.run for plant in topics.PLANTS]
    assert {name for name in NAMES if planted_into.count(name) < 2} == set()


# ------------------------------------------------------------------ what is known


def _after(name, steps):
    """Return the weights of NumPy's run after some steps, and its trajectory."""
    reference, trajectory = _reference(name, steps)
    return [array[-1] for array in trajectory.weights.values()], trajectory


def test_the_total_least_squares_line_is_the_first_principal_axis():
    x, y = topics_data.pearson()
    points = np.concatenate([x, y], axis=1)
    (dx, dy), _ = np.linalg.svd(points - points.mean(axis=0))[2]
    (a, b), _ = _after("total-least-squares", 5000)
    assert np.allclose([a[0, 0], b[0, 0]], [dy / dx, y.mean() - dy / dx * x.mean()], atol=1e-8)


def test_the_ordinary_line_is_the_one_of_the_normal_equations():
    x, y = topics_data.pearson()
    (a, b), _ = _after("ordinary-least-squares", 3000)
    slope, intercept = np.polyfit(x[:, 0], y[:, 0], 1)
    assert np.allclose([a[0, 0], b[0, 0]], [slope, intercept], atol=1e-8)


def test_the_means_are_those_of_scikit_learn():
    from sklearn.cluster import KMeans

    points, _ = topics_data.clouds()
    theirs = KMeans(3, init=points[:3], n_init=1, algorithm="lloyd").fit(points)
    (means,), _ = _after("k-means", 20)
    assert np.allclose(means, theirs.cluster_centers_)


def test_the_neighbours_are_those_of_a_stable_sort():
    """Squared distances of whole numbers are exact, so equal ones are equal; some are."""
    reference, trajectory = _reference("nearest-neighbours", 10)
    distances = trajectory.activations["distances"]
    order = np.argsort(distances, axis=-1, kind="stable")
    nearest = np.take_along_axis(trajectory.activations["neighbours"], order, axis=-1)
    assert (nearest[..., :3] == 1).all() and (nearest[..., 3:] == 0).all()
    ranked = np.take_along_axis(distances, order, axis=-1)
    assert (ranked[..., 2] == ranked[..., 3]).any()


@pytest.mark.parametrize("name", ["sarsa", "q-learning"])
def test_an_agent_learns_a_way_to_the_goal(name):
    reference, trajectory = _reference(name, 2000)
    world, Q = reference.network.world, trajectory.weights["Q"][-1]
    place, reward = np.array([[2.0, 0.0]]), np.zeros((1, 1))
    for _ in range(5):
        number = int(place[0, 0] * world.columns + place[0, 1])
        place, reward, done = world.step(place, np.full((1, 1), float(np.argmax(Q[number]))))
    assert (done, reward) == (1, 1)


def _longest_run(name):
    """Return a row's program and TensorFlow's trajectory, as long as any plant in it needs."""
    plant = max((p for p in topics.PLANTS if p.run == name), key=lambda p: p.step)
    return honest(plant)[:2]


def test_the_player_who_waits_keeps_weights_and_slots_in_every_bit():
    reference, record = _longest_run("gan")
    for of_all in (record.weights, record.slots):
        for name, array in of_all.items():
            moved = (array[1:] != array[:-1]).any(axis=(-2, -1))
            turns = np.arange(len(moved)) % 2 == int(name.startswith("G"))
            assert (moved == turns).all()


def test_the_target_network_is_copied_at_every_tenth_step_and_stays_between():
    _, record = _longest_run("dqn")
    for name, array in record.weights.items():
        copies = record.slots[f"target.{name}"][1:]
        for step, copy in enumerate(copies):
            assert (copy == array[step - step % 10]).all()


def test_players_need_an_optimizer_each_and_all_of_one_kind():
    m = trees.reference()
    with pytest.raises(ValueError, match="different slots"):
        m.InTurn((m.Adam(), m.SGD()), (0, 1))
    with pytest.raises(ValueError, match="2 optimizers are too few for players"):
        m.InTurn((m.SGD(), m.SGD()), (0, 1, 2))


def test_a_running_mean_is_numpys_mean_of_what_came():
    numbers = topics_data.twenty_numbers()[1].ravel()
    _, trajectory = _reference("running-mean", 20)
    means = [np.mean(numbers[:n]) for n in range(1, 21)]
    assert trajectory.weights["p"].ravel()[1:] == pytest.approx(means, rel=1e-13)
    _, trajectory = _reference("moving-mean", 20)
    shares = 0.1 * 0.9 ** np.arange(20)[::-1]
    assert trajectory.weights["p"].item(-1) == pytest.approx(shares @ numbers, rel=1e-13)


def test_a_generator_that_collapses_makes_one_of_two_distributions_and_then_the_other():
    """Text 000, 8-9, mode collapse: the data lie about two means, what is made about one."""
    reference, trajectory = _reference("gan-of-two", 1040)
    assert 0.4 < np.mean(reference.inputs[..., 1] > 0) < 0.6
    made = trajectory.activations["made"]
    above = {step: np.mean(made[step : step + 40] > 0) for step in (200, 400, 600, 800, 1000)}
    assert all(share in (0, 1) for share in above.values()), above
    assert set(above.values()) == {0, 1}


def test_a_generator_in_keras_collapses_too():
    """Text 000, 8-9: what both compiled models come to stays about one of two means."""
    reference, trajectory = _reference("gan-of-models-mixture", 1600)
    made = trajectory.activations["made"][-40:]
    assert reference.inputs[..., 1].std() > 3.5
    assert np.all(made < -2) and made.std() < 1


def test_a_generator_in_keras_comes_to_the_distribution():
    """Text 000, 8-6: from N(0, 1/4) or so to about the mean of N(4, 1/2)."""
    _, trajectory = _reference("gan-of-models", 1600)
    assert abs(np.mean(trajectory.activations["made"][:40])) < 1
    assert abs(np.mean(trajectory.activations["made"][-40:]) - 4) < 0.5


def test_players_whose_batches_do_not_alternate_are_refused():
    from equivalence.engines.build import runner
    from equivalence.errors import BadInput

    pair = PAIRS["gan-of-models"]
    whole = program(pair, "float32")
    engine = runner(pair, whole, "keras", "train_on_batch")
    wrong = replace(whole, inputs=whole.inputs[::2])
    with pytest.raises(BadInput, match="whose turn it is"):
        engine.run(wrong, engine.start(wrong), 2)


def test_the_best_discriminator_knows_the_chances_and_its_error_is_a_divergence():
    """Text 000, 8-8 (Goodfellow and others 2014, proposition 1 and theorem 1)."""
    reference, trajectory = _reference("best-discriminator", 500)
    p, q = (np.array(counts) / 8 for counts in (topics_data.REAL, topics_data.MADE))
    (W, B), m = (array[-1] for array in trajectory.weights.values()), (p + q) / 2
    best = 1 / (1 + np.exp(-(W + B).ravel()))
    assert best == pytest.approx(p / (p + q), abs=1e-6)
    divergence = (np.sum(p * np.log(p / m)) + np.sum(q * np.log(q / m))) / 2
    assert trajectory.loss["E"][-1] == pytest.approx(np.log(2) - divergence, abs=1e-10)


def test_an_agent_that_acts_fills_its_memory_and_finds_the_goal():
    """Text 000, 10-10 and 10-12: after 3000 steps its best actions lead past the pit."""
    reference, trajectory = _reference("dqn-that-acts", 3000, "float32")
    network, memory = reference.network, trajectory.slots["memory"]
    kept = [int(np.any(memory[step] != 0, axis=-1).sum()) for step in (0, 50, 200, 3000)]
    assert kept == [0, 50, 200, 200]
    weights = [array[-1] for array in trajectory.weights.values()]
    place, ends = np.array([[2.0, 0.0]]), []
    for _ in range(5):  # the goal is three columns and two rows away
        values, _ = network.net.forward(weights, network.scaled(place))
        place, reward, done = network.world.step(place, np.array([[float(values.argmax())]]))
        ends.append(done.item())
    assert ends == [0, 0, 0, 0, 1] and reward == 1


def test_a_perceptron_learns_and_by_rosenblatts_rule_in_fractions():
    """Text 003, A1: w <- w + (t - y) x, step by step; no float rounds."""
    reference, trajectory = _reference("perceptron", 40, "float32")
    w, b = [Fraction(1, 2), Fraction(-1, 2)], Fraction(1, 4)
    for step in range(40):
        x, t = (reference.batch(step)[k].ravel() for k in (0, 1))
        x, y = [*map(int, x)], w[0] * int(x[0]) + w[1] * int(x[1]) + b > 0
        w = [u + (int(t[0]) - y) * v for u, v in zip(w, x)]
        b = b + int(t[0]) - y
        assert trajectory.weights["W"][step + 1].ravel().tolist() == w
        assert trajectory.weights["B"][step + 1].item() == b
    assert [w[0] * p + w[1] * q + b > 0 for p, q in CORNERS] == [True, False, False, False]


def test_radial_basis_functions_tell_xor_apart():
    reference, trajectory = _reference("radial-basis", 200)
    assert np.array_equal(trajectory.activations["O"][-1].round(), reference.targets[0])


def _steps_to_the_goal():
    """Return how many steps each place of the world is from the goal; the pit is no way."""
    far, ring = {(0, 3): 0}, {(0, 3): 0}
    while ring:
        ring = {
            (r + dr, c + dc): steps + 1
            for (r, c), steps in ring.items()
            for dr, dc in ((0, 1), (1, 0), (0, -1), (-1, 0))
            if 0 <= r + dr < 3 and 0 <= c + dc < 4 and (r + dr, c + dc) not in {*far, (1, 3)}
        }
        far |= ring
    return far


def test_value_iteration_discounts_the_shortest_way_and_q_learning_comes_to_it():
    """Text 000, 10-3, 10-4 and 10-14: 0.9 for every step but the last."""
    (V,), _ = _after("value-iteration", 40)
    V = V.reshape(3, 4)
    for place, steps in _steps_to_the_goal().items():
        assert V[place] == pytest.approx(0.9 ** (steps - 1) if steps else 0, rel=1e-14)
    (Q,), _ = _after("q-learning", 2000)
    assert Q.max(axis=1).reshape(3, 4)[2, 0] == pytest.approx(V[2, 0], abs=0.05)


def test_the_values_of_random_actions_solve_bellmans_equation():
    """V = r + 0.9 P V, by elimination."""
    network = PAIRS["policy-evaluation"].network(trees.reference())
    leads, reward, done = network.map
    P = (leads & ~done[..., None]).mean(axis=1)
    r = reward.mean(axis=1)
    ends = network.ends.ravel()
    P[ends], r[ends] = 0, 0
    (V,), _ = _after("policy-evaluation", 400)
    assert V.ravel() == pytest.approx(np.linalg.solve(np.eye(12) - 0.9 * P, r), rel=1e-12)


@pytest.mark.parametrize("by", ["contents", "users", "items"])
def test_a_recommender_scores_by_scikit_learns_cosines(by):
    reference, trajectory = _reference(f"recommender-by-{by}", 1)
    memory, X = reference.weights[0], reference.inputs[0]
    if by == "contents":
        expected = cosine_similarity(X @ memory, memory)
    elif by == "users":
        likeness, known = cosine_similarity(X, memory), memory > 0
        expected = [
            [np.average(memory[k, i], weights=row[k]) for i in range(6) for k in [known[:, i]]]
            for row in likeness
        ]
    else:
        likeness = cosine_similarity(memory.T)
        expected = [[np.average(x[x > 0], weights=likeness[x > 0, i]) for i in range(6)] for x in X]
    scores, chosen = (trajectory.activations[name][0] for name in ("scores", "O"))
    assert scores == pytest.approx(np.array(expected), rel=1e-12)
    assert (chosen * X == 0).all() and (chosen.sum(axis=1) == 1).all()
    assert np.mean((chosen * reference.targets[0]).sum(axis=1)) > 1 / 3  # by chance 1 in 3


def test_all_states_of_a_boltzmann_machine_have_the_probability_1_and_the_data_gain():
    """Text 000, 9-4: Z by the states of the hidden units is Z by those of the visible ones."""
    reference, trajectory = _reference("rbm-likelihood", 250)
    weights = tuple(array[-1] for array in trajectory.weights.values())
    every = (np.arange(2**16)[:, None] >> np.arange(16) & 1).astype(float)
    found = dict(zip(reference.layout.activations, reference.network.forward(weights, every)))
    F, logZ = found["F"], found["logZ"]
    assert np.exp(-F - logZ).sum() == pytest.approx(1, rel=1e-12)
    assert trajectory.loss["E"][-5:].mean() < trajectory.loss["E"][:5].mean() - 2


def test_what_was_trained_before_is_held_and_what_follows_learns():
    """Text 000, 7-7: every step hands the frozen weights on in every bit."""
    reference, trajectory = _reference("pre-training", 240)
    held = [trajectory.slots[name] for name in reference.layout.states]
    assert [states.shape[1:] for states in held] == [(16, 6), (1, 6)]
    assert all((states == states[:1]).all() for states in held)
    outputs, classes = trajectory.activations["outputs"], reference.targets.argmax(-1)
    first, last = (
        np.mean(outputs[part].argmax(-1) == classes) for part in (range(4), range(-4, 0))
    )
    assert first < 0.3 and last > 0.5  # by chance one in ten
