"""The table of defects planted into schedules: each must be found at its iteration."""

from equivalence.pairs.plant import Plant


def _row(tree, file, row, words, before, after, iteration, dtype="float32"):
    return Plant(
        *(words, tree, f"schedules/{file}.py", before, after, row, "rate", iteration, dtype),
        group="schedules",
    )


def _of(file, row, *changes):
    """Return the rows of lines that both our trees have, planted in either."""
    return [_row(tree, file, row, *change) for change in changes for tree in ("refimpl", "tfimpl")]


PLANTS = (
    *_of(
        "exponential_decay",
        "exponential-staircase",
        ("a stair too early", "iterations / self", "(iterations + 1) / self", 15),
        ("a stair too late", "iterations / self", "(iterations - 1) / self", 0),
        ("stairs of another length", "self.decay_steps  #", "(self.decay_steps + 1)  #", 16),
        ("a factor for a power", "self.decay_rate**p", "self.decay_rate * p", 0),
        ("first rate forgotten", "self.initial_learning_rate * self", "self", 0),
    ),
    *_of("exponential_decay", "exponential", ("stairs for a slope", "self.staircase:", "True:", 1)),
    *_of(
        "inverse_time_decay",
        "inverse-time-staircase",
        ("a slope for stairs", "if self.staircase", "if not self.staircase", 1),
        ("decay_rate forgotten", "self.decay_rate * p", "p", 16),
        ("square for the line", "self.decay_rate * p", "self.decay_rate * p * p", 32),
    ),
    *_of(
        "piecewise_constant_decay",
        "piecewise-constant",
        ("new value at the boundary", "iterations > boundary", "iterations >= boundary", 10),
        ("a value left out", "self.values[-2::-1]", "self.values[-3::-1]", 11),
        ("boundaries in the wrong order", "self.boundaries[::-1]", "self.boundaries", 11),
    ),
    *_of(
        "polynomial_decay",
        "polynomial",
        ("end counted twice", "(initial - end) *", "initial *", 0),
        ("power forgotten", " ** self.power", "", 1),
        ("one step more", "iterations, decay_steps)", "iterations, decay_steps - 1)", 64),
    ),
    *_of(
        "polynomial_decay",
        "polynomial-cycle",
        (
            "a multiple above the step",
            "ceil(iterations / decay_steps)",
            "floor(iterations / decay_steps) + 1",
            16,
        ),
        ("no first cycle", "multiplier, 1.0)", "multiplier, 0.0)", 0),
        ("no cycle", "if self.cycle", "if not self.cycle", 17),
    ),
    *_of(
        "cosine_decay",
        "cosine-warmup",
        ("a warm-up from 0, as in Keras's text", "* fraction + initial", "* fraction", 0),
        ("a decay that begins at step 0", "(iterations - self.warmup_steps, ", "(iterations, ", 13),
        ("alpha added to all", "(1 - self.alpha) * cosine", "cosine", 13),
        ("half a cosine", "0.5 * (1 +", "0.25 * (1 +", 13),
        ("the first rate for the target", "target)  # (5)", "initial)  # (5)", 13),
        ("3.14 for pi", "cos(pi * fraction)", "cos(3.14 * fraction)", 14),
    ),
    *_of(
        "cosine_decay_restarts",
        "restarts",
        ("a restart a step late", "iterations < restart", "iterations <= restart", 8),
        ("periods that grow too fast", "self.t_mul * restart", "self.t_mul**2 * restart", 24),
        ("m_mul forgotten", "0.5 * m_fac *", "0.5 *", 8),
        ("alpha at the top", "(1 - alpha) * cosine", "cosine", 0),
        ("a period too many behind", "(1 - t_mul**restart) /", "(t_mul - t_mul**restart) /", 0),
        ("the first period for all", "behind) / t_mul**restart", "behind)", 9),
    ),
    *_of(
        "cosine_decay_restarts",
        "restarts-1",
        ("no restart", "completed - restart  #", "completed  #", 8),
    ),
    _row(
        "tfimpl",
        "exponential_decay",
        "exponential",
        "float32 where float64 is meant",
        "iterations / self.decay_steps",
        "tf.cast(tf.cast(iterations, 'float32') / self.decay_steps, iterations.dtype)",
        1,
        "float64",
    ),
    _row(
        "refimpl",
        "cosine_decay",
        "cosine",
        "float32 where float64 is meant",
        "np.cos(pi * fraction)",
        "np.cos((pi * fraction).astype('float32')).astype(fraction.dtype)",
        1,
        "float64",
    ),
)
