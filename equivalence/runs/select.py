"""Which runs there are: pairs, twins, engines, precisions, settings and devices crossed.

``checked`` is the one door: what the command line, the Python API and a results file ask
for goes through it before anything runs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from numbers import Integral, Real
from typing import Any

from equivalence import trees
from equivalence.arithmetic import precisions
from equivalence.engines.table import ENGINES, NAMES, TWINS, USUAL
from equivalence.errors import BadInput, choose
from equivalence.graph.unobserved import OF_FUNCTIONS as BY_OPERATIONS
from equivalence.machine import keras_settings, switches
from equivalence.machine.devices import kind
from equivalence.pairs.table import ROWS, find
from equivalence.results.result import ONLY_BY_OPERATIONS, Spec
from equivalence.steps.pair import Pair

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
DEFAULT_GROUPS = ("books", "optimizers")

# Over how many logical CPUs MirroredStrategy runs where nobody asks for a number.
MIRRORED = ("2", "4")
# Losses that are means over samples: the mean of equal shares' means is the mean of all.
MEANS = ("mean_squared_error", "categorical_crossentropy")

DEVICE = re.compile(r"(CPU|GPU|TPU):(0|[1-9][0-9]*)")


@dataclass(frozen=True)
class Request:
    """Which runs are asked for; what is empty or None is left to ``specs``.

    pairs, groups: the pairs by name, and all pairs of groups.
    epochs, data, learning_rate: as a Spec has them.
    seeds: each run is made with each of them; None is the pair's own start and data.
    once: a model is taken by one twin only: Keras, where Keras has such classes.
    operations: each step is held operation by operation, of one twin only.
    """

    pairs: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    dtypes: tuple[str, ...] = ()
    twins: tuple[str, ...] = ()
    engines: tuple[str, ...] = ()
    epochs: int | None = None
    seeds: Sequence[int | None] = (None,)
    data: str | None = None
    learning_rate: float | None = None
    once: bool = False
    operations: bool = False


# What ``--profile`` stands for, where an option is not given itself.
PROFILES: dict[str, dict[str, Any]] = {
    "deep": {"groups": ("all",), "engines": ("all",), "seeds": range(100)},
    "models": {
        "groups": ("models",),
        "epochs": 0,  # the source's number
        "engines": ("graph",),
        "dtypes": (precisions.USUAL,),
        "once": True,
    },
}


# ------------------------------------------------------------------- one run


def checked(spec: Spec) -> Spec:
    """Return a Spec that can be run; raise BadInput, one sentence, for one that cannot.

    Whether a device is there, and whether the data fit, shows later: the one needs
    TensorFlow, the other the file.
    """
    pair = find(spec.pair)
    choose("dtype", [spec.dtype], tuple(precisions.POLICIES))
    choose("twin", [spec.twin], TWINS)
    choose("engine", [spec.engine], NAMES)
    if not (isinstance(spec.device, str) and DEVICE.fullmatch(spec.device)):
        raise BadInput(f"no device is called {spec.device!r}: give one such as CPU:0 or GPU:0")
    if spec.epochs is not None and not _whole(spec.epochs, 0):
        raise BadInput(f"{spec.epochs!r} epochs cannot be run: give a whole number above 0")
    if spec.seed is not None and not _whole(spec.seed, 0):
        raise BadInput(f"{spec.seed!r} is no seed: give a whole number from 0 on")
    switches.ordered(spec.switches)
    _check_rate(spec, pair)
    if spec.operations and (why := _why_not_by_operations(spec, pair)):
        raise BadInput(f"no run of {spec.pair} in {spec.dtype}, operation by operation: {why}")
    if not spec.operations and (why := _why_no_run(pair, spec.twin, spec.engine)):
        raise BadInput(f"no run of {spec.pair} by {spec.twin}/{spec.engine}: {why}")
    if spec.engine == "mirrored" and (why := _why_not_mirrored(pair, spec.switches, spec.device)):
        raise BadInput(f"no mirrored run of {spec.pair}: {why}")
    return spec


def _whole(value: Any, least: int) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= least


def _check_rate(spec: Spec, pair: Pair) -> None:
    """Raise BadInput for a learning rate that is none, or that would replace a schedule."""
    rate = spec.learning_rate
    if rate is None:
        return
    if not isinstance(rate, Real) or isinstance(rate, bool) or not (0 < rate < math.inf):
        raise BadInput(f"{rate!r} is no learning rate: give a finite number above 0")
    schedule = pair.optimizer(trees.reference()).learning_rate
    if not isinstance(schedule, Real):
        raise BadInput(
            f"{pair.name} has a schedule, {type(schedule).__name__}: a learning rate would "
            "take its place, so none can be given"
        )


def _why_not_by_operations(spec: Spec, pair: Pair) -> str:
    """Return why a Spec's step cannot be held operation by operation, "" where it can.

    What Keras lacks in half precision is the result of a run, which names it.
    """
    if spec.engine not in BY_OPERATIONS:
        return f"engine {spec.engine} is not observed so, {', '.join(BY_OPERATIONS)} are"
    if spec.device != "CPU:0":
        return f"device {spec.device}, and what is known of kernels is of a CPU's: CPU:0"
    if spec.dtype in ONLY_BY_OPERATIONS:
        words = "half precision is a policy of Keras's, which the tape twin has not: twin keras"
        return words if spec.twin == "tape" else ""
    if spec.twin == "keras" and pair.in_turn:
        return "Keras trains its models in turn, in several steps: twin tape"
    return _why_no_run(pair, spec.twin, spec.engine)


def _why_no_run(pair: Pair, twin: str, engine: str) -> str:
    """Return why a pair has no run by a twin and engine, "" where it has one."""
    if twin == "keras" and pair.in_turn:
        alone = "its models are trained in turn, so engine train_on_batch alone"
        return "" if engine == "train_on_batch" else alone
    if twin == "keras" and not pair.keras:
        return "Keras has no such class, so twin tape alone"
    if twin not in ENGINES[engine].twins:
        return f"the tape twin has no model, so engine {engine} is for twin keras"
    return ""


def _why_not_mirrored(pair: Pair, setting: tuple, device: str) -> str:
    """Return why a pair cannot be trained on all devices of a kind, "" where it can.

    The devices must share every batch equally, and the loss must be a mean over samples:
    else the mean over devices of their losses is another number than the loss.
    """
    if not device.endswith(":0"):
        return "all devices of a kind work at once, so they are asked for with the first"
    end = pair.network(trees.reference()).end
    if end is None or end.loss.name not in MEANS:
        return "its loss is not a mean over samples"
    batch = pair.batch_size or len(pair.data()[0])
    if pair.last or batch % int(dict(setting).get("cpus", 1)):
        return f"the devices cannot share batches of {pair.last or batch} samples equally"
    return ""


def mirrored_settings(pair: Pair, setting: tuple, device: str) -> list[tuple]:
    """Return the settings in which a pair can be trained on all devices of a kind."""
    counts: Iterable[str] = MIRRORED
    if "cpus" in dict(setting):
        counts = [dict(setting)["cpus"]]
    of_cpus = [switches.ordered({**dict(setting), "cpus": count}) for count in counts]
    settings = of_cpus if kind(device) == "CPU" else [setting]
    return [s for s in settings if not _why_not_mirrored(pair, s, device)]


# ------------------------------------------------------------------ many runs


def specs(request: Request, places: Iterable[tuple[tuple, str]]) -> list[Spec]:
    """Return the runs that are asked for, at each (setting, device) of ``places``.

    Raises BadInput for what there is not, for a named pair that has no such run, and where
    keras.json asks for half precision, in which no pair is run.
    """
    keras_settings.refuse_their_policy()
    chosen = _chosen(request)
    asked = choose("dtype", request.dtypes, tuple(precisions.POLICIES))
    dtypes = asked if request.dtypes else precisions.NAMES
    twins = choose("twin", request.twins, TWINS)
    engines = NAMES if "all" in request.engines else request.engines
    engines = choose("engine", engines, NAMES) if engines else ()
    spared = _spares(request)
    of_all = Spec("", "", "", "", data=request.data, learning_rate=request.learning_rate)
    found = [
        replace(
            of_all,
            pair=pair.name,
            dtype=dtype,
            twin=twin,
            engine=engine,
            device=device,
            epochs=request.epochs,
            seed=seed,
            switches=placed,
            operations=request.operations,
        )
        for seed in request.seeds
        for pair in chosen
        for dtype in dtypes
        for setting, device in places
        for twin in twins
        for engine in engines or _usual(pair, request.operations or dtype in ONLY_BY_OPERATIONS)
        if _is_run(request, pair, dtype, twin, engine) and not spared(pair, twin, engine)
        for placed in _settings_of(pair, engine, setting, device)
    ]
    there = {spec.pair for spec in found}
    named = request.pairs or [pair.name for pair in chosen]
    lacking = [name for name in named if name not in there]
    if lacking and (request.pairs or not found):
        raise BadInput(
            f"nothing to run of {', '.join(lacking)} with twin {', '.join(twins)} and engine "
            f"{', '.join(engines or USUAL)} (fit and its kin need twin "
            "keras, the textbook optimizers have no Keras class, mirrored needs batches "
            "that its devices can share equally and a loss that is a mean, and operation by "
            f"operation, as in half precision, {', '.join(BY_OPERATIONS)} alone are observed)"
        )
    return [checked(spec) for spec in found]


def _chosen(request: Request) -> list[Pair]:
    """Return the pairs that are asked for by name, and those of the groups."""
    choose("group", request.groups, GROUPS)
    groups = request.groups or (() if request.pairs else DEFAULT_GROUPS)
    of_groups = [row for row in ROWS if row.group in groups or "all" in groups]
    return list({row.name: row for row in (*map(find, request.pairs), *of_groups)}.values())


def _is_run(request: Request, pair: Pair, dtype: str, twin: str, engine: str) -> bool:
    """Say whether there is such a run; in half precision a Keras twin that is lacking is told."""
    if dtype in ONLY_BY_OPERATIONS:
        return twin == "keras" and engine in BY_OPERATIONS
    if request.operations and (engine not in BY_OPERATIONS or (twin == "keras" and pair.in_turn)):
        return False
    return not _why_no_run(pair, twin, engine)


def _usual(pair: Pair, operations: bool) -> tuple[str, ...]:
    """Return the engines that run a pair unasked."""
    if operations:
        return BY_OPERATIONS[:1]
    return (*USUAL, "train_on_batch") if pair.in_turn else USUAL


def _settings_of(pair: Pair, engine: str, setting: tuple, device: str) -> list[tuple]:
    """Return the settings in which an engine runs: mirrored over 2 and over 4 CPUs."""
    return mirrored_settings(pair, setting, device) if engine == "mirrored" else [setting]


def _spares(request: Request) -> Callable[[Pair, str, str], bool]:
    """Return a function that says whether a run waits to be asked for by twin or engine."""
    one_twin = request.once or request.operations
    if request.twins or (request.engines and not one_twin):
        return lambda pair, twin, engine: False
    return _another_twin if one_twin else _spared


def _another_twin(pair: Pair, twin: str, engine: str) -> bool:
    """Say whether a run's twin is not the one by which a model is taken: Keras, where it can."""
    return bool(pair.keras) and twin == "tape" and not (pair.in_turn and engine in BY_OPERATIONS)


def _spared(pair: Pair, twin: str, engine: str) -> bool:
    """Say whether a run waits to be asked for: compiling for XLA is what takes longest.

    XLA runs once for each pair and dtype, on Keras where there is Keras.  And the optimizers
    alone do not ``fit``: with given gradients there is no more to see than in a graph.
    """
    alone = pair.group == "optimizers" and engine == "fit"
    return alone or (bool(pair.keras) and (twin, engine) == ("tape", "xla"))
