"""``python -m equivalence.benchmark FILE ...``: read results files, print, draw.

FILE is what ``make bench`` or ``make bench-peers`` wrote.  Exit codes: 0, or 2 for
wrong usage.
"""

import argparse
import sys
from pathlib import Path

from rich.console import Console

from equivalence.benchmark.records import read
from equivalence.benchmark.report import report


def main(arguments=None):
    """Print the report of some results files and draw their charts; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m equivalence.benchmark", description="Read what `make bench` measured."
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="a results file, JSON")
    parser.add_argument("--charts", metavar="FOLDER", type=Path, help="draw the charts there")
    options = parser.parse_args(arguments)
    try:
        results = [read(path) for path in options.files]
    except ValueError as error:
        print(f"equivalence.benchmark: {error}", file=sys.stderr)
        return 2
    console = Console()
    console.print(report(results))
    if options.charts:
        from equivalence.benchmark import charts

        options.charts.mkdir(parents=True, exist_ok=True)
        for path in charts.draw(results, options.charts):
            console.print(f"drawn: {path}", highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
