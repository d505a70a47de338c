"""The usage page's URL: which usage, told apart by what, measured in what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from django.http import Http404
from django.utils.dateparse import parse_datetime

from accounts.models import Organization
from billing.models import BillingPeriod
from portal.usage_names import Names
from usage.queries import Dimension, Selection, Step

Choice = TypeVar("Choice", bound=StrEnum)

DAY = timedelta(days=1)
LONGEST = 5 * 366 * DAY
# Beyond these the bars would be too thin to read.
LONGEST_IN_HOURS = timedelta(hours=48)
LONGEST_IN_DAYS = timedelta(days=92)


class Range(StrEnum):
    TODAY = "today"
    WEEK = "7d"
    MONTH = "30d"
    PERIOD = "period"
    CUSTOM = "custom"  # `start` and `end` are in the URL: where an invoice line leads

    @property
    def label(self) -> str:
        return RANGE_LABELS[self]


RANGE_LABELS = {
    Range.TODAY: "Today",
    Range.WEEK: "7 days",
    Range.MONTH: "30 days",
    Range.PERIOD: "This period",
    Range.CUSTOM: "Custom",
}


class Metric(StrEnum):
    TOKENS = "tokens"
    COST = "cost"


@dataclass(frozen=True, slots=True)
class UsageFilters:
    range: Range
    group: Dimension
    metric: Metric
    selection: Selection
    step: Step


def filters_of(query: Mapping[str, str], *, organization: Organization, names: Names, now: datetime) -> UsageFilters:
    """Read the URL. What names a range, key, model or project that isn't the organization's is not found (404)."""
    range_ = _choice(Range, query.get("range"), Range.CUSTOM if "start" in query else Range.WEEK)
    start, end = _bounds(range_, query, organization=organization, now=now)
    selection = Selection(
        organization=organization.pk,
        start=start,
        end=end,
        project=_id_in(names.projects, query.get("project")),
        key=_id_in(names.keys, query.get("key")),
        model=_id_named(names.models, query.get("model")),
    )
    return UsageFilters(
        range=range_,
        group=_choice(Dimension, query.get("group"), Dimension.MODEL),
        metric=_choice(Metric, query.get("metric"), Metric.TOKENS),
        selection=selection,
        step=_step_of(end - start),
    )


def period_at(organization: Organization, now: datetime) -> BillingPeriod | None:
    """Answer the billing period that `now` lies in. The demo's clock may have run ahead of it: then not the last."""
    return BillingPeriod.objects.filter(organization=organization, start__lte=now).order_by("-index").first()


def _bounds(
    range_: Range, query: Mapping[str, str], *, organization: Organization, now: datetime
) -> tuple[datetime, datetime]:
    tomorrow = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + DAY
    if range_ is Range.CUSTOM:
        return _custom(query)
    if range_ is Range.PERIOD:
        return _period_until(tomorrow, organization=organization, now=now)
    days = {Range.TODAY: 1, Range.WEEK: 7, Range.MONTH: 30}[range_]
    return tomorrow - days * DAY, tomorrow


def _period_until(tomorrow: datetime, *, organization: Organization, now: datetime) -> tuple[datetime, datetime]:
    period = period_at(organization, now)
    if period is None:
        return organization.created_at, tomorrow
    return period.start, min(period.end or tomorrow, tomorrow)


def _custom(query: Mapping[str, str]) -> tuple[datetime, datetime]:
    start, end = _instant(query.get("start")), _instant(query.get("end"))
    if not start < end <= start + LONGEST:
        raise Http404("A range ends after it begins, and within five years.")
    return start, end


def _instant(text: str | None) -> datetime:
    try:
        instant = parse_datetime(text or "")
    except ValueError:
        instant = None
    if instant is None:
        raise Http404("A range needs start and end in ISO 8601.")
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _step_of(length: timedelta) -> Step:
    if length <= LONGEST_IN_HOURS:
        return Step.HOUR
    return Step.DAY if length <= LONGEST_IN_DAYS else Step.MONTH


def _choice(choices: type[Choice], text: str | None, default: Choice) -> Choice:
    if not text:
        return default
    try:
        return choices(text)
    except ValueError:
        raise Http404(f"There is no {choices.__name__.lower()} {text!r}.") from None


def _id_in(names: Mapping[UUID, str], text: str | None) -> UUID | None:
    if not text:
        return None
    found = next((id_ for id_ in names if str(id_) == text), None)
    if found is None:
        raise Http404("There is nothing of this id in your organization.")
    return found


def _id_named(names: Mapping[UUID, str], text: str | None) -> UUID | None:
    if not text:
        return None
    found = next((id_ for id_, name in names.items() if name == text), None)
    if found is None:
        raise Http404("There is no such model.")
    return found
