"""Which tensors can be fetched together without changing a bit: a search in few compilations.

A compiler that fuses two operations of one kind fuses others of that kind, too.  So tensors are
put into classes of what is alike, and classes that were fused the last time are left aside.  Of
the others the first that changes a bit is found by bisection: one prefix of the classes keeps all
bits, the next one does not.  What is left aside is tried in the end, as far as the trials reach.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

# Where what was found is remembered: a folder, or nowhere where it is empty.
FOLDER = "EQUIVALENCE_CACHE"
# What was fused in rows of ``python -m equivalence.benchmark.watching``, as ``Watching`` names it:
# an operation's kind and result, and the kinds of those that take it.
FUSED = {
    "graph": (
        *(f"BiasAdd:0 > {kind}" for kind in ("Elu", "LeakyRelu", "Relu", "Relu6", "Tanh")),
        *("Conv2D:0 > BiasAdd", "MatMul:0 > BiasAdd", "Mul:0 > Mul"),
        *("Sqrt:0 > RealDiv", "Sub:0 > AddV2", "AddV2:0 > AddV2", "AddV2:0 > Sigmoid"),
        *("BiasAdd:0 > AddV2", "BiasAdd:0 > Sigmoid", "MatMul:0 > AddV2"),
        *("Mul:0 > AddN", "Mul:0 > Reshape", "Neg:0 > AddN"),
    ),
    "xla": (
        *(f"Mul:0 > {kind}" for kind in ("AddN", "AddV2", "Mul", "Sum")),
        *("MatMul:0 > AddV2", "MatMul:0 > BiasAdd", "Mean:0 > Sum", "SigmoidGrad:0 > Reshape"),
    ),
}
# Of how many models.
MODELS = 500


@dataclass
class Search:
    """Finds a set of places that can be fetched together.

    same: of a sorted list of places, whether fetching them keeps every bit.
    like: of a place, what is alike; group: of a place, what is tried behind the other groups.
    most: how often ``same`` may be asked; asked: how often it was.
    good: what can be fetched together, as it was last found; fused: what is alike and could not.
    whole: whether the search ended by itself; alike: whether fetching nothing keeps every bit.
    """

    same: Callable[[list], bool]
    like: Callable[[int], Hashable]
    most: int
    group: Callable[[int], Hashable] = lambda place: None
    asked: int = 0
    good: list = field(default_factory=list)
    fused: list = field(default_factory=list)
    whole: bool = True
    alike: bool = True

    def keeps(self, places):
        """Say whether the bits are kept with more places, which are good then."""
        self.asked += 1
        keep = sorted([*self.good, *places])
        if not self.same(keep):
            return False
        self.good = keep
        return True

    @property
    def _may_ask(self):
        if self.asked >= self.most:
            self.whole = False
        return self.whole

    def find(self, places: Iterable[int], known=()):
        """Search all places but those like what is known to be fused, which are returned."""
        aside = []
        groups: dict[Hashable, dict] = {}
        for place in places:
            if self.like(place) in known:
                aside.append(place)
            else:
                classes = groups.setdefault(self.group(place), {})
                classes.setdefault(self.like(place), []).append(place)
        tried = [list(each.values()) for each in groups.values()]
        everything = _all_of(places for each in tried for places in each)
        if not tried or self.keeps(everything):
            return sorted(aside)
        self.alike = self.keeps([])
        if not self.alike:
            return sorted([*aside, *everything])
        for each in tried:
            # What was fused in one group is so in the others.
            left = [places for places in each if self.like(places[0]) not in self.fused]
            aside += _all_of(places for places in each if places not in left)
            aside += self._find_of(left, known_to_change=len(tried) == 1)
        return sorted(aside)

    def _find_of(self, classes, known_to_change):
        """Take in all of some classes that can be; return the places of the others."""
        aside = []
        while classes and self._may_ask:
            if not known_to_change and self.keeps(_all_of(classes)):
                return aside
            known_to_change = False
            first = self._first_that_changes(classes)
            if first is None:
                break
            aside += classes[first]
            self.fused.append(self.like(classes[first][0]))
            classes = classes[first + 1 :]
        return aside + _all_of(classes)

    def _first_that_changes(self, classes):
        """Take in the classes before the first that changes a bit; return its number."""
        low, high = 0, len(classes)  # the first low keep all bits, the first high do not
        while high - low > 1:
            if not self._may_ask:
                return None
            middle = (low + high) // 2
            if self.keeps(_all_of(classes[low:middle])):
                low = middle
            else:
                high = middle
        return low

    def halve(self, places):
        """Take in those of some places that can be, by halving, as far as the trials reach."""
        if places and self._may_ask and not self.keeps(places) and len(places) > 1:
            middle = len(places) // 2
            self.halve(places[:middle])
            self.halve(places[middle:])


def _all_of(classes):
    return [place for places in classes for place in places]


class Memory:
    """What could not be fetched the last time: of each model, and of which kinds, by engine.

    It is kept in a file of the user's cache; where that cannot be written, in none.  Nothing hangs
    on what it says: whether bits are kept is asked again each time.
    """

    def __init__(self, folder=None):
        if folder is None:
            folder = os.environ.get(FOLDER, Path.home() / ".cache" / "equivalence")
        self.path = Path(folder) / "watched.json" if folder else None

    def _read(self):
        try:
            found = json.loads(self.path.read_text(encoding="utf-8")) if self.path else {}
        except (OSError, ValueError):
            found = {}
        return {"models": {}, "kinds": {}} | (found if isinstance(found, dict) else {})

    def model(self, tensors):
        """Return the places of a model's tensors that were not fetched, and whether that was all.

        None where that is not known.  tensors: what they are, in words.
        """
        found = self._read()["models"].get(_digest(tensors))
        return found and (found["without"], found["whole"])

    def kinds(self, engine):
        """Return what was alike and could not be fetched under an engine, in any model."""
        found = self._read()["kinds"].get(f"{engine} {_software()}", ())
        return {*FUSED.get(engine, ()), *found}

    def keep(self, tensors, without, whole, engine, kinds):
        """Remember what of a model cannot be fetched, and of which kinds that is.

        whole: whether the search ended by itself.
        """
        if self.path is None:
            return
        found = self._read()
        key = _digest(tensors)
        found["models"].pop(key, None)  # the last one stands at the end
        found["models"][key] = {"without": without, "whole": whole}
        found["models"] = dict(list(found["models"].items())[-MODELS:])
        of_engine = found["kinds"].setdefault(f"{engine} {_software()}", [])
        of_engine += sorted(set(kinds) - set(of_engine))
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(
                "w", dir=self.path.parent, delete=False, encoding="utf-8"
            ) as file:
                json.dump(found, file)
            Path(file.name).replace(self.path)
        except OSError:
            return


def _software():
    return " ".join(f"{name} {version(name)}" for name in ("tensorflow", "keras"))


def _digest(tensors):
    return hashlib.sha256("\n".join([_software(), *tensors]).encode()).hexdigest()[:24]
