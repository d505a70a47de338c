"""The usage page's figures as comma-separated values: a row per step and model, key or project."""

import csv
from collections.abc import Iterator
from io import StringIO

from core.money import decimal_of_picos
from core.usage import TokenClass
from portal.usage_report import ReportLine, ReportStep, UsageReport
from usage.queries import Dimension

# A cell that begins with one of these is run as a formula by spreadsheets; names are typed by people.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def usage_csv(report: UsageReport, group: Dimension) -> str:
    """Amounts are exact, in dollars; instants are the beginning of the step in UTC."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(["begins", group, f"{group}_id", "calls", *TokenClass, "total_tokens", "amount_usd"])
    writer.writerows(_rows(report))
    return text.getvalue()


def harmless(text: str) -> str:
    """Answer a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _rows(report: UsageReport) -> Iterator[list[object]]:
    for step in report.steps:
        for line in step.lines:
            yield _row(step, line)


def _row(step: ReportStep, line: ReportLine) -> list[object]:
    counts = dict(line.used.counts.items())
    return [
        step.begins.isoformat(),
        harmless(line.name),
        line.group,
        line.used.calls,
        *(counts[token_class] for token_class in TokenClass),
        line.used.counts.total,
        f"{decimal_of_picos(line.used.amount):f}",
    ]
