"""What stands on the page of all twins: by text and section, and by topic."""

from itertools import groupby

from equivalence.reader.sources import concepts
from equivalence.texts import SECTIONS

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
    "ops": "Operations of TensorFlow's graphs",
    "": "The training step, and what is used everywhere",
}


def anchor(file):
    """Return the name by which a page's part on a file is linked to."""
    return file.removesuffix(".py").replace("/", "-")


def by_text():
    """Return (text, ((section, pair, its files), ...)) of the sections that something answers.

    pair: "" where a section has concepts to read and no pair.
    """
    of_sections = [(row, entry) for row in SECTIONS.values() for entry in _entries(row)]
    return tuple(
        (f"{text.key} {text.name}: {text.title}", tuple(entry for _, entry in rows))
        for text, rows in groupby(of_sections, lambda found: found[0].text)
    )


def _entries(section):
    """Yield (section, pair, files) of every pair that answers a section, or of its concepts."""
    from equivalence.pairs.table import of_section

    known, words = concepts(), f"{section.number} {section.about}"
    link = lambda file: (_stem(file), anchor(file))
    pairs = of_section(section.key)
    for row in pairs:
        yield words, row.name, tuple(link(file) for file in row.files if file in known.values())
    if section.concepts and not pairs:
        yield words, "", tuple(link(known[name]) for name in section.concepts)


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
