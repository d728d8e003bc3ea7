"""Which tensors can be fetched together without changing a bit: a search in few compilations.

A compiler that fuses two operations of one kind fuses others of that kind, too.  So tensors are
put into classes of what is alike, and classes that were fused the last time are left aside.  Where
the others change a bit, those are left aside to which the changed numbers are laid.  If that does
not help, the program that was compiled is asked: all but what it would round once more is tried,
or at first what it has in memory anyway.  Where nothing tells, the first class that changes a bit
is found by bisection: one prefix of the classes keeps all bits, the next one does not.  What is
left aside is tried in the end, as far as the trials reach.
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
        *("Conv2D:0 > BiasAdd", "MatMul:0 > BiasAdd", "Mul:0 > Mul", "Sigmoid:0 > Mul"),
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
# How often numbers are asked in turn what changed them: of variables alone, whose rounding hides
# changes, and of numbers in between, too; and how often what is in memory anyway is halved.
AT_FIRST, ASKED, HALVED = 2, 5, 8
# The share of what was tried that changes may be laid to: whoever suspects more knows nothing.
SUSPECTED = 0.75
# The same of what comparing programs tells: where so much is other, another program was compiled.
DIFFERENT = 0.25


@dataclass
class Search:
    """Finds a set of places that can be fetched together.

    same: of a sorted list of places, whether fetching them keeps every bit.
    like: of a place, what is alike; group: of a place, what is tried behind the other groups.
    most: how often ``same`` may be asked; asked: how often it was, with what ``program`` costs.
    blame: of places that changed a bit when they were asked last, those that may have done it.
    program: what the compiled program tells: (places that it has in memory, those that may change
        a bit); None where nothing tells that.
    compare: of places that are fetched, those by which the program computes other numbers; it is
        asked behind ``program``, and costs a trial.
    good: what can be fetched together, as it was last found; fused: what is alike and could not.
    compared: whether comparing programs told what changes a bit.
    whole: whether the search ended by itself; alike: whether fetching nothing keeps every bit.
    """

    same: Callable[[list], bool]
    like: Callable[[int], Hashable]
    most: int
    group: Callable[[int], Hashable] = lambda place: None
    blame: Callable[[list], set] = lambda places: set()
    program: Callable[[], tuple | None] = lambda: None
    compare: Callable[[list], set] = lambda places: set()
    asked: int = 0
    good: list = field(default_factory=list)
    fused: list = field(default_factory=list)
    compared: bool = False
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
        places = list(places)
        trusted = [place for place in places if self.like(place) not in known]
        aside = [place for place in places if self.like(place) in known]
        if not trusted:
            return aside
        left = self._narrow(trusted, AT_FIRST, self.blame)
        if left is None:
            # What was learnt of other models was of no use: of this one it may not be so.
            left = self._ask_program(places)
            aside = [] if left is not None else aside
        if left is None and self.alike:
            missing = [place for place in trusted if place not in self.good]
            left = self._find_by_classes(missing)
        left = trusted if left is None else left
        return sorted({*aside, *left} - {*self.good})

    def _narrow(self, places, times, blame):
        """Take in places but those that changes are laid to, which are returned.

        times: how often it may be asked what changed numbers.  None where that does not end.
        """
        left, aside = list(places), []
        for _ in range(times):
            if not left or not self._may_ask:
                return None
            if self.keeps(left):
                self.alike = True
                return aside
            blamed = blame(left)
            if not blamed or len(blamed) > SUSPECTED * len(places):
                return None
            aside += [place for place in left if place in blamed]
            left = [place for place in left if place not in blamed]
        return None

    def _ask_program(self, places):
        """Take in places by what the program that was compiled tells of them.

        Returns those that are left aside; None where nothing tells.
        """
        if not self._may_ask:
            return None
        self.alike = self.keeps([])
        told = self.program() if self.alike else None
        if told is None:
            return None
        self.asked += 1
        left = self._narrow(places, ASKED, self._compared)
        self.compared = left is not None
        if self.compared:
            return left
        kept, changing = told
        likely = [place for place in places if place not in changing]
        if self._narrow(likely, ASKED, self.blame) is None:
            # What is in memory anyway, then, so that numbers in between tell where changes arise.
            kept = [place for place in likely if place in kept]
            if self._narrow(kept, ASKED, self.blame) is None:
                self.halve(kept, self.asked + HALVED)
            if self.good:
                left = [place for place in likely if place not in self.good]
                self._narrow(left, ASKED, self.blame)
        if not self.good:
            return None
        return [place for place in places if place not in self.good]

    def _compared(self, places):
        """Return the places by which the program, or else numbers tell that others changed."""
        if not self._may_ask:
            return set()
        self.asked += 1
        blamed = self.compare(sorted([*self.good, *places])) & {*places}
        if not self.good and len(blamed) > DIFFERENT * len(places):
            return set()
        return blamed or self.blame(places)

    def _find_by_classes(self, places):
        aside = []
        groups: dict[Hashable, dict] = {}
        for place in places:
            classes = groups.setdefault(self.group(place), {})
            classes.setdefault(self.like(place), []).append(place)
        tried = [list(each.values()) for each in groups.values()]
        for each in tried:
            # What was fused in one group is so in the others.
            left = [places for places in each if self.like(places[0]) not in self.fused]
            aside += _all_of(places for places in each if places not in left)
            aside += self._find_of(left, known_to_change=len(tried) == 1 and not self.good)
        return aside

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

    def try_again(self, places):
        """Take in what was left aside, as far as the trials reach.

        Where comparing programs told what changes a bit, it is asked of these, too: what it does
        not name comes first.
        """
        if not self.compared or not places or not self._may_ask:
            self.halve(places)
        elif not self.keeps(places):
            blamed = self._compared(places)
            self.halve([place for place in places if place not in blamed])
            blamed = sorted(blamed)
            for part in (blamed[: len(blamed) // 2], blamed[len(blamed) // 2 :]):
                self.halve(part)

    def halve(self, places, most=None):
        """Take in those of some places that can be, in two parts, as far as the trials reach.

        What changes are laid to is a part by itself; where nothing tells, halves are.
        most: how many trials there may be in all, None for as many as there are.
        """
        if not places or not self._may_ask or self.asked >= (most or self.most):
            return
        if not self.keeps(places) and len(places) > 1:
            blamed = self.blame(places)
            part = [place for place in places if place not in blamed]
            if not 0 < len(part) < len(places):
                part = places[: len(places) // 2]
            self.halve(part, most)
            self.halve([place for place in places if place not in part], most)


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
