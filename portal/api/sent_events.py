"""Reading reported usage: simple JSON, or CloudEvents 1.0 in their structured and batched modes.

Each item is read by itself, so that one that is wrong doesn't lose the others.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from billing.reported_usage import Reported
from core.service_tier import ServiceTier
from core.usage import TokenCounts
from portal.api.errors import BadRequest

CLOUD_EVENT = "application/cloudevents+json"
CLOUD_EVENTS = "application/cloudevents-batch+json"
MOST_ITEMS = 1_000

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Instant = Annotated[datetime, Meta(tz=True)]
Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]


class Tokens(msgspec.Struct, forbid_unknown_fields=True):
    """Counts by disjoint class: cached tokens are not among `input`, reasoning not among `output`."""

    input: Count = 0
    cache_read: Count = 0
    cache_write_5m: Count = 0
    cache_write_1h: Count = 0
    output: Count = 0
    reasoning: Count = 0
    audio_in: Count = 0
    audio_out: Count = 0
    image_in: Count = 0
    requests: Count = 1


class Usage(msgspec.Struct, forbid_unknown_fields=True):
    model: Name
    tokens: Tokens
    key: UUID | None = None
    project: UUID | None = None
    end_customer: Annotated[str, Meta(max_length=200)] = ""
    service_tier: ServiceTier = ServiceTier.STANDARD


class Simple(Usage, forbid_unknown_fields=True, kw_only=True):
    id: Name
    occurred_at: Instant | None = None


class CloudEvent(msgspec.Struct):
    """Attributes that extensions add are left alone."""

    specversion: Literal["1.0"]
    id: Name
    source: Name
    type: Name
    data: Usage
    time: Instant | None = None


def read_items(body: bytes, content_type: str) -> list[Reported | str]:
    """Answer each item, or why it can't be read. Raises BadRequest where it isn't known what the items are."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind in {CLOUD_EVENT, CLOUD_EVENTS}:
        return [_cloud_event(each) for each in _raw(body, is_one=kind == CLOUD_EVENT)]
    if kind in {"application/json", ""}:
        return [_simple(each) for each in _raw(body, is_one=body.lstrip()[:1] == b"{")]
    raise BadRequest(f"Send application/json, {CLOUD_EVENT} or {CLOUD_EVENTS}, not {kind[:80]}.")


def _raw(body: bytes, *, is_one: bool) -> Sequence[msgspec.Raw]:
    try:
        items = [msgspec.json.decode(body, type=msgspec.Raw)] if is_one else LIST.decode(body)
    except msgspec.DecodeError as error:
        raise BadRequest(f"The body can't be read: {error}.") from None
    if len(items) > MOST_ITEMS:
        raise BadRequest(f"At most {MOST_ITEMS:,} items at once, not {len(items):,}.")
    return items


LIST = msgspec.json.Decoder(list[msgspec.Raw])
SIMPLE = msgspec.json.Decoder(Simple)
CLOUD = msgspec.json.Decoder(CloudEvent)


def _simple(raw: msgspec.Raw) -> Reported | str:
    try:
        item = SIMPLE.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return str(error)
    return _reported(item, item.id, item.occurred_at)


def _cloud_event(raw: msgspec.Raw) -> Reported | str:
    try:
        item = CLOUD.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return str(error)
    return _reported(item.data, item.id, item.time, source=item.source)


def _reported(usage: Usage, id_: str, occurred_at: datetime | None, *, source: str = "") -> Reported | str:
    if "\x00" in id_ + source + usage.end_customer:
        return "A text may not contain NUL."
    return Reported(
        id=id_,
        source=source,
        model=usage.model,
        counts=TokenCounts(**msgspec.structs.asdict(usage.tokens)),
        occurred_at=occurred_at,
        key=usage.key,
        project=usage.project,
        end_customer=usage.end_customer,
        service_tier=usage.service_tier,
    )
