"""A report for the terminal: a line a layer, the operations that say least, what differs."""

from io import StringIO
from statistics import median

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from equivalence.graph.recognised import ENCLOSED
from equivalence.judge.verdict import DIFFERENT, OVERFLOW, ROUNDING_IDENTICAL

WIDEST = 10  # operations that are named
LOSSY = 5
NAMED = 4  # parts that one file of ours is the mathematics of
WIDTH = 80
# From so little on a sum says hardly anything: its terms cancel (L5).
CANCELS = 1e-3
SUMS = ("Sum", "Mean", "AddN", "BiasAddGrad", "MatMul", "BatchMatMulV2", "BatchMatMulV3", "Einsum")


def as_text(report):
    """Return a report as plain text of 80 columns."""
    stream = StringIO()
    Console(file=stream, width=WIDTH, color_system=None).print(as_renderable(report))
    return stream.getvalue().rstrip()


def as_renderable(report):
    """Return a report as what a rich console prints."""
    parts = [_layers(report), Text()]
    parts += [Text(sentence, style=style) for sentence, style in sentences(report)]
    if operations := widest(report):
        parts += [Text(), _operations(operations)]
    return Group(*parts)


def sentences(report):
    """Return (sentence, style): the verdict, how sharp, how much, and what is left open."""
    style = {DIFFERENT: "bold red", ROUNDING_IDENTICAL: "green"}.get(report.verdict, "yellow")
    name = f"{report.name}, {report.steps} steps of {report.batch} samples"
    found = [(f"{name}: {report.verdict}", style)]
    if report.first:
        found.append((str(report.first), "red"))
    elif report.arose:
        found.append((f"the first number that nothing decides: {report.arose}", "yellow"))
        if report.verdict == OVERFLOW and report.gradient.has_scale:
            words = (
                "the loss is scaled: where a gradient overflows Keras leaves the step out and "
                "halves the scale, and a number beyond float16 is no error"
            )
            found.append((words, "yellow"))
    least = report.least_sharp
    sharp = f"; sharp to {least.sharp_to:.2g} in {least.kind} of {least.layer}" if least else ""
    if least and least.sharp_to > CANCELS and least.kind in SUMS:
        sharp += ", where what is added cancels to nearly 0"
    known = [each.sharp_to for each in report.operations if each.sharp_to]
    sharp += f", half of the operations to {median(known):.1g}" if known else ""
    share = report.checked / report.numbers if report.numbers else 0
    count = sum(each.runs for each in report.operations)
    found.append(
        (
            f"{report.checked:,} of {report.numbers:,} numbers of {count:,} operations "
            f"certified ({share:.2%}){sharp}",
            "",
        )
    )
    for rows, words in (
        (report.without, "returned floats and have no certificate"),
        (report.taken, "returned whole numbers and have no rule: taken as recorded"),
    ):
        if rows:
            found.append((f"{_kinds(rows)} {words}", "yellow"))
    if report.drawn:
        kinds = ", ".join(dict.fromkeys(row.kind for row in report.drawn))
        count = sum(row.drawn for row in report.drawn)
        words = "which a generator drew, are taken as recorded: their range and shape are held"
        found.append((f"{count} numbers of {kinds}, {words}", ""))
    found += [(sentence, "yellow") for sentence in _lossy(report)]
    found += [(str(remark), "yellow") for remark in report.remarks]
    found.append(_gradient(report.gradient))
    found += _mathematics(report)
    found += [(sentence, "") for sentence in _unobserved(report)]
    if report.watch:
        found += _watched(report)
    spent = ", ".join(f"{what} {seconds:.1f} s" for what, seconds in report.seconds.items())
    found.append((spent, "dim"))
    return found


def _gradient(gradient):
    """Say whether the gradients are the derivatives of the forward pass, and the style of it."""
    if gradient.wrong:
        many = f"{len(gradient.wrong)} of {gradient.variables} variables"
        names = ", ".join(gradient.wrong[-3:])
        words = (
            f"the gradients of {many} are not the derivatives of the forward pass "
            f"({gradient.apart:.2g} apart): the last of these in the forward pass is in "
            f"{gradient.layer}, and behind it all are right ({names})"
        )
        return words, "bold red"
    if gradient.scaled:
        words = (
            "the new weights depend on the loss scale, which the optimizer is to take back: it is "
            f"not divided out, or was applied twice ({', '.join(gradient.scaled[:3])})"
        )
        return words, "bold red"
    if gradient.without:
        return f"the gradients are not held against the forward pass: {gradient.without}", "yellow"
    words = (
        f"the gradients of {gradient.variables} variables are the derivatives of the forward pass"
    )
    words = f"{words}, to {gradient.apart:.1g}"
    if gradient.meant:
        own = ", ".join(each for each in gradient.meant if " of " not in each)
        own = [f"the tf.custom_gradient in {own}"] if own else []
        own += [f"the gradient of {each}" for each in gradient.meant if " of " in each]
        words += (
            f", but for {' and '.join(own)}: it is not the derivative of its forward "
            f"pass ({gradient.differs:.2g} apart), which may be meant"
        )
        return words, "yellow"
    return words, ""


def _mathematics(report):
    """Say which parts are held against which files of ours, and which are own code."""
    for row in report.astray:
        yield f"not its own mathematics: {row.outside}", "bold red"
    files, own = {}, {}
    for row in report.mathematics:
        if row.file or not row.within:
            key = row.file or (row.name, row.why)
            (files if row.file else own).setdefault(key, []).append(row)
    for file, rows in files.items():
        names = list(dict.fromkeys(row.name for row in rows))
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        yield f"mathematics: {file}: {', '.join(names[:NAMED])}{more}", ""
        for met in dict.fromkeys(tuple(row.meets) for row in rows if row.meets):
            names = ", ".join(dict.fromkeys(row.name for row in rows if tuple(row.meets) == met))
            yield f"{names} as known upstream defects have it: {', '.join(met)}", "yellow"
        apart = {name: why for row in rows for name, why in row.apart.items()}
        for why in dict.fromkeys(apart.values()):
            names = ", ".join(name for name, reason in apart.items() if reason == why)
            yield f"but for {names}, held by operations alone: {why}", ""
    reasons = {}
    for (name, why), rows in own.items():
        count = sum(each.layer == name for each in report.operations)
        counts = count and why != ENCLOSED
        told = f"{name} ({count} operation{'s' * (count > 1)})" if counts else name
        # Of a layer's call without any operation there is nothing to say.
        if count or rows[0].kind != "layer" or why == ENCLOSED:
            reasons.setdefault(why, []).append(told)
    for why, told in reasons.items():
        more = f" and {len(told) - NAMED} more" if len(told) > NAMED else ""
        yield f"own code: {', '.join(told[:NAMED])}{more}{why and f': {why}'}", ""


def _lossy(report):
    """Say what was lost though it is honest: the operations that lost most, and how much."""
    rows = sorted(report.lossy, key=lambda each: -each.lost / each.numbers)
    for row in rows[:LOSSY]:
        where = row.layer + (f", for {row.about}" if row.about else "")
        line = f" at {row.line}" if row.line else ""
        yield f"lossy: {where}: {row.lost:,} of {row.numbers:,} numbers{line}: {row.loses}"
    if rest := rows[LOSSY:]:
        yield f"lossy, too: {len(rest)} more operations (``report.lossy`` has all)"


def _kinds(rows):
    kinds = {}
    for row in rows:
        kinds.setdefault((row.kind, row.without), []).append(row.layer)
    told = [
        f"{len(layers)} {kind} ({why}; {', '.join(sorted(set(layers))[:3])})"
        for (kind, why), layers in kinds.items()
    ]
    return ", ".join(told)


def _unobserved(report):
    """Say how the steps that nobody observed agree with those that were."""
    if not report.unobserved:
        return []
    same = min(each.same for each in report.unobserved)
    count = report.unobserved[0].variables
    share = min(each.numbers for each in report.unobserved)
    if same == count:
        return [f"unobserved, engine {report.engine}: the same bits in all {count} variables"]
    return [
        f"unobserved, engine {report.engine}: the same bits in {same} of {count} variables, in "
        f"{share:.1%} of their numbers; the certificate is of the observed steps"
    ]


def _watched(report):
    """Say what of the step as users run it could be watched, and is certified."""
    seen = report.watch
    if not seen.alike:
        words = (
            f"not watched as engine {report.engine} runs it: the step's graph by itself, with "
            "nothing fetched, gives other bits"
        )
        yield words, "yellow"
        return
    ended = "" if seen.whole else ", where the search was stopped"
    words = (
        f"watched as engine {report.engine} runs it: {seen.watched} of {seen.tensors} tensors "
        f"without changing a bit ({seen.compilations} compilations{ended}); {seen.checked:,} of "
        f"{seen.numbers:,} numbers certified, and {seen.enclosed:,} enclosed between these "
        f"({seen.covered:.2%}), {seen.pieces} operations only together with those before them"
    )
    if seen.sharp_to is not None:
        words += f"; sharp to {seen.sharp_to:.1e}"
    yield words, ""
    if seen.fused:
        kinds = ", ".join(f"{count} {kind}" for kind, count in seen.fused.items())
        yield f"taken together with others by the compiler, and not fetched: {kinds}", ""
    if seen.inside:
        words = (
            f"{seen.inside:,} of these numbers are inside of loops, branches and functions: "
            "certified as observed, and not watched"
        )
        yield words, "yellow"
    if seen.unexplained:
        names = ", ".join(f"{name} ({why})" for name, why in seen.unexplained[:3])
        yield f"{len(seen.unexplained)} watched operations are not explained so: {names}", "yellow"
    if seen.without:
        kinds = ", ".join(f"{count} {kind}" for kind, count in seen.without.items())
        yield f"watched, without a certificate: {kinds}", "yellow"


def widest(report):
    """Return the operations that would let the largest errors pass."""
    known = [each for each in report.operations if each.sharp_to]
    return sorted(known, key=lambda each: -each.sharp_to)[:WIDEST]


def _layers(report):
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    lossy = ("lost",) if report.lossy else ()
    table.add_column("layer", overflow="fold", max_width=17 if lossy else 22)
    for name in ("runs", "numbers", "sharp to", "used", *lossy):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for layer in report.layers:
        count = str(sum(each.runs for each in layer.operations))
        numbers = f"{layer.checked:,}" + ("" if layer.checked == layer.numbers else "*")
        sharp = f"{layer.sharp_to:.1e}" if layer.sharp_to else "" if layer.usage else "exact"
        usage = "" if not layer.usage else f"{layer.usage:.0%}" if layer.usage < 100 else "> 99"
        style = "" if layer.verdict == ROUNDING_IDENTICAL else "yellow"
        style = "bold red" if layer.verdict == DIFFERENT else style
        verdict = str(layer.verdict) if layer.numbers else ""
        lost = (f"{layer.lost:,}" if layer.lost else "",) if lossy else ()
        table.add_row(Text(layer.name), count, numbers, sharp, usage, *lost, Text(verdict, style))
    return table


def _operations(operations):
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("least sharp", overflow="fold", max_width=24)
    table.add_column("sharp to", justify="right", no_wrap=True)
    table.add_column("layer", overflow="fold", max_width=20)
    table.add_column("line", overflow="fold")
    for each in operations:
        about = f"{each.layer}, {each.about}" if each.about else each.layer
        table.add_row(each.kind, f"{each.sharp_to:.1e}", Text(about), Text(each.line))
    return table
