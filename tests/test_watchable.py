"""What can be fetched without changing a bit is found in few trials, and remembered."""

import json

import pytest

from equivalence.graph.watchable import FOLDER, FUSED, Memory, Search

# 400 places of 40 kinds.
PLACES = range(400)


def like(place):
    return f"kind {place % 40}"


def search(changes, most=40, **more):
    """Return a Search of places of which some change the bits, and one that is changed by two."""
    asked = []

    def same(keep):
        asked.append(keep)
        return not set(keep) & set(changes)

    found = Search(same, like, most, **more)
    found.trials = asked
    return found


def test_where_nothing_changes_a_bit_all_is_found_at_once():
    found = search(())
    assert found.find(PLACES) == []
    assert found.good == list(PLACES) and found.asked == 1 and found.whole


@pytest.mark.parametrize("kinds", [(0,), (39,), (3, 17), (0, 1, 38, 39)])
def test_kinds_that_were_fused_are_each_found_by_bisection(kinds):
    changes = [place for place in PLACES if place % 40 in kinds]
    found = search(changes)
    assert found.find(PLACES) == changes
    assert found.good == [place for place in PLACES if place not in changes]
    assert {like(place) for place in changes} == set(found.fused)
    assert found.whole and found.asked <= 2 + 8 * len(kinds)


def test_what_was_fused_the_last_time_costs_one_trial():
    changes = [place for place in PLACES if place % 40 in (3, 17, 20)]
    found = search(changes)
    assert found.find(PLACES, known={"kind 3", "kind 17", "kind 20"}) == changes
    assert found.asked == 1


def test_what_is_set_aside_is_tried_by_halves():
    found = search([43])
    aside = found.find(PLACES)
    assert aside == list(range(3, 400, 40))
    found.halve(aside)
    assert found.good == [place for place in PLACES if place != 43] and found.whole


def test_the_search_ends_with_what_it_has_where_its_trials_are_spent():
    changes = [place for place in PLACES if place % 40 in (5, 11, 23, 31)]
    found = search(changes, most=13)
    aside = found.find(PLACES)
    assert found.asked == 13 and not found.whole
    assert found.good and not set(found.good) & set(changes)
    assert sorted([*found.good, *aside]) == list(PLACES)


def test_what_was_good_last_is_what_was_tried_last_with_success():
    found = search([7, 130])
    found.halve(list(PLACES))
    good = [trial for trial in found.trials if not {7, 130} & set(trial)]
    assert found.good == good[-1]


def test_where_fetching_nothing_changes_a_bit_nothing_is_searched():
    found = Search(lambda keep: False, like, 40)
    assert found.find(PLACES) == list(PLACES)
    assert found.asked == 2 and not found.alike and not found.good


def test_loops_are_tried_behind_what_is_outside_of_them():
    found = search(range(200, 400), group=lambda place: place >= 200)
    assert found.find(PLACES) == list(range(200, 400))
    assert found.good == list(range(200))


def test_a_kind_that_was_fused_in_one_group_is_left_aside_in_the_others():
    changes = [place for place in PLACES if place % 40 in (7, 29)]
    found = search(changes, group=lambda place: place // 100)
    assert found.find(PLACES) == changes and found.whole
    alone = search([place for place in changes if place < 100], group=lambda place: place // 100)
    assert alone.find(PLACES) and found.asked == alone.asked


def test_what_changes_are_laid_to_is_left_aside_without_bisection():
    changes = [120, 333]
    near = lambda places: {p for p in places if min(abs(p - c) for c in changes) < 9}
    found = search(changes, blame=near)
    assert found.find(PLACES) == sorted(near(PLACES))
    assert found.asked == 2 and found.alike and not found.fused


@pytest.mark.parametrize("useless", [lambda places: set(), lambda places: {*places}])
def test_blame_that_tells_nothing_is_not_followed(useless):
    changes = [place for place in PLACES if place % 40 in (3, 17)]
    assert search(changes, blame=useless).find(PLACES) == changes


def test_a_program_tells_what_may_change_a_bit():
    changes = [place for place in PLACES if place % 7 == 0]
    found = search(changes, program=lambda: ({1, 2}, {*changes, 5}))
    assert found.find(PLACES) == sorted([*changes, 5])
    # everything, nothing, the program itself, everything compared, and what it tells
    assert found.asked == 6 and found.trials[3:] == [found.good] and found.whole


def test_programs_that_are_compared_tell_what_changes_a_bit():
    changes = [17, 18, 230]
    asked = []

    def compare(places):
        asked.append(places)
        return {17, 18} if 17 in places else {230}

    found = search(changes, program=lambda: (set(), {5, 9}), compare=compare)
    assert found.find(PLACES) == changes and found.compared and found.whole
    # everything, nothing, the program itself, and thrice what differs, of which two are compared
    assert asked == [list(PLACES), [p for p in PLACES if p not in (17, 18)]]
    assert found.asked == 3 + 3 + 2


def test_what_is_left_aside_is_compared_once_more_with_what_is_good():
    changes = [17]
    compare = lambda places: {16, 17, 18} if len(places) == 400 and not found.good else {17}
    found = search(changes, program=lambda: (set(), set()), compare=compare)
    aside = found.find(PLACES)
    assert aside == [16, 17, 18]
    before = found.asked
    found.try_again(aside)
    assert found.good == [p for p in PLACES if p != 17]
    assert found.asked == before + 2 + 2  # all and what differs, the others, and 17 by itself


def test_programs_that_have_little_in_common_tell_nothing():
    """What is left aside then would be enclosed at best: own_operations was covered by 6 %."""
    found = search([17], program=lambda: ({*PLACES}, {17}), compare=lambda p: {*range(17, 217)})
    assert found.find(PLACES) == [17] and not found.compared


def test_where_programs_do_not_differ_numbers_are_asked():
    changes = [17]
    blame = lambda places: {p for p in places if 15 <= p < 20} if len(asked) > 0 else set()
    asked = []
    found = search(
        changes,
        blame=blame,
        program=lambda: (set(), set()),
        compare=lambda p: asked.append(p) or set(),
    )
    assert found.find(PLACES) == [15, 16, 17, 18, 19]


def test_what_is_in_memory_is_taken_in_first_where_a_program_tells_too_little():
    """As what is in between then tells where a change arises."""
    changes = [11]

    def blame(places):
        return {p for p in places if 8 <= p < 14} if found.good else set()

    found = search(changes, blame=blame, program=lambda: (set(range(100, 300)), {0}))
    assert found.find(PLACES) == [0, *range(8, 14)]
    assert found.trials[4] == list(range(100, 300)) and found.asked == 9 and found.whole


def test_a_program_that_tells_nothing_leaves_it_to_halves():
    changes = [17]
    found = search(changes, program=lambda: ({*PLACES}, set()))
    found.halve(found.find(PLACES))
    assert not set(found.good) & set(changes) and len(found.good) > 300


def test_what_changes_are_laid_to_is_a_part_by_itself():
    found = search([43], blame=lambda places: {p for p in places if 40 <= p < 48})
    found.halve(list(PLACES))
    assert found.trials[1] == [place for place in PLACES if not 40 <= place < 48]
    assert found.good == [place for place in PLACES if place != 43] and found.asked <= 10


def test_what_could_not_be_fetched_is_remembered_in_a_file(tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER, str(tmp_path / "new"))
    assert Memory().model(["a", "b"]) is None and Memory().kinds("graph") == set(FUSED["graph"])
    Memory().keep(["a", "b"], [1], True, "graph", ["MatMul > BiasAdd"])
    Memory().keep(["a", "c"], [], False, "graph", ["Mul > Mul"])
    assert Memory().model(["a", "b"]) == ([1], True)
    assert Memory().model(["a", "c"]) == ([], False)
    assert Memory().kinds("graph") == {"MatMul > BiasAdd", "Mul > Mul", *FUSED["graph"]}
    assert Memory().kinds("xla") == set(FUSED["xla"])
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["watched.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({"models": {}})])
def test_a_file_that_is_none_of_ours_is_forgotten(tmp_path, text):
    (tmp_path / "watched.json").write_text(text)
    memory = Memory(tmp_path)
    assert memory.model(["a"]) is None
    memory.keep(["a"], [0], True, "xla", [])
    assert memory.model(["a"]) == ([0], True)


def test_where_nothing_can_be_written_nothing_is_remembered(tmp_path):
    (tmp_path / "file").write_text("")
    for memory in (Memory(tmp_path / "file"), Memory("")):
        memory.keep(["a"], [0], True, "xla", [])
        assert memory.model(["a"]) is None
