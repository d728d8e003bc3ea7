"""The table of wrong lines in losses: where, what becomes what, and who finds it."""

from equivalence.pairs.plant import Plant
from equivalence.plants.cases.losses import name_of

# tree, file, before, after, case, part, (reduction, what samples have), dtype (float32 if not said)
MASK, MASKED = ("sum_over_batch_size", "mask"), ("sum_over_batch_size", "weights and a mask")
MEAN, WEIGHTED = ("sum_over_batch_size", ""), ("mean_with_sample_weight", "weights")
# fmt: off
ROWS = (
    ("refimpl", "loss.py", "weight is None else weight).shape[-1]", "weight is None else weight).shape[-1] / 2", "Huber real", "value"),
    ("refimpl", "loss.py", "Sb = Sb * weight", "Sb = Sb", "MeanSquaredError real", "gradient", WEIGHTED),
    ("refimpl", "loss.py", "S = S * weight", "S = S", "MeanSquaredError real", "value", WEIGHTED),
    ("refimpl", "loss.py", "np.sum(weight", "np.sum(weight * 0 + 1", "Poisson positive", "value", WEIGHTED),
    ("refimpl", "mean_absolute_error.py", "-(Sb", "(Sb", "MeanAbsoluteError real", "gradient"),
    ("refimpl", "mean_absolute_percentage_error.py", "Sb[..., None] * 100", "Sb[..., None]", "MeanAbsolutePercentageError real", "gradient"),
    ("refimpl", "huber.py", "- 0.5 * self.delta**2", "- 0.5 * self.delta", "Huber(0.3) real", "value"),
    ("refimpl", "huber.py", "np.where(np.abs(error) > self.delta, outer, inner)  # (8)", "inner  # (8)", "Huber real", "gradient"),
    ("refimpl", "cosine_similarity.py", "-0.5 * inverseb", "0.5 * inverseb", "CosineSimilarity real", "gradient"),
    ("refimpl", "kl_divergence.py", "np.where(O < EPSILON, 0, ob)", "ob", "KLDivergence distributions", "gradient"),
    ("refimpl", "poisson.py", "np.log(O + EPSILON)", "np.log(O)", "Poisson positive", "value", MEAN, "float64"),
    ("refimpl", "hinge.py", "np.where(off > 0, T, 2 * T - 1)", "T", "Hinge labels", "value"),
    ("refimpl", "squared_hinge.py", "(2 * np.maximum", "(np.maximum", "SquaredHinge signs", "gradient"),
    ("refimpl", "categorical_hinge.py", "- inside * T", "", "CategoricalHinge hinges", "gradient"),
    ("refimpl", "binary_crossentropy.py", "+ 0.5 * s", "+ s", "BinaryCrossentropy(0.1) units", "value"),
    ("refimpl", "binary_crossentropy_logits.py", "each - slope", "slope", "BinaryCrossentropyFromLogits binary_logits", "gradient"),
    ("refimpl", "categorical_crossentropy_logits.py", "s / T.shape[-1]", "s / 2", "CategoricalCrossentropyFromLogits(0.1) logits", "value"),
    ("refimpl", "categorical_crossentropy_probabilities.py", "+ totalb", "", "CategoricalCrossentropyFromProbabilities distributions", "gradient"),
    ("refimpl", "binary_focal_crossentropy.py", "* self.gamma *", "*", "BinaryFocalCrossentropy inner_units", "gradient"),
    ("refimpl", "sparse_categorical_crossentropy.py", "np.where(O > 1 - EPSILON, 0, below)", "below", "SparseCategoricalCrossentropy data", "gradient"),
    ("refimpl", "tversky.py", "nb * (1 - T)", "nb * T", "Tversky(0.3, 0.6) inner_units", "gradient"),
    ("refimpl", "loss.py", "share = both.shape[-1] /", "share = 1 /", "MeanSquaredError real", "value", MASK),
    ("refimpl", "loss.py", "sample_weight * both", "both", "MeanSquaredError real", "value", MASKED),
    ("refimpl", "sparse_categorical_crossentropy_logits.py", "T[..., 0] - self.ignore_class", "T[..., 0]", "SparseCategoricalCrossentropyFromLogits(-1) ignorable", "value"),
    ("refimpl", "binary_focal_crossentropy_logits.py", "left + self.sigmoid.backward(qb * t - qb * (1 - t), O, p)", "left + (qb * t - qb * (1 - t))", "BinaryFocalCrossentropyFromLogits gentle_logits", "gradient"),
    ("refimpl", "categorical_focal_crossentropy_logits.py", "self.softmax.backward(Pb, O, P)", "Pb", "CategoricalFocalCrossentropyFromLogits gentle_class_logits", "gradient"),
    ("refimpl", "log_sum_exp.py", "np.log(total) + largest[..., 0]", "np.log(total)", "Circle embeddings", "value"),
    ("refimpl", "circle.py", "same * (1 - self.diagonal(O))", "same", "Circle embeddings", "value"),
    ("refimpl", "circle.py", " + similarityb.mT @ O", "", "Circle embeddings", "gradient"),
    ("refimpl", "circle.py", "np.where(1 + self.margin - D < 0, 0, unlikeb)", "unlikeb", "Circle(16.0, 0.25, False) embeddings", "gradient"),
    ("refimpl", "circle.py", "Pb * like + likeb", "Pb * like", "Circle embeddings", "gradient"),
    ("refimpl", "ctc.py", "np.abs(T[..., 1:] - T[..., :-1])", "T[..., 1:]", "CTC utterances", "value"),
    ("refimpl", "ctc.py", " + np.sum(scales, axis=-1)", "", "CTC utterances", "value"),
    ("refimpl", "ctc.py", "moved(here, -1), skipped]", "here, skipped]", "CTC utterances", "value"),
    ("refimpl", "ctc.py", "moved(alpha[-1], 2)", "moved(alpha[-1], 3)", "CTC utterances", "gradient"),
    ("refimpl", "ctc.py", "self.log_sum_exp.forward(before) + seen[..., t, :]", "self.log_sum_exp.forward(before)", "CTC utterances", "gradient"),
    ("refimpl", "ctc.py", "alpha[..., 1:, :] + beta[..., 1:, :]", "alpha[..., 1:, :] + beta[..., :-1, :]", "CTC utterances", "gradient"),
    ("tfimpl", "ctc.py", "moved(among(here, self.skips(T)), -2)", "among(moved(here, -2), self.skips(T))", "CTC utterances", "value"),
    ("tfimpl", "ctc.py", "scales.insert(0, scale[..., 0])", "scales.insert(0, scale[..., 0] / 2)", "CTC utterances", "value"),
    ("tfimpl", "circle.py", "self.samples(O, T) > 0", "self.samples(O, T) >= 0", "Circle embeddings", "value"),
    ("tfimpl", "loss.py", "both = mask * own", "both = mask", "SparseCategoricalCrossentropyFromLogits(-1) ignorable", "value", MASK),
    ("tfimpl", "loss.py", "tf.shape(counted)[-1]", "tf.shape(O)[-1]", "Hinge signs", "value"),
    ("tfimpl", "log_cosh.py", "- self.log_2", "", "LogCosh real", "value"),
    ("tfimpl", "kl_divergence.py", "EPSILON, 1)", "1e-6, 1)", "KLDivergence distributions", "value"),
    ("tfimpl", "mean_squared_logarithmic_error.py", "tf.maximum(O, self.epsilon) + 1", "tf.maximum(O, 0) + 1", "MeanSquaredLogarithmicError counts", "value", MEAN, "float64"),
    ("tfimpl", "dice.py", "2 * tf", "tf", "Dice inner_units", "value"),
    ("tfimpl", "categorical_crossentropy_logits.py", "softmax_cross_entropy_with_logits(t, O)", "softmax_cross_entropy_with_logits(t, tf.stop_gradient(O) / 2 + O / 2)", "CategoricalCrossentropyFromLogits logits", "gradient"),
)
# fmt: on


def _row(tree, file, before, after, case, part, run=MEAN, dtype="float32"):
    file, words = f"losses/{file}", f"{before!r} became {after!r}"
    where = name_of(case, run)
    return Plant(words, tree, file, before, after, where, part, 0, dtype, group="losses")


PLANTS = tuple(_row(*row) for row in ROWS)
