"""Which runs there are: pairs, twins, engines, precisions, settings and devices crossed."""

from equivalence import trees
from equivalence.errors import BadInput, choose
from equivalence.machine import switches
from equivalence.machine.devices import kind

# Over how many logical CPUs MirroredStrategy runs where nobody asks for a number.
MIRRORED = ("2", "4")


# Losses that are means over samples: the mean of equal shares' means is the mean of all.
MEANS = ("mean_squared_error", "categorical_crossentropy")


def mirrored_settings(pair, setting, device):
    """Return the settings in which a pair can be trained on all devices of a kind.

    The devices must share every batch equally, and the loss must be a mean over samples:
    else the mean over devices of their losses is another number than the loss.
    """
    if not device.endswith(":0"):  # all devices at once: counted with the first
        return []
    if getattr(getattr(pair.network(trees.reference()), "output", None), "loss", None) is None:
        return []
    if pair.network(trees.reference()).output.loss.name not in MEANS or pair.last:
        return []
    batch = pair.batch_size or len(pair.data()[0])
    if kind(device) != "CPU":
        return [setting]
    counts = [dict(setting)["cpus"]] if "cpus" in dict(setting) else MIRRORED
    return [
        switches.ordered({**dict(setting), "cpus": count}.items())
        for count in counts
        if batch % int(count) == 0
    ]


DTYPES = ("float32", "float64")


TWINS = ("tape", "keras")


GROUPS = (
    "books",
    "optimizers",
    "options",
    "look-up",
    "training",
    "axes",
    "shapes",
    "layers",
    "models",
    "all",
)


ENGINES = ("eager", "graph", "xla", "train_on_batch", "fit", "split", "mirrored")


USUAL = ("eager", "graph", "xla", "fit")  # what ``verify`` runs by itself


OF_MODELS = ENGINES[3:]  # the tape twin has no model


# What ``--profile`` stands for, where an option is not given itself.
PROFILES = {
    "deep": {"group": "all", "engine": ["all"], "seeds": 100},
    "models": {
        "group": "models",
        "epochs": 0,  # the source's number
        "engine": ["graph"],
        "dtype": ["float32"],
    },
}


def specs(options, places):
    """Return the runs that the options ask for, at each (setting, device) of ``places``."""
    from equivalence.results.result import Spec

    chosen = find_pairs(options.pair or _group(options.group or "books,optimizers"))
    dtypes = choose("dtype", options.dtype, DTYPES)
    twins = choose("twin", options.twin, TWINS)
    engines = _engines(options.engine, USUAL)
    spared = _spares(options)
    found = [
        Spec(
            pair.name,
            dtype,
            twin,
            engine,
            device,
            options.epochs,
            seed,
            options.data,
            options.learning_rate,
            placed,
        )
        for seed in _seeds(options)
        for pair in chosen
        for dtype in dtypes
        for setting, device in places
        for twin in twins
        for engine in engines
        for placed in _settings_of(pair, engine, setting, device)
        if _exists(pair, twin, engine) and not spared(pair, twin, engine)
    ]
    if not found:
        raise BadInput(
            f"nothing to run: {', '.join(p.name for p in chosen)} with twin "
            f"{', '.join(twins)} and engine {', '.join(engines)} (fit and its kin need twin "
            "keras, the textbook optimizers have no Keras class, and mirrored needs batches "
            "that its devices can share equally and a loss that is a mean)"
        )
    return found


def find_pairs(names):
    from equivalence.pairs.table import find

    try:
        return [find(name) for name in names]
    except ValueError as error:
        raise BadInput(str(error)) from None


def _engines(asked, default):
    """Return the engines that were asked for; "all" is every one."""
    if "all" in (asked or ()):
        return ENGINES
    return choose("engine", asked, ENGINES) if asked else default


def _seeds(options):
    return range(options.seeds) if getattr(options, "seeds", None) else (options.seed,)


def _settings_of(pair, engine, setting, device):
    """Return the settings in which an engine runs: mirrored over 2 and over 4 CPUs."""
    from equivalence.runs import select

    if engine != "mirrored":
        return [setting]
    return select.mirrored_settings(pair, setting, device)


def _exists(pair, twin, engine):
    """Say whether a pair has such a run: the tape has no fit, the textbook forms no Keras."""
    return bool(pair.keras) if twin == "keras" else engine not in OF_MODELS


def _spares(options):
    """Return a function that says whether a run waits to be asked for by twin or engine."""
    deep = getattr(options, "profile", None) == "models"
    if options.twin or (options.engine and not deep):
        return lambda pair, twin, engine: False
    return _another_twin if deep else _spared


def _another_twin(pair, twin, engine):
    """Say whether a run's twin is not the one by which a model is taken: Keras, where it can."""
    return bool(pair.keras) and twin == "tape"


def _spared(pair, twin, engine):
    """Say whether a run waits to be asked for: compiling for XLA is what takes longest.

    XLA runs once for each pair and dtype, on Keras where there is Keras.  And the optimizers
    alone do not ``fit``: with given gradients there is no more to see than in a graph.
    """
    alone = pair.group == "optimizers" and engine == "fit"
    return alone or (bool(pair.keras) and (twin, engine) == ("tape", "xla"))


def _group(groups):
    """Return the names of the pairs of a group, or of several with commas between."""
    from equivalence.pairs.table import ROWS

    chosen = [name.strip() for name in groups.split(",")]
    choose("group", chosen, GROUPS)
    return [row.name for row in ROWS if row.group in chosen or "all" in chosen]


def take_profile(options):
    """Fill in what a profile says of the options that were not given."""
    if options.profile is None:
        return
    choose("profile", [options.profile], tuple(PROFILES))
    for name, value in PROFILES[options.profile].items():
        if getattr(options, name) is None:
            setattr(options, name, value)
