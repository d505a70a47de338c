"""Figures and names of the usage pages."""

from uuid import UUID

from django import template

from core.usage import TokenClass, TokenCounts
from portal.figures import compact, short_dollars
from portal.templatetags.money import money, tokens
from portal.usage_filters import Metric
from portal.usage_names import Names
from portal.usage_report import ReportLine, ReportStep, measured
from usage.queries import Dimension, UsageSum

register = template.Library()


@register.filter
def in_metric(value: int, metric: Metric) -> str:
    """Write tokens compactly, or picodollars as dollars: for the chart."""
    return short_dollars(value) if metric is Metric.COST else compact(value)


@register.filter
def exact_in(value: int, metric: Metric) -> str:
    """Write every digit: for the tables."""
    return money(value) if metric is Metric.COST else tokens(value)


@register.filter
def measure(used: UsageSum, metric: Metric) -> int:
    return measured(used, metric)


@register.filter
def used_by(step: ReportStep, line: ReportLine) -> UsageSum:
    """Answer what the line's model, key or project used in the step."""
    return step.used_by(line.group)


@register.filter
def of_class(counts: TokenCounts, token_class: TokenClass) -> int:
    count: int = getattr(counts, token_class)
    return count


@register.filter
def class_name(token_class: TokenClass) -> str:
    """Answer "cached input" for "cached input tokens": where all columns are tokens, none need say so."""
    return token_class.label.replace(" tokens", "")


@register.filter
def model_name(names: Names, id_: UUID) -> str:
    return names.name(Dimension.MODEL, id_)


@register.filter
def key_name(names: Names, id_: UUID) -> str:
    return names.name(Dimension.KEY, id_)


@register.filter
def project_name(names: Names, id_: UUID) -> str:
    return names.name(Dimension.PROJECT, id_)
