"""The table for a text: each kind of verdict has its sign, each run its place."""

from equivalence.results.markdown import KEY, markdown


def record(pair, twin, engine, verdict, expected=True, reason="", dtype="float32"):
    return {
        "pair": pair,
        "dtype": dtype,
        "twin": twin,
        "engine": engine,
        "verdict": verdict,
        "expected": expected,
        "reason": reason,
    }


def test_every_verdict_has_its_sign_in_its_column():
    known = "upstream defect x; bit-identical with its model; epoch 0"
    lines = markdown(
        [
            record("a", "keras", "eager", "different", reason=known),
            record("a", "tape", "eager", "bit-identical"),
            record("b", "tape", "eager", "rounding-identical"),
            record("b", "keras", "eager", "different", expected=False, reason="epoch 0"),
            record("b", "keras", "graph", "kink"),
            record("c", "keras", "eager", "skipped"),
        ]
    )
    assert lines == [
        "| pair | float32 tape: eager | float32 keras: eager graph |",
        "| --- | --- | --- |",
        "| a | = | != . |",
        "| b | ≈ | ≠ ~ |",
        "| c | . | . . |",
        "",
        KEY,
    ]
