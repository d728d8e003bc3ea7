"""Reports as one HTML file that needs nothing else: layers, operations, what differs."""

from functools import cache
from pathlib import Path

from equivalence.graph.terminal import sentences
from equivalence.templates import read_templates


def write_page(reports, path):
    """Write reports, of one model by several engines, as one page; return its path."""
    path = Path(path)
    path.write_text(as_page(reports), encoding="utf-8")
    return path


def as_page(reports):
    """Return the page as text."""
    return _template("page.html.j2").render(reports=[_plain(report) for report in reports])


def as_part(report):
    """Return one report as a part of a page, as notebooks show it."""
    return _template("report.html.j2").render(report=_plain(report), alone=True)


def _plain(report):
    """Return what the templates say of a report."""
    layers = [
        {
            "name": layer.name,
            "runs": sum(each.runs for each in layer.operations),
            "numbers": layer.numbers,
            "checked": layer.checked,
            "sharp_to": layer.sharp_to,
            "usage": layer.usage,
            "lost": layer.lost,
            "verdict": str(layer.verdict) if layer.numbers else "",
            "operations": layer.operations,
        }
        for layer in report.layers
    ]
    return {
        "title": f"{report.name}, engine {report.engine}",
        "verdict": str(report.verdict),
        "sentences": [sentence for sentence, _ in sentences(report)],
        "layers": layers,
    }


@cache
def _template(name):
    environment = read_templates(
        Path(__file__).parent,
        sharp=lambda value: f"{value:.1e}" if value else "",
        share=lambda value: f"{value:.0%}" if value else "",
        many=lambda value: f"{value:,}",
    )
    return environment.get_template(name)
