"""What a customer's own systems report: each item held against what it refers to, and priced at its time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from accounts.models import EndCustomer, Organization, Project
from catalog.models import Model
from catalog.price_list import PriceList
from core.errors import Invalid
from core.ids import NIL, first_uuid7_at, named_id
from core.service_tier import ServiceTier
from core.usage import TokenCounts, amount_of
from core.usage_event import UsageEvent
from keys.models import ApiKey
from usage.models import UsageEvent as StoredEvent

# Older usage would change what closed books say; a clock may be wrong by a little.
OLDEST = timedelta(days=35)
AHEAD = timedelta(minutes=5)
HIGHEST_AMOUNT = 2**63 - 1
UUID7 = 7


class NotReportable(Invalid):
    """An item that is not stored: the text says what to mend."""

    code = "not_reportable"
    title = "This usage can't be stored"


@dataclass(frozen=True, slots=True)
class Reported:
    """One item. `id` and `source` together are its identity; without a key it is the reporter's own.

    Without a time it is of now, or, reported again, of when it was reported first.
    """

    id: str
    model: str
    counts: TokenCounts
    occurred_at: datetime | None = None
    source: str = ""
    key: UUID | None = None
    project: UUID | None = None
    end_customer: str = ""
    service_tier: ServiceTier = ServiceTier.STANDARD


def event_id(organization: UUID, item: Reported) -> UUID:
    """Answer the id of the item's event, for ever the same.

    A UUID of version 7 stays what it is, and is stored with others of its time; any other text is hashed.
    """
    given = _uuid7_in(item.id)
    return given or named_id(f"reported:{organization}:{len(item.source)}:{item.source}:{item.id}")


def _uuid7_in(text: str) -> UUID | None:
    try:
        given = UUID(text)
    except ValueError:
        return None
    return given if given.version == UUID7 else None


class Book:
    """What items refer to, looked up for all of them at once."""

    def __init__(self, reporter: ApiKey, items: Sequence[Reported]) -> None:
        self._reporter = reporter
        organization = self._organization = reporter.organization
        self._models = {model.slug: model for model in Model.objects.filter(slug__in={item.model for item in items})}
        self._prices = PriceList(self._models.values(), organization)
        self._keys = ApiKey.objects.of(organization).in_bulk({item.key for item in items if item.key})
        self._projects = _ids_in(organization, (item.project for item in items))
        self._customers = _customers_in(organization, (item.end_customer for item in items))
        self._first_times = _first_times(organization, (item for item in items if item.occurred_at is None))

    def event(self, item: Reported, *, now: datetime) -> UsageEvent:
        """Answer the item as it is to be stored. Raises NotReportable."""
        at = item.occurred_at or self._first_times.get(event_id(self._organization.pk, item), now)
        self._check_time(item, at, now)
        self._check_references(item)
        return self._priced(item, at)

    def _check_time(self, item: Reported, at: datetime, now: datetime) -> None:
        if at > now + AHEAD:
            raise NotReportable(f"occurred_at is in the future: {at.isoformat()}.")
        if at < now - OLDEST:
            raise NotReportable(f"occurred_at is more than {OLDEST.days} days ago: {at.isoformat()}.")

        born = _uuid7_in(item.id)
        if born is not None and born >= first_uuid7_at(now + AHEAD):
            raise NotReportable("The id, a UUID of version 7, was born in the future.")

    def _check_references(self, item: Reported) -> None:
        if item.model not in self._models:
            raise NotReportable(f"There is no model “{item.model}”.")
        if item.key and item.key not in self._keys:
            raise NotReportable(f"There is no key {item.key}.")
        if item.project and item.project not in self._projects:
            raise NotReportable(f"There is no project {item.project}.")
        if item.end_customer and item.end_customer not in self._customers:
            raise NotReportable(f"There is no end customer “{item.end_customer}”: register it first.")

    def _priced(self, item: Reported, at: datetime) -> UsageEvent:
        model = self._models[item.model]
        version = self._prices.in_force(model.pk, at=at)
        if version is None:
            raise NotReportable(f"“{item.model}” had no price at {at.isoformat()}.")
        table = self._prices.table(version, item.service_tier)
        if table is None:
            raise NotReportable(f"“{item.model}” was not sold at the service tier {item.service_tier}.")
        amount = amount_of(item.counts, table)
        if amount > HIGHEST_AMOUNT:
            raise NotReportable("The amount is larger than an event can hold: report it in parts.")
        return replace(self._unpriced(item, model, at), price_version=version.pk, amount=amount)

    def _unpriced(self, item: Reported, model: Model, at: datetime) -> UsageEvent:
        key = self._keys[item.key] if item.key else self._reporter
        return UsageEvent(
            id=event_id(self._organization.pk, item),
            organization=self._organization.pk,
            project=item.project or key.project_id,
            key=key.pk,
            member=key.created_by_id or NIL,
            model=model.pk,
            price_version=NIL,
            counts=item.counts,
            amount=0,
            occurred_at=at,
            end_customer=self._customers.get(item.end_customer, NIL),
            service_tier=item.service_tier.value,
            request_id=item.id[:200],
        )


def _ids_in(organization: Organization, ids: Iterable[UUID | None]) -> set[UUID]:
    wanted = {id_ for id_ in ids if id_}
    return set(Project.objects.filter(organization=organization, pk__in=wanted).values_list("pk", flat=True))


def _customers_in(organization: Organization, ids: Iterable[str]) -> dict[str, UUID]:
    wanted = {id_ for id_ in ids if id_}
    customers = EndCustomer.objects.of(organization).filter(external_id__in=wanted)
    return dict(customers.values_list("external_id", "pk"))


def _first_times(organization: Organization, items: Iterable[Reported]) -> dict[UUID, datetime]:
    """When those of the items occurred that were stored before."""
    wanted = {event_id(organization.pk, item) for item in items}
    stored = StoredEvent.objects.filter(organization_id=organization.pk, id__in=wanted) if wanted else ()
    return {event.id: event.occurred_at for event in stored}
