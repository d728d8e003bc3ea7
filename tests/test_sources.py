"""Every class of mathematics has a source outside both trees, and a test that asks it.

The judge holds two trees against each other: a formula that is wrong in both is certified.  So
each optimizer, schedule, loss, activation and layer stands here with the source that it was
held against, and where.  A class without a row is a failure, so is a row without its test.
"""

import ast
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
BY_HAND, FUNCTIONS, LAYERS = (
    f"test_{name}_by_hand.py" for name in ("optimizers", "functions", "layers")
)
NUMBER_BY_NUMBER = f"{FUNCTIONS}::test_an_activation_is_its_papers_formula_number_by_number"
DOCUMENTED = f"{FUNCTIONS}::test_a_loss_is_what_kerass_documentation_prints"
SCIKIT_LEARN = f"{FUNCTIONS}::test_a_loss_is_what_scikit_learn_or_scipy_says"
FORMULA = "test_schedules.py::test_the_reference_over_exact_balls_is_the_formula"
SCIPYS_CONVOLUTIONS = f"{LAYERS}::test_a_convolution_is_scipys_correlation_of_every_channel"
FULL = f"{LAYERS}::test_a_transposed_convolution_is_scipys_full_convolution_between_zeros"
DEPTHWISE = f"{LAYERS}::test_a_depthwise_convolution_takes_every_channel_for_itself"
POOLING = f"{LAYERS}::test_pooling_is_the_largest_and_the_mean_of_numpys_windows"
PLACES = f"{LAYERS}::test_global_pooling_padding_cropping_and_upsampling_are_numpys"
MOVES = f"{LAYERS}::test_moves_are_numpys"
MERGED = f"{LAYERS}::test_a_merge_is_numpys"
OF_A_SAMPLE = (
    f"{LAYERS}::test_normalizations_of_a_sample_are_scipys_scores_and_scikit_learns_lengths"
)
CHANNELS = f"{LAYERS}::test_spatial_dropout_drops_whole_channels"
NOISES = f"{LAYERS}::test_noises_have_the_moments_of_their_papers"
WRAPPERS = f"{LAYERS}::test_wrappers_do_what_the_layer_inside_does"
BESIDE = f"{LAYERS}::test_penalties_and_constraints_stand_beside_the_layer"


def every(names, source, where):
    """Return the row of each of the classes whose names stand in a string."""
    return dict.fromkeys(names.split(), (source, where))


IN_FRACTIONS = "a step of the paper worked in fractions"
# class: the source, and the test that asks it
SOURCES = {
    "optimizers": {
        "SGD": (IN_FRACTIONS, f"{BY_HAND}::test_sgd_in_fractions"),
        "Momentum": (
            "Polyak 1964, two points instead of a velocity",
            f"{BY_HAND}::test_momentum_is_polyaks_heavy_ball",
        ),
        "Nesterov": (
            "Sutskever et al. 2013, (7) and (8), in fractions",
            f"{BY_HAND}::test_nesterov_is_a_step_by_the_gradient_and_the_next_velocity",
        ),
        "NesterovLookAhead": (
            "seed 000, 1-9, three steps in fractions",
            "test_optimizers.py::test_nesterovs_steps_by_hand_are_those_of_the_books_rule",
        ),
        "AdagradTextbook": (
            "Duchi et al. 2011, sums of squares that are squares",
            f"{BY_HAND}::test_adagrad_divides_by_the_root_of_all_squares",
        ),
        "Adagrad": (
            "the same, with what Keras adds",
            f"{BY_HAND}::test_adagrad_starts_from_its_accumulator_and_has_epsilon_under_the_root",
        ),
        "RMSpropTextbook": (IN_FRACTIONS, f"{BY_HAND}::test_rmsprop_in_fractions"),
        "RMSprop": (
            "Adam with beta_1 = 0, up to the correction",
            f"{BY_HAND}::test_rmsprop_is_adam_without_a_first_moment_but_for_the_correction",
        ),
        "RMSpropCentered": (
            "Graves 2013, (40), of equal gradients",
            f"{BY_HAND}::test_a_centered_root_is_the_deviation_of_equal_gradients",
        ),
        "RMSpropMomentum": (
            "a weighted sum of the steps without momentum",
            f"{BY_HAND}::test_momentum_of_rmsprop_is_that_of_its_steps",
        ),
        "RMSpropCenteredMomentum": (
            "a weighted sum of the steps without momentum",
            f"{BY_HAND}::test_momentum_of_rmsprop_is_that_of_its_steps",
        ),
        "Adadelta": (
            "Zeiler 2012, Algorithm 1, in roots of fractions",
            f"{BY_HAND}::test_adadelta_in_roots_of_fractions",
        ),
        "AdamTextbook": (
            "Kingma and Ba 2015, the sums (4)",
            f"{BY_HAND}::test_adam_is_the_papers_weighted_sums",
        ),
        "Adam": (
            "Kingma and Ba 2015, end of section 2",
            f"{BY_HAND}::test_keras_adam_has_the_papers_epsilon_hat",
        ),
        "AdamW": ("Adam, where decay is 0", f"{BY_HAND}::test_adamw_without_decay_is_adam"),
        "AMSGrad": (
            "Adam, while v grows; Reddi et al. 2018 after that",
            f"{BY_HAND}::test_amsgrad_is_adam_while_the_second_moment_grows_and_slower_after",
        ),
        "Adamax": (
            "Kingma and Ba 2015, Algorithm 2, in fractions",
            f"{BY_HAND}::test_adamax_divides_by_the_largest_decayed_magnitude",
        ),
        "Nadam": ("Dozat 2016, as sums", f"{BY_HAND}::test_nadam_in_sums"),
        "Ftrl": (
            "Adagrad, without penalties (McMahan et al. 2013)",
            f"{BY_HAND}::test_ftrl_without_penalties_is_adagrad",
        ),
        "Lion": (
            "Chen et al. 2023, Algorithm 2, in fractions",
            f"{BY_HAND}::test_lion_is_the_sign_of_the_momentum",
        ),
        "Lamb": (
            "You et al. 2020: Adam's way, by the weight's length",
            f"{BY_HAND}::test_lamb_goes_adams_way_by_a_share_of_the_weights_length",
        ),
        "ScheduleFreeAdamW": (
            "Defazio et al. 2024, (4) to (6), of equal gradients",
            f"{BY_HAND}::test_schedule_free_is_between_its_iterate_and_the_mean_of_all",
        ),
        "Adafactor": (
            "Shazeer and Stern 2018, Algorithm 1",
            f"{BY_HAND}::test_adafactor_of_other_squares_takes_rows_and_columns",
        ),
        "Muon": (
            "NumPy's singular values (Jordan 2024)",
            f"{BY_HAND}::test_muon_moves_along_a_matrix_whose_singular_values_are_near_1",
        ),
        "LossScaleOptimizer": (
            "the optimizer inside, by a power of 2",
            f"{BY_HAND}::test_loss_scaling_by_powers_of_two_changes_no_step",
        ),
        "InTurn": (
            "each player alone",
            f"{BY_HAND}::test_two_players_in_turn_are_two_runs",
        ),
    },
    "schedules": every(
        "ExponentialDecay InverseTimeDecay PiecewiseConstantDecay PolynomialDecay "
        "CosineDecay CosineDecayRestarts",
        "Keras's documentation, in exact arithmetic",
        FORMULA,
    ),
    "losses": {
        **every(
            "BinaryCrossentropy BinaryFocalCrossentropy BinaryFocalCrossentropyFromLogits "
            "CosineSimilarity Dice SparseCategoricalCrossentropy",
            "the figures of Keras's documentation",
            DOCUMENTED,
        ),
        **every(
            "BinaryCrossentropyFromLogits CategoricalCrossentropy "
            "CategoricalCrossentropyFromLogits CategoricalCrossentropyFromProbabilities "
            "Hinge Huber KLDivergence MeanAbsoluteError MeanAbsolutePercentageError "
            "MeanSquaredError MeanSquaredLogarithmicError Poisson RootMeanSquaredError "
            "SparseCategoricalCrossentropyFromLogits Tversky",
            "scikit-learn or SciPy",
            SCIKIT_LEARN,
        ),
        "CTC": (
            "all paths that spell the labels, counted",
            "test_losses.py::test_ctc_sums_the_probabilities_of_all_paths_that_spell_the_labels",
        ),
        "CategoricalFocalCrossentropy": (
            "Lin et al. 2017, (5)",
            f"{FUNCTIONS}::test_focal_losses_are_cross_entropy_times_a_power",
        ),
        "CategoricalFocalCrossentropyFromLogits": (
            "Lin et al. 2017, (5)",
            f"{FUNCTIONS}::test_focal_losses_are_cross_entropy_times_a_power",
        ),
        "CategoricalGeneralizedCrossEntropy": (
            "its two limits (Zhang and Sabuncu 2018)",
            f"{FUNCTIONS}::test_generalized_cross_entropy_is_between_two_losses",
        ),
        "CategoricalHinge": (
            "numbers by hand",
            f"{FUNCTIONS}::test_a_categorical_hinge_by_hand",
        ),
        "SquaredHinge": ("numbers by hand", f"{FUNCTIONS}::test_hinges_by_hand"),
        "Circle": (
            "Sun et al. 2020, (6), pair by pair",
            f"{FUNCTIONS}::test_the_circle_loss_is_its_sums_over_pairs",
        ),
        "HalfSquaredError": (
            "seed 001, 422 and 423",
            f"{FUNCTIONS}::test_half_the_squared_error_by_hand",
        ),
        "LogCosh": (
            "Python's cosh",
            f"{FUNCTIONS}::test_log_cosh_is_the_logarithm_of_cosh",
        ),
        "LogSumExp": (
            "SciPy's logsumexp",
            f"{FUNCTIONS}::test_a_log_of_a_sum_of_exponentials_is_scipys",
        ),
    },
    "activations": {
        **every(
            "CELU ELU SELU GELU GELUTanh BinaryStep Exponential Gaussian GeneralReLU "
            "HardShrink HardSigmoid HardSiLU HardTanh LeakyReLU Linear LogSigmoid Mish ReLU "
            "ReLU6 Sigmoid SiLU SoftShrink Softplus Softsign SparsePlus SparseSigmoid "
            "Squareplus Tanh TanhShrink Threshold",
            "its formula in Python's math",
            NUMBER_BY_NUMBER,
        ),
        "GLU": (
            "SciPy's expit",
            f"{FUNCTIONS}::test_a_gated_linear_unit_is_one_half_times_the_sigmoid_of_the_other",
        ),
        "Softmax": ("SciPy's softmax", f"{FUNCTIONS}::test_softmax_is_scipys"),
        "LogSoftmax": ("SciPy's log_softmax", f"{FUNCTIONS}::test_softmax_is_scipys"),
        "Sparsemax": (
            "Martins and Astudillo 2016, by bisection",
            f"{FUNCTIONS}::test_sparsemax_is_the_nearest_point_of_the_simplex_by_bisection",
        ),
    },
    "layers": {
        "Dense": (
            "sums by Python",
            f"{LAYERS}::test_a_dense_layer_is_a_sum_over_its_inputs",
        ),
        **{f"Conv{n}D": ("SciPy's correlate", SCIPYS_CONVOLUTIONS) for n in (1, 2, 3)},
        **{f"Conv{n}DTranspose": ("SciPy's convolve", FULL) for n in (1, 2, 3)},
        **{f"DepthwiseConv{n}D": ("SciPy's correlate", DEPTHWISE) for n in (1, 2)},
        **{f"SeparableConv{n}D": ("SciPy's correlate", DEPTHWISE) for n in (1, 2)},
        **{f"MaxPooling{n}D": ("NumPy's windows", POOLING) for n in (1, 2, 3)},
        **{f"AveragePooling{n}D": ("NumPy's windows", POOLING) for n in (1, 2, 3)},
        **{f"GlobalMaxPooling{n}D": ("NumPy's max", PLACES) for n in (1, 2, 3)},
        **{f"GlobalAveragePooling{n}D": ("NumPy's mean", PLACES) for n in (1, 2, 3)},
        **{f"ZeroPadding{n}D": ("NumPy's pad", PLACES) for n in (1, 2, 3)},
        **{f"Cropping{n}D": ("NumPy's slices", PLACES) for n in (1, 2, 3)},
        **{f"UpSampling{n}D": ("NumPy's repeat", PLACES) for n in (1, 2, 3)},
        "Flatten": ("NumPy's reshape", MOVES),
        "Reshape": ("NumPy's reshape", MOVES),
        "RepeatVector": ("NumPy's stack", MOVES),
        "Permute": ("NumPy's moveaxis", MOVES),
        "Rescaling": (
            "bytes of a picture",
            f"{LAYERS}::test_a_picture_s_bytes_go_from_minus_1_to_1",
        ),
        "EinsumDense": (
            "NumPy's einsum",
            f"{LAYERS}::test_a_dense_layer_in_letters_is_numpys_einsum",
        ),
        "PReLU": (
            "a leaky unit for each place",
            f"{LAYERS}::test_a_prelu_is_a_leaky_relu_of_each_place_s_own_slope",
        ),
        "Embedding": ("NumPy's indexing", MOVES),
        **every(
            "Add Subtract Multiply Average Maximum Minimum Concatenate",
            "NumPy",
            MERGED,
        ),
        "Dot": (
            "SciPy's cosine",
            f"{LAYERS}::test_a_dot_product_of_samples_and_its_cosine",
        ),
        "BatchNormalization": (
            "scikit-learn's StandardScaler",
            f"{LAYERS}::test_batch_normalization_is_scikit_learns_standard_scaler",
        ),
        "LayerNormalization": ("SciPy's zscore", OF_A_SAMPLE),
        "GroupNormalization": ("SciPy's zscore", OF_A_SAMPLE),
        "UnitNormalization": ("scikit-learn's normalize", OF_A_SAMPLE),
        "RMSNormalization": ("scikit-learn's normalize", OF_A_SAMPLE),
        "Dropout": (
            "its mean and its share (Srivastava et al. 2014)",
            f"{LAYERS}::test_dropout_keeps_the_mean_and_drops_its_share",
        ),
        **{f"SpatialDropout{n}D": ("Tompson et al. 2015", CHANNELS) for n in (1, 2, 3)},
        "GaussianNoise": ("its mean and deviation", NOISES),
        "GaussianDropout": ("its mean and deviation", NOISES),
        "AlphaDropout": (
            "mean 0 and variance 1 (Klambauer et al. 2017)",
            f"{LAYERS}::test_alpha_dropout_keeps_mean_0_and_variance_1",
        ),
        "SimpleRNN": (
            "a Dense layer, or a running sum",
            f"{LAYERS}::test_a_linear_simple_rnn_that_keeps_is_numpys_running_sum",
        ),
        "LSTM": (
            "running sums, with its gates forced",
            f"{LAYERS}::test_the_gates_of_an_lstm_do_what_they_are_called",
        ),
        "GRU": (
            "SimpleRNN and running means, with its gates forced",
            f"{LAYERS}::test_the_gates_of_a_gru_do_what_they_are_called",
        ),
        "Bidirectional": (
            "its two layers",
            f"{LAYERS}::test_both_directions_are_a_layer_and_the_layer_on_the_sequence_turned",
        ),
        "Masking": (
            "NumPy's all",
            f"{LAYERS}::test_masked_time_steps_are_those_that_hold_nothing_but_the_value",
        ),
        "AdditiveAttention": (
            "SciPy's softmax, query by query (Bahdanau et al. 2015)",
            f"{LAYERS}::test_additive_attention_is_a_mean_by_the_softmax_of_sums_of_tanh",
        ),
        "Attention": (
            "SciPy's softmax, query by query",
            f"{LAYERS}::test_attention_is_a_mean_by_the_softmax_of_products",
        ),
        "MultiHeadAttention": (
            "the same, head by head (Vaswani et al. 2017)",
            f"{LAYERS}::test_heads_attend_each_for_itself",
        ),
        "TimeDistributed": ("the layer inside", WRAPPERS),
        "Chain": ("the layers inside", WRAPPERS),
        "ChannelsFirst": ("the layer inside, NumPy's moveaxis", WRAPPERS),
        "Regularized": ("a sum of squares", BESIDE),
        "Frozen": ("the layer inside", BESIDE),
        "Constrained": ("NumPy's norm", BESIDE),
    },
}
BASES = {"Activation", "Loss"}  # no mathematics of their own
ROWS = [(room, name) for room, rows in SOURCES.items() for name in rows]


@cache
def of_file(name):
    """Return the text of a test file, and the names of its tests."""
    text = (TESTS / name).read_text(encoding="utf-8")
    found = [node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    return text, found


@pytest.mark.parametrize("room", SOURCES)
def test_every_class_has_a_source_outside_both_trees(room):
    classes = set(import_module(f"refimpl.{room}").__all__) - BASES
    assert classes == set(SOURCES[room])


@pytest.mark.parametrize(("room", "name"), ROWS)
def test_the_test_that_asks_the_source_exists_and_names_the_class(room, name):
    source, where = SOURCES[room][name]
    file, _, test = where.partition("::")
    text, tests = of_file(file)
    assert source and test in tests
    family = f"{name.rstrip('D')[:-1]}" if name[-1:] == "D" else name
    assert name in text or family in text
