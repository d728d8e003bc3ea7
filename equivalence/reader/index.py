"""What stands on the page of all twins: by seed and section, and by topic."""

import re
from itertools import groupby

from equivalence.reader.sources import concepts

TOPICS = {
    "networks": "Networks",
    "layers": "Layers",
    "activations": "Activations",
    "losses": "Losses",
    "regularizers": "Regularizers",
    "constraints": "Constraints",
    "optimizers": "Optimizers",
    "schedules": "Learning-rate schedules",
    "random": "Random numbers",
    "": "The training step, and what is used everywhere",
}


def anchor(file):
    """Return the name by which a page's part on a file is linked to."""
    return file.removesuffix(".py").replace("/", "-")


def by_seed():
    """Return (seed, ((section, pair, its files), ...)) for every pair that a seed has."""
    from equivalence.pairs.table import ROWS

    pairs = [row for row in ROWS if row.source.startswith("seed")]
    pairs = [row for row in pairs if row.group in ("books", "models")]
    pairs.sort(key=lambda row: _natural(row.source))
    seed_of = lambda row: row.source.split(",")[0]
    return tuple(
        (seed.replace("seed", "Seed"), tuple(_entry(row, seed) for row in rows))
        for seed, rows in groupby(pairs, seed_of)
    )


def _entry(row, seed):
    section = row.source.removeprefix(seed).lstrip(", ")
    known = concepts().values()
    files = tuple((_stem(file), anchor(file)) for file in row.files if file in known)
    return section, row.name, files


def by_topic():
    """Return (topic, ((concept, anchor), ...)) for every file that has a twin."""
    files = sorted(concepts().values(), key=lambda file: (_place(file), file))
    return tuple(
        (TOPICS.get(room, room), tuple((_stem(file), anchor(file)) for file in of_room))
        for room, of_room in groupby(files, lambda file: file.rpartition("/")[0])
    )


def _place(file):
    room = file.rpartition("/")[0]
    return list(TOPICS).index(room) if room in TOPICS else len(TOPICS)


def _stem(file):
    return file.rpartition("/")[2].removesuffix(".py")


def _natural(text):
    """Return a key by which 4-12 comes after 4-2."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", text)]
