"""The table for a text: each kind of verdict has its sign, each run its place."""

from equivalence.results.markdown import KEY, markdown


def record(pair, twin, engine, verdict, expected=True, with_models=None, dtype="float32"):
    return {
        "pair": pair,
        "dtype": dtype,
        "twin": twin,
        "engine": engine,
        "verdict": verdict,
        "expected": expected,
        "with_models": with_models,
    }


def test_every_verdict_has_its_sign_in_its_column():
    lines = markdown(
        [
            record("a", "keras", "eager", "different", with_models="bit-identical"),
            record("a", "tape", "eager", "bit-identical"),
            record("b", "tape", "eager", "rounding-identical"),
            record("b", "keras", "eager", "different", expected=False),
            record("b", "keras", "graph", "kink"),
            record("b", "keras", "fit", "overflow", expected=False),
            record("c", "keras", "eager", "skipped"),
        ]
    )
    assert lines == [
        "| pair | float32 tape: eager | float32 keras: eager graph fit |",
        "| --- | --- | --- |",
        "| a | = | != . . |",
        "| b | ≈ | ≠ ? ^ |",
        "| c | . | . . . |",
        "",
        KEY,
    ]
