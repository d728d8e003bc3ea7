"""The table of machines: what each sets, and that a failing command fails the whole."""

from dataclasses import replace

import machines
import pytest


def test_a_machine_sets_its_own_variables_and_no_other_row_s(monkeypatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Nehalem")
    by_name = {machine.name: machine for machine in machines.MACHINES}
    assert len(by_name) == len(machines.MACHINES)
    assert "OPENBLAS_CORETYPE" not in machines.environment(by_name["as it is"])
    assert machines.environment(by_name["openblas-haswell"])["OPENBLAS_CORETYPE"] == "Haswell"
    found = machines.environment(by_name["xla-avx"])
    assert found["XLA_FLAGS"] == "--xla_cpu_max_isa=AVX"
    assert "OPENBLAS_CORETYPE" not in found
    monkeypatch.delenv("HYPOTHESIS_PROFILE", raising=False)
    assert machines.environment(by_name["as it is"])["HYPOTHESIS_PROFILE"] == "ci"


def test_a_machine_that_this_processor_cannot_play_says_so():
    here = replace(machines.MACHINES[0], needs=("NO_SUCH_INSTRUCTIONS",))
    assert machines.missing(here) == "not run: this processor has no NO_SUCH_INSTRUCTIONS"
    assert machines.missing(machines.MACHINES[0]) == ""


@pytest.mark.parametrize(
    ("holds", "code"), [pytest.param("True", 0, marks=pytest.mark.outer), ("False", 1)]
)
def test_a_test_that_fails_on_a_machine_is_named_and_fails_the_command(
    holds, code, tmp_path, monkeypatch, capsys
):
    file = tmp_path / "test_one.py"
    file.write_text(f"def test_it():\n    assert {holds}\n", encoding="utf-8")
    typed = ["machines.py", "--only", "as it is", "--command", "tests", "--workers", "0"]
    monkeypatch.setattr("sys.argv", [*typed, str(file)])
    assert machines.main() == code
    printed = capsys.readouterr().out
    assert "as it is: tests" in printed
    assert ("test_one.py::test_it" in printed) == bool(code)


def test_every_chosen_file_is_there():
    for chosen in machines.CHOSEN:
        assert (machines.ROOT / chosen.partition("::")[0]).exists()
