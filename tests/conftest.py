"""The inner ring without TensorFlow; the last line, which says how many plants were found."""

from helpers import rings


def pytest_configure(config):
    if config.option.markexpr == rings.INNER:
        rings.keep_tensorflow_out()


def pytest_ignore_collect(collection_path, config):
    """Leave out of the inner ring what could not even be imported there."""
    if config.option.markexpr == rings.INNER and rings.needs_tensorflow(collection_path):
        return True
    return None


def pytest_terminal_summary(terminalreporter):
    """Print the kill rate of the plants that this run tried (``test_optimizer_plants``)."""
    reports = [r for reports in terminalreporter.stats.values() for r in reports]
    properties = [p for r in reports if getattr(r, "when", "") == "call" for p in r.user_properties]
    found = [value for name, value in properties if name == "planted defect found"]
    if found:
        rate = f"{sum(found)} of {len(found)} ({sum(found) / len(found):.1%})"
        terminalreporter.write_line(f"planted optimizer defects: {rate} found")
