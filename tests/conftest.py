"""The last line of a test run: how many of the planted optimizer defects were found."""


def pytest_terminal_summary(terminalreporter):
    """Print the kill rate of the plants that this run tried (``test_optimizer_plants``)."""
    reports = [r for reports in terminalreporter.stats.values() for r in reports]
    properties = [p for r in reports if getattr(r, "when", "") == "call" for p in r.user_properties]
    found = [value for name, value in properties if name == "planted defect found"]
    if found:
        rate = f"{sum(found)} of {len(found)} ({sum(found) / len(found):.1%})"
        terminalreporter.write_line(f"planted optimizer defects: {rate} found")
