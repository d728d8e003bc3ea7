"""The five texts: every section that is named anywhere is there, and is found as it is typed."""

from io import StringIO

import numpy as np
import pytest
from helpers.turns import one_in
from rich.console import Console

from equivalence import trees
from equivalence.book.columns import EVERY
from equivalence.cli.parser import parser
from equivalence.cli.verify import pair_names
from equivalence.errors import BadInput
from equivalence.pairs.table import PAIRS, ROWS
from equivalence.reader import concepts
from equivalence.texts import SECTIONS, TEXTS, UNANSWERED, at, found, named, printed


def test_every_pair_names_sections_that_are_there_or_says_what_it_is():
    for row in ROWS:
        assert row.source, row.name
        assert not row.where.startswith("seed"), f"{row.name}: at('000', '1-7') names a section"
        assert [key for key in row.sections if key not in SECTIONS] == []


def test_every_figure_stands_in_a_section_that_is_there():
    assert {f"{f.seed} {f.section}" for f in EVERY} - set(SECTIONS) == set()


def test_every_pair_of_a_figure_answers_the_section_of_the_figure():
    """Where the figure is of a run; the data table and worked steps have no pair."""
    sections = {row.name: row.sections for row in ROWS}
    astray = {
        (f.pair, f"{f.seed} {f.section}")
        for f in EVERY
        if f.pair in sections and f"{f.seed} {f.section}" not in sections[f.pair]
    }
    assert astray == set()


def test_every_command_of_a_section_can_be_typed_and_reads_a_concept_that_is_there():
    typed = [command for section in SECTIONS.values() for command in section.commands]
    assert typed
    for command in typed:
        words = command.split()
        parser().parse_args(words)
        assert words[0] != "read" or words[1] in concepts(), command


def test_a_section_is_prose_or_may_be_answered_never_both():
    assert [s.key for s in SECTIONS.values() if s.prose and s.commands] == []
    assert {s.text.key for s in SECTIONS.values() if s.prose} == {"000", "002", "003", "004"}


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("416_1", "001 416_1"),
        ("417_5.py", "001 417_5"),
        ("001 411", "001 411_1, 001 411_2"),
        ("411", "001 411_1, 001 411_2"),
        ("003 A4", "003 A4"),
        ("slides a4", "003 A4"),
        ("3 4", "003 A4, 003 B4"),
        ("A", "003 A1, 003 A2, 003 A3, 003 A4"),
        ("B5", "003 B5"),
        ("celsius 01-3", "004 01-3"),
        ("1-1", "000 1-1"),
        ("4.3", "002 4.3"),
        ("inside 431", "001 431_1"),
        ("41", ""),
        ("adam", ""),
        ("", ""),
    ],
)
def test_a_section_is_found_by_its_number_with_or_without_its_text(typed, keys):
    assert ", ".join(section.key for section in found(typed)) == keys


def test_a_text_is_known_by_its_key_and_by_the_words_of_its_name():
    assert [text.name for word in ("000", "0", "course") for text in named(word)] == ["Course"] * 3
    assert [text.key for text in named("Data analysis")] == ["002"]
    assert named("nothing") == []
    for text in TEXTS.values():
        assert named(text.key) == [text] == named(text.name)


def test_keys_are_printed_with_each_text_once():
    assert (
        printed(at("001", "417_5 417_6") + at("003", "A1"))
        == "Inside TensorFlow 417_5, 417_6; Slides A1"
    )


def _said(*typed, width=80):
    console = Console(file=StringIO(), width=width)
    options = parser().parse_args(typed)
    assert options.command(options, console, console) == 0
    return console.file.getvalue()


def test_the_command_tells_every_text_in_eighty_columns():
    said = _said("books")
    for text in TEXTS.values():
        assert f"{text.key}  {text.name}" in said
        assert text.title in said
    assert max(map(len, said.splitlines())) <= 80


@pytest.mark.parametrize("text", TEXTS.values(), ids=lambda text: text.key)
def test_the_command_tells_every_section_of_a_text_and_what_answers_it(text):
    said = _said("books", text.key, width=200)
    for section in SECTIONS.values():
        if section.text is text:
            assert section.about in said
    for row in ROWS:
        if any(key.startswith(text.key) for key in row.sections):
            assert row.name in said


def test_what_reads_a_section_reads_its_one_answer_or_lists_several():
    assert _said("read", "411").startswith("dense-2-2 (Inside TensorFlow 411_1, 411_2)\n")
    assert _said("read", "gru").startswith(_said("read", "5-4")[:20])
    listed = _said("read", "003", "A4")
    assert listed.startswith("Slides A4  losses, optimizers")
    for answer in ("line", "regression", "kl_divergence", "dropout"):
        assert f"equivalence read {answer}" in listed
    assert "equivalence plot activations" in _said("read", "4-2")


@pytest.mark.parametrize(
    ("typed", "pairs"),
    [
        (["416_1"], ("sigmoid-2-2-2",)),
        (["416"], ("sigmoid-2-2-2", "tanh-2-2-2", "relu-2-2-2")),
        (["003", "A4"], ("line",)),
        (["adam", "003", "A4", "adam"], ("adam", "line")),
        (["434_1"], ("adam-textbook", "adam")),
    ],
)
def test_a_section_stands_for_the_pairs_that_answer_it(typed, pairs):
    assert pair_names(typed) == pairs


def test_the_listing_of_pairs_fits_eighty_columns_and_leaves_the_rest_to_their_groups():
    listed = _said("pairs")
    assert max(map(len, listed.splitlines())) <= 80
    for row in ROWS:
        assert (f"\n{row.name} " in f"\n{listed}") == (row.group in ("books", "models")), row.name


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        (["--book", "celsius"], {"celsius-1", "celsius-1-4-4-1", "celsius-3-2-1"}),
        (["--book", "004", "--only", "made here"], {"celsius-3-2-1"}),
        (["xor"], {"xor-neuron", "xor-2-2-1", "radial-basis"}),
        (["424"], {"descent-left", "descent-right"}),
        (["--group", "axes"], {"saturated-softmax", "square-64"}),
        (["--group", "all", "--only", "given-adam"], {"given-adam", "given-adamw", "given-adamax"}),
    ],
)
def test_the_listing_of_pairs_is_narrowed(typed, names):
    lines = _said("pairs", *typed).splitlines()
    assert {line.split()[0] for line in lines if line[:1].strip()} == names


@pytest.mark.parametrize("name", one_in(9, PAIRS))
def test_a_pair_is_told_with_all_that_it_is(name):
    pair, told = PAIRS[name], _said("pairs", name, width=400)
    weights = pair.network(trees.reference()).weight_names
    for weight, array in zip(weights, pair.start(), strict=True):
        assert f"{weight} {np.shape(array)}" in told
    for part in (*pair.files, pair.where if not pair.sections else "", pair.note, pair.group):
        assert part in told
    for key in pair.sections:
        assert SECTIONS[key].about in told


def test_a_name_that_is_near_to_many_is_answered_with_three():
    with pytest.raises(BadInput, match="the nearest are dense-2-2, dense-2-1 and dense-3-3;"):
        pair_names(["dens-2-2"])


def test_every_section_is_answered_or_says_why_not():
    """By a pair, a command, a figure that is held, or the reason why there is nothing."""
    answered = {key for row in ROWS for key in row.sections}
    answered |= {f"{f.seed} {f.section}" for f in EVERY}
    answered |= {section.key for section in SECTIONS.values() if section.prose or section.commands}
    assert set(SECTIONS) - answered == set(UNANSWERED)
    assert all(UNANSWERED.values())
