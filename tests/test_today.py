"""What to write today: every old program stops as its row says, every new one runs."""

import builtins
import warnings
from contextlib import redirect_stdout
from importlib.metadata import version
from io import StringIO

import pytest

from equivalence.cli.parser import main
from equivalence.texts import SECTIONS
from equivalence.texts.today import ROWS

pytestmark = pytest.mark.tensorflow

every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


def _run(program):
    """Run a program; return what it prints, and the warnings of Keras's that it gives."""
    printed = StringIO()
    with warnings.catch_warnings(record=True) as given, redirect_stdout(printed):
        warnings.simplefilter("always", UserWarning)
        exec(compile(program, "program", "exec"), {"__name__": "__main__"})
    return printed.getvalue(), [w for w in given if issubclass(w.category, UserWarning)]


def _version(package):
    return _numbers(version(package.lower()))


def _numbers(text):
    return tuple(int(part) for part in text.split(".")[:2])


@every_row
def test_what_the_text_writes_ends_as_its_row_says(row):
    if row.stops == "UserWarning":
        assert _run(row.then)[1]
        return
    if row.since and _version(row.since[0]) < _numbers(row.since[1]):
        with pytest.warns(DeprecationWarning, match="ndim > 0"):
            _run(row.then)
        return
    with pytest.raises(getattr(builtins, row.stops)) as raised:
        _run(row.then)
    assert type(raised.value).__name__ == row.stops


@every_row
def test_what_is_written_today_runs_and_is_not_warned_of(row):
    printed, given = _run(row.now)
    assert printed.strip()
    assert [str(w.message) for w in given] == []


@every_row
def test_a_row_names_sections_that_are_there_and_a_sentence_in_both_languages(row):
    assert row.sections and [key for key in row.sections if key not in SECTIONS] == []
    assert row.why and not row.why.endswith(".")
    first, last = "\N{HANGUL SYLLABLE GA}", "\N{HANGUL SYLLABLE HIH}"
    assert any(first <= letter <= last for letter in row.korean)


def test_the_tokens_of_today_are_those_of_the_text():
    (row,) = (row for row in ROWS if "Tokenizer" in row.name)
    printed, _ = _run(row.now)
    assert eval(printed) == [[2, 3, 1, 4, 5], [6, 1, 7], [8, 1, 9, 10, 1, 11]]


def test_the_command_lists_the_old_names_and_tells_one(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["today"]) == 0
    listed = capsys.readouterr().out
    assert [row.name for row in ROWS if row.name not in listed] == []
    assert max(map(len, listed.splitlines())) <= 80
    assert main(["today", "minimize"]) == 0
    told = capsys.readouterr().out
    assert "apply_gradients" in told and "Course 1-11" in told and "tf.log" not in told
    assert main(["today", "004", "01-3"]) == 0
    assert "optimizers.Adam" in capsys.readouterr().out
    assert main(["today", "placeholders"]) == 2
    assert "tf.placeholder" in capsys.readouterr().err
