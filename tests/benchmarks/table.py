"""Results as Markdown tables: what was measured, as a ratio, beside its bar."""

from collections.abc import Iterable, Mapping, Sequence

from tests.benchmarks import bars
from tests.benchmarks.bars import Bar
from tests.benchmarks.rounds import Medians

OURS = "tollway"


def rows(head: Sequence[str], body: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def ratios(measured: Medians, name: str, bars_: Mapping[str, Bar]) -> str:
    """Ours divided by each peer's, with the bar and whether it holds."""
    body = []
    for peer, found in measured.items():
        if peer != OURS and OURS in measured and found.get(name):
            ratio = measured[OURS][name] / found[name]
            bar = bars_.get(peer)
            body.append([peer, _ratio(ratio), bar or "", bar.verdict(ratio) if bar else ""])
    return rows([f"{name}: {OURS} ÷", "ratio", "must (ambitious)", "bar"], body) if body else ""


def plain(found: Mapping[int, Medians]) -> Iterable[str]:
    for connections, measured in found.items():
        yield f"### Whole answers, {connections} connections"
        yield _numbers(measured, ("cpu", "per_second", "p50", "p99", "errors", *_helpers(measured)))
        yield ratios(measured, "cpu", bars.PLAIN_CPU if connections == 16 else {})
        if connections == 1 and "nginx" in measured and OURS in measured:
            over = measured[OURS]["p50"] - measured["nginx"]["p50"]
            yield rows(
                ["p50 over nginx, ms", "measured", "must (ambitious)", "bar"],
                [["1 connection", over, bars.LATENCY, bars.LATENCY.verdict(over)]],
            )


def streams(found: Mapping[int, Medians]) -> Iterable[str]:
    for connections, measured in found.items():
        yield f"### Streams of 50 chunks, {connections} connections"
        yield _numbers(measured, ("cpu", "chunk", "first", "per_second", "errors", *_helpers(measured)))
        yield ratios(measured, "cpu", bars.STREAM_CPU if connections > 1 else {})


def memory(measured: Medians) -> Iterable[str]:
    yield "### Memory of 1,000 open streams"
    body = [
        [name, one["rss"], one["added"], one["errors"], *_judged(bars.MEMORY, one["added"], is_ours=name == OURS)]
        for name, one in measured.items()
    ]
    yield rows(["program", "MB before", "MB added", "streams that failed", "must (ambitious)", "bar"], body)


def single(title: str, found: Mapping[str, float], judged: Mapping[str, Bar]) -> Iterable[str]:
    """One number a line; those that have a bar with it."""
    yield f"### {title}"
    body = [
        [name, value, judged.get(name, ""), judged[name].verdict(value) if name in judged else ""]
        for name, value in found.items()
    ]
    yield rows(["what", "measured", "must (ambitious)", "bar"], body)


def _numbers(measured: Medians, names: Sequence[str]) -> str:
    body = [[target, *(found.get(name, "") for name in names)] for target, found in measured.items()]
    return rows(["program", *(LABELS.get(name, name) for name in names)], body)


def _helpers(measured: Medians) -> list[str]:
    return [name for name in measured.get(OURS, {}) if name.startswith("cpu of ")]


def _judged(bar: Bar, value: float, *, is_ours: bool) -> list[object]:
    return [bar, bar.verdict(value)] if is_ours else ["", ""]


def _ratio(ratio: float) -> str:
    return f"{ratio:.3g}" if ratio >= 1 else f"1/{1 / ratio:.3g}"


def _cell(cell: object) -> str:
    return f"{cell:.4g}" if isinstance(cell, float) else str(cell)


LABELS = {
    "cpu": "CPU-s / 1,000",
    "per_second": "per second",
    "p50": "p50 ms",
    "p99": "p99 ms",
    "first": "first chunk ms",
    "chunk": "CPU µs / chunk",
}
