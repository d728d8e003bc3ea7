"""The charts: each answers one question at a glance, as PNG and SVG.

Colours are Okabe and Ito's (2008), which colour-blind readers tell apart; every line
has its own mark and its name beside it.
"""

from math import inf

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import ticker

from equivalence.benchmark import growth
from equivalence.benchmark.cases import ENGINES, NUMPY, PEERS
from equivalence.benchmark.report import duration, growing, times, words

LOOK = {
    "numpy": ("#000000", "o"),
    "eager": ("#E69F00", "v"),
    "graph": ("#0072B2", "s"),
    "xla": ("#D55E00", "D"),
    "train_on_batch": ("#009E73", "^"),
    "fit": ("#CC79A7", "P"),
    "autograd": ("#999999", "X"),
    "torch": ("#56B4E9", "<"),
    "jax": ("#7A5195", ">"),
}
STYLE = {
    "figure.dpi": 120,
    "figure.facecolor": "white",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E6E6E6",
    "grid.linewidth": 0.7,
    "lines.linewidth": 1.6,
    "lines.markersize": 5,
    "svg.hashsalt": "equivalence",  # the same results give the same file
}
ROOM = 0.26  # the share of the width that an engine's name takes
SECONDS = ticker.FuncFormatter(lambda x, _: duration(x).replace(".0 ", " "))


def draw(all_results, folder):
    """Draw every chart for which there are data into ``folder``; yield the files."""
    with plt.rc_context(STYLE):
        for name, chart in CHARTS.items():
            figure = chart(all_results)
            if figure is None:
                continue
            for kind, metadata in (("png", {"Software": None}), ("svg", {"Date": None})):
                path = folder / f"{name}.{kind}"
                figure.savefig(path, bbox_inches="tight", metadata=metadata)
                yield path
            plt.close(figure)


def look(column):
    """Return colour, mark and line style of a column; a GPU's line is dashed."""
    engine, _, device = column.partition(" ")
    return *LOOK[engine], "--" if device else "-"


# ---------------------------------------------- from which size on is TensorFlow faster?


def step_time(all_results):
    """Step time against work, and below it who is faster where."""
    results = all_results[0]
    series = growing(results)
    if len(series) < 2 or len({r.flops for r in series.get("numpy", ())}) < 2:
        return None
    rivals = [column for column in series if column != "numpy"]
    networks = by_network(series["numpy"])
    heights = (4.6, 0.2 * len(networks), 0.25 * len(rivals))
    figure, (above, middle, below) = plt.subplots(
        3,
        sharex=True,
        figsize=(8.5, 1.4 + sum(heights)),
        height_ratios=heights,
        layout="constrained",
    )
    for column, records in series.items():
        colour, mark, line = look(column)
        for same in by_network(records).values():
            above.plot(
                [r.flops for r in same], [r.seconds for r in same], line, marker=mark, color=colour
            )
    above.set(xscale="log", yscale="log", ylabel="time of one step")
    above.set_title("How long a training step takes: SGD, float32")
    above.yaxis.set_major_formatter(SECONDS)
    low, high = above.get_xlim()
    low = low / (high / low) ** ROOM
    above.set_xlim(low, high)
    _label_at_left(above, {c: min(rs, key=lambda r: r.flops) for c, rs in series.items()})
    batches = sorted({r.case.batch for r in series["numpy"]})
    _strip(middle, f"Which network, from batch {batches[0]} to {batches[-1]}", len(networks))
    for k, (name, same) in enumerate(networks.items()):
        middle.plot([r.flops for r in same], [k] * len(same), "|-", color="#777777")
        middle.annotate(
            f"{name}  ",
            (same[0].flops, k),
            ha="right",
            va="center",
            fontsize=9,
            color="#333333",
        )
    _strip(below, "Who is faster (hatched: between the two)", len(rivals))
    for k, column in enumerate(rivals):
        _who_is_faster(below, k, column, growth.crossover(series[column]), low, high)
    below.set_xlabel("floating-point operations a step")
    below.xaxis.set_major_formatter(ticker.EngFormatter(sep=" "))
    return figure


def _strip(axes, title, rows):
    axes.set(ylim=(rows - 0.4, -0.6), yticks=[])
    axes.set_title(title, loc="left", fontsize=10)
    axes.grid(False)
    axes.spines["left"].set_visible(False)


def by_network(records):
    """Return {network: its records by growing batch}."""
    found = {}
    for record in sorted(records, key=lambda r: r.case.batch):
        found.setdefault(record.case.network, []).append(record)
    return found


def _label_at_left(axes, firsts):
    """Write each engine's name left of its first point, no two over each other."""
    least = 0.3  # decades between two names
    position = -inf
    for column, record in sorted(firsts.items(), key=lambda item: item[1].seconds):
        position = max(np.log10(record.seconds), position + least)
        axes.annotate(
            words(column),
            (record.flops / 2, 10**position),
            ha="right",
            va="center",
            color=look(column)[0],
            fontweight="bold",
            fontsize=9,
        )


def _who_is_faster(axes, row, column, found, low, high):
    """Draw a bar: grey where NumPy is faster, coloured where the engine is, hatched between."""
    colour = look(column)[0]
    ends = found.slower.flops if found.slower else low
    begins = found.faster.flops if found.faster else high
    axes.barh(row, ends - low, left=low, height=0.7, color="#DDDDDD")
    axes.barh(row, high - begins, left=begins, height=0.7, color=colour)
    if found.slower and found.faster:
        between = {"color": "white", "edgecolor": colour, "hatch": "////"}
        axes.barh(row, begins - ends, left=ends, height=0.7, **between)
    if found.slower:
        axes.text(low * 1.3, row, "NumPy", va="center", fontsize=9, color="#333333")
    name = {"va": "center", "ha": "right", "fontsize": 9}
    if begins < high / (high / low) ** ROOM:
        axes.text(high / 1.3, row, words(column), color="white", **name)
    else:  # the coloured end is too short for the name: say it where the grey one ends
        axes.text(ends / 1.3, row, words(column), color=colour, fontweight="bold", **name)


# --------------------------------------------------- by how much, network by network?


def ratios(all_results):
    """NumPy's time over the engine's: a row a network and batch, a column an engine."""
    order = (*ENGINES, *PEERS)
    cells, cases = {}, {}
    for results in all_results:
        for record in results.records:
            if record.case.engine not in NUMPY and record.ratio and _grows(record.case):
                cells[record.case.group, record.column] = record.ratio
                cases[record.case.group] = record
    if not cells:
        return None
    rows = sorted(cases, key=lambda group: (_size(cases[group]), cases[group].case.batch))
    columns = sorted({c for _, c in cells}, key=lambda c: (order.index(c.split()[0]), c))
    grid = np.array([[cells.get((row, column), np.nan) for column in columns] for row in rows])
    figure, axes = plt.subplots(
        figsize=(2.6 + 1.05 * len(columns), 1.4 + 0.3 * len(rows)), layout="constrained"
    )
    limit = 2  # decades: 1/100 to 100
    image = axes.imshow(np.log10(grid), cmap="PuOr", vmin=-limit, vmax=limit, aspect="auto")
    for y, x in np.ndindex(grid.shape):
        if np.isfinite(grid[y, x]):
            dark = abs(np.log10(grid[y, x])) > 0.6 * limit
            axes.text(
                x,
                y,
                times(grid[y, x]),
                ha="center",
                va="center",
                fontsize=9,
                color="white" if dark else "black",
                fontweight="bold" if grid[y, x] >= 1 else "normal",
            )
    axes.set_xticks(range(len(columns)), [words(c).replace(" ", "\n", 1) for c in columns])
    axes.set_yticks(range(len(rows)), [_row(cases[row].case) for row in rows])
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.grid(False)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_title("How many times as fast as NumPy, SGD in float32", pad=12)
    bar = figure.colorbar(image, ax=axes, shrink=0.5, ticks=[-2, -1, 0, 1, 2])
    bar.set_ticklabels(["1/100", "1/10", "1", "10", "100"])
    bar.outline.set_visible(False)
    return figure


def _grows(case):
    return (case.optimizer, case.dtype) == ("SGD", "float32")


def _size(record):
    return record.matmul / record.case.batch


def _row(case):
    return f"{case.network}, batch {case.batch}"


# ----------------------------------------------- when has the first call paid for itself?


def first_call(all_results):
    """Time until n steps are done, the first call included, for three networks."""
    groups = all_results[0].groups()
    groups = [group for group in groups.values() if _grows_from_numpy(group)]
    most = max(map(len, groups), default=0)
    chosen = _three([group for group in groups if len(group) == most])
    if not chosen:
        return None
    figure, panels = plt.subplots(
        ncols=len(chosen),
        sharey=True,
        figsize=(1.2 + 3.6 * len(chosen), 4.4),
        layout="constrained",
        squeeze=False,
    )
    steps = np.logspace(0, 5, 60)
    for axes, group in zip(panels[0], chosen):
        for column, record in group.items():
            if record.case.engine == "numpy again":
                continue
            colour, _, line = look(column)
            total = record.build + record.first_call + (steps - 1) * record.seconds
            axes.plot(steps, total, line, color=colour, label=words(column))
            numpy = group["numpy"]
            pays = growth.steps_to_pay(record, numpy)
            if pays and column != "numpy" and pays < steps[-1]:
                axes.plot(pays, pays * numpy.seconds, "o", mfc="white", color=colour, zorder=3)
        axes.set(xscale="log", yscale="log", xlabel="steps")
        axes.set_title(_row(next(iter(group.values())).case), fontsize=10)
        axes.xaxis.set_major_formatter(ticker.EngFormatter(sep=" "))
        axes.yaxis.set_major_formatter(SECONDS)
    panels[0][0].set_ylabel("time until they are done")
    figure.legend(*panels[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=6)
    figure.suptitle("Building, tracing and compiling first, then step after step (o: paid back)")
    return figure


def _grows_from_numpy(group):
    return "numpy" in group and len(group) > 2 and _grows(group["numpy"].case)


def _three(groups):
    """Return the smallest, the middle and the largest network at their middle batch."""
    networks = {}
    for group in groups:
        networks.setdefault(next(iter(group.values())).case.network, []).append(group)
    found = [_middle(sorted(same, key=_batch)) for same in networks.values()]
    found.sort(key=lambda group: _size(next(iter(group.values()))))
    return found if len(found) < 3 else [found[0], _middle(found), found[-1]]


def _batch(group):
    return next(iter(group.values())).case.batch


def _middle(items):
    return items[len(items) // 2]


# ------------------------------------------------------------------ which optimizer?


def optimizers(all_results):
    """The step of one network by every optimizer: a line each, a mark an engine."""
    groups = {}
    for group in all_results[0].groups().values():
        case = next(iter(group.values())).case
        groups.setdefault((case.network, case.batch, case.dtype), {})[case.optimizer] = group
    shown, by_name = max(groups.items(), key=lambda item: len(item[1]), default=(None, {}))
    by_name = {name: group for name, group in by_name.items() if "numpy" in group}
    if len(by_name) < 2:
        return None
    names = sorted(by_name, key=lambda name: by_name[name]["numpy"].seconds)
    figure, axes = plt.subplots(figsize=(8.5, 1.6 + 0.26 * len(names)), layout="constrained")
    columns = {}
    for y, name in enumerate(names):
        group = {c: r for c, r in by_name[name].items() if r.case.engine != "numpy again"}
        ends = [r.seconds for r in group.values()]
        axes.plot([min(ends), max(ends)], [y, y], color="#CCCCCC", zorder=1)
        for column, record in group.items():
            colour, mark, _ = look(column)
            (columns[column],) = axes.plot(record.seconds, y, mark, color=colour, ls="none")
    axes.set_yticks(range(len(names)), names)
    axes.set(xscale="log", xlabel="time of one step", ylim=(-0.7, len(names) - 0.3))
    axes.xaxis.set_major_formatter(SECONDS)
    axes.xaxis.set_minor_formatter(ticker.NullFormatter())
    axes.grid(axis="y", visible=False)
    network, batch, dtype = shown
    axes.set_title(f"By optimizer: {network}, batch {batch}, {dtype}")
    axes.legend(
        columns.values(),
        [words(c) for c in columns],
        loc="lower right",
        frameon=True,
        edgecolor="none",
    )
    return figure


CHARTS = {
    "step-time": step_time,
    "ratios": ratios,
    "first-call": first_call,
    "optimizers": optimizers,
}
