"""Causes in hyperparameters: another number than Keras's, which is solved for from yours."""

from equivalence.diagnose.fitting import another
from equivalence.diagnose.variant import DEFINITION, Variant

# (field of an object, what it is called, where other numbers come from, what one sees)
FIELDS = (
    ("epsilon", "epsilon", "PyTorch has 1e-8 in optimizers and 1e-5 in normalizations, Keras 1e-7 and 1e-3", "only where what it is added to is not much larger"),
    ("learning_rate", "learning rate", "0.001, 0.01 and 0.1 are all somebody's default", "every step is longer or shorter by one factor"),
    ("initial_learning_rate", "first learning rate", "a schedule that starts at another rate", "every step is longer or shorter by one factor"),
    ("end_learning_rate", "last learning rate", "a schedule that ends at another rate", "steps differ more and more"),
    ("decay_rate", "decay of the rate", "0.9, 0.95 and 0.96 are all somebody's example", "the first step is the same"),
    ("decay_steps", "steps of the rate's decay", "epochs for steps", "the first step is the same"),
    ("power", "power of the rate's decay", "1 is linear, 2 is a parabola", "the first step is the same"),
    ("momentum", "momentum", "0.9 by habit; a batch normalization's counts the new in PyTorch, the old in Keras", "the first step is the same"),
    ("beta_1", "beta_1", "0.9 and 0.5 are both usual", "the first step is the same"),
    ("beta_2", "beta_2", "0.999, 0.99 and 0.95 are all usual", "the first step is the same"),
    ("rho", "rho", "0.9 in Keras, 0.99 in PyTorch, 0.95 in the paper of Adadelta", "already the first step is longer or shorter"),
    ("weight_decay", "weight decay", "0.004 in Keras's AdamW, 0.01 in PyTorch's", "the difference is a multiple of the weights"),
    ("initial_accumulator_value", "start of the sum of squares", "0.1 in Keras, 0 in PyTorch", "the first steps differ most"),
    ("clipnorm", "norm at which gradients are clipped", "1 by habit", "every step that is clipped is longer or shorter"),
    ("global_clipnorm", "norm at which all gradients are clipped", "1 by habit", "every step that is clipped is longer or shorter"),
    ("clipvalue", "value at which gradients are clipped", "0.5 and 1 are both usual", "the largest gradients are cut off elsewhere"),
    ("l1", "factor of the L1 penalty", "half of it, or over the batch", "the difference is the same for all weights, but for the sign"),
    ("l2", "factor of the L2 penalty", "half of it, or over the batch", "the difference is a multiple of the weights"),
    ("negative_slope", "slope below 0", "0.01 in PyTorch, 0.2 and 0.3 in Keras", "where inputs are negative"),
    ("alpha", "alpha", "1 and 0.5, 0.25 and 0.75", "the formula's shape is the same"),
    ("gamma", "gamma", "2 in the paper on focal losses", "the formula's shape is the same"),
    ("delta", "delta", "1 in Keras and PyTorch, 1.35 in scikit-learn", "where errors are large"),
    ("threshold", "threshold", "0 and 0.5", "where inputs are near it"),
    ("label_smoothing", "label smoothing", "0.1 in papers", "the loss is nowhere near 0"),
)  # fmt: skip

ROWS = tuple(
    Variant(
        "hyperparameter",
        f"another-{field.replace('_', '-')}",
        f"is another number than Keras's: the {words}",
        "computes with its object's",
        who,
        "give both the same number",
        symptom,
        another(field),
        DEFINITION,
        fitted=True,
    )
    for field, words, who, symptom in FIELDS
)
