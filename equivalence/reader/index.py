"""What the index of all pages has: the texts with their sections, and the twins by topic."""

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


def page_of(pair):
    """Return the file of a pair's page."""
    return f"pair-{pair.name}.html"


def pairs_of_texts():
    """Return the pairs that a text has, in the order of the texts' sections."""
    from equivalence.pairs.table import ROWS

    found = [row for key in SECTIONS for row in ROWS if key in row.sections]
    return list({row.name: row for row in found}.values())


def by_text():
    """Return the texts, each with all its sections and the links to what answers them."""
    return tuple(
        {
            "name": f"{text.key} {text.name}",
            "title": text.title,
            "author": text.author,
            "kind": text.kind,
            "sections": [
                {"number": section.number, "about": section.about, **_links(section)}
                for section in sections
            ],
        }
        for text, sections in groupby(SECTIONS.values(), lambda section: section.text)
    )


def _links(section):
    """Return what answers a section: links to pairs and to code, and other commands."""
    from equivalence.pairs.table import of_section

    known = concepts()
    return {
        "pairs": [{"href": page_of(row), "name": row.name} for row in of_section(section.key)],
        "code": [
            {"href": f"{anchor(known[name])}.html", "name": name} for name in section.concepts
        ],
        "commands": [c for c in section.commands if not c.startswith("read ")],
    }


def by_topic():
    """Return (topic, files) for every file that has a twin."""
    files = sorted(concepts().values(), key=lambda file: (_place(file), file))
    return tuple(
        (TOPICS.get(room, room), tuple(of_room))
        for room, of_room in groupby(files, lambda file: file.rpartition("/")[0])
    )


def _place(file):
    room = file.rpartition("/")[0]
    return list(TOPICS).index(room) if room in TOPICS else len(TOPICS)
