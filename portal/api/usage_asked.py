"""What may be asked of the usage API: a time, the width of its buckets, groups and filters."""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from core.service_tier import ServiceTier
from portal.api.strict import Strict
from usage.queries.buckets import Width

COLUMNS = {
    "model": "model_id",
    "project": "project_id",
    "key": "key_id",
    "member": "member_id",
    "end_customer": "end_customer_id",
    "service_tier": "service_tier",
}
USUAL_LIMIT = 31
DAYS = timedelta(days=7)


class Cursor(serializers.Field[datetime, str, str, Any]):
    """Where the next page begins."""

    def to_internal_value(self, data: str) -> datetime:
        try:
            instant = datetime.fromisoformat(base64.urlsafe_b64decode(data.encode()).decode())
        except (ValueError, binascii.Error):
            raise serializers.ValidationError("This is no cursor of ours: take next_cursor as it came.") from None
        return instant.astimezone(UTC)

    def to_representation(self, value: datetime) -> str:
        return base64.urlsafe_b64encode(value.isoformat().encode()).decode()


def _ids() -> serializers.ListField:
    return serializers.ListField(child=serializers.UUIDField(), required=False, max_length=100)


class UsageAsked(Strict):
    start = serializers.DateTimeField(required=False, default_timezone=UTC)
    end = serializers.DateTimeField(required=False, default_timezone=UTC)
    bucket = serializers.ChoiceField(choices=[*Width], default=Width.DAY)
    group_by = serializers.ListField(child=serializers.ChoiceField(choices=[*COLUMNS]), default=list)
    model = serializers.ListField(child=serializers.CharField(max_length=80), required=False, max_length=100)
    project = _ids()
    key = _ids()
    member = _ids()
    end_customer = _ids()
    service_tier = serializers.ListField(child=serializers.ChoiceField(choices=[*ServiceTier]), required=False)
    limit = serializers.IntegerField(min_value=1, default=USUAL_LIMIT)
    cursor = Cursor(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        end = attrs.setdefault("end", timezone.now())
        start = attrs.setdefault("start", end - DAYS)
        if start >= end:
            raise serializers.ValidationError({"start": ["The start must be before the end."]})
        most = Width(attrs["bucket"]).most
        if attrs["limit"] > most:
            raise serializers.ValidationError({"limit": [f"At most {most} buckets of {attrs['bucket']} a page."]})
        return attrs


def _several(name: str, description: str, **more: Any) -> OpenApiParameter:
    return OpenApiParameter(name, str, many=True, explode=True, description=description, **more)


PARAMETERS = [
    OpenApiParameter("start", datetime, description="The first instant. Without it: seven days before the end."),
    OpenApiParameter("end", datetime, description="The first instant that no longer counts. Without it: now."),
    OpenApiParameter("bucket", str, enum=[*Width], description="Without it: 1d. Buckets begin at whole ones in UTC."),
    _several("group_by", "Tell usage apart by these; repeat it for several.", enum=[*COLUMNS]),
    _several("model", "Only these models, by name."),
    *(_several(name, "Only these, by id.") for name in ("project", "key", "member", "end_customer")),
    _several("service_tier", "Only these.", enum=[*ServiceTier]),
    OpenApiParameter("limit", int, description="Buckets a page: 31 without it; at most 1440, 744 or 366."),
    OpenApiParameter("cursor", str, description="next_cursor of the page before."),
]


def read_asked(query: QueryDict) -> Mapping[str, Any]:
    """Answer what was asked, checked; lists may be repeated or separated by commas. Raises ValidationError."""
    fields = UsageAsked().fields.items()
    lists = {name for name, field in fields if isinstance(field, serializers.ListField)}
    sent = {
        name: [part for value in values for part in value.split(",")] if name in lists else values[-1]
        for name, values in query.lists()
    }
    asked = UsageAsked(data=sent)
    asked.is_valid(raise_exception=True)
    return asked.validated_data  # type: ignore[no-any-return]
