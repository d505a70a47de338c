"""What gateways know of a key: all but its secret."""

from collections.abc import Iterator
from uuid import UUID

from core.key_check import ARCHIVED, FROZEN
from core.wire import KeyFacts, key_facts_at
from keys.models import ApiKey
from notices.facts import publish_facts


def key_facts(key: ApiKey) -> KeyFacts:
    return KeyFacts(
        version=key.facts_version,
        id=str(key.pk),
        key_id=key.key_id,
        organization=str(key.organization_id),
        project=str(key.project_id),
        name=key.name,
        hash=key.hash,
        pepper=key.pepper_id,
        status=_status(key),
        expires_at=key.expires_at.timestamp() if key.expires_at else None,
        scopes=tuple(key.scopes),
        models=tuple(key.model_slugs),
        kind=key.kind,
        denied_models=tuple(key.denied_model_slugs),
        networks=tuple(key.networks),
        limits=key.limits,
        member=str(key.created_by_id or ""),
    )


def _status(key: ApiKey) -> str:
    """A key is refused with its project; one that is revoked stays so whatever happens to the project."""
    is_archived = key.project.archived_at is not None and key.status != ApiKey.Status.REVOKED
    if is_archived:
        return ARCHIVED
    return FROZEN if key.is_frozen else key.status


def publish_key(pk: UUID) -> None:
    """Publish one key as the database has it now. Raises `redis.RedisError`."""
    _publish(ApiKey.objects.select_related("project").get(pk=pk))


def publish_key_of(key_id: str) -> UUID | None:
    """Publish the key that is called `key_id`; answer its organization, None where there is no such key."""
    key = ApiKey.objects.select_related("project").filter(key_id=key_id).first()
    if key is None:
        return None
    _publish(key)
    return key.organization_id


def publish_keys() -> int:
    """Publish every key; answer how many were behind. Raises `redis.RedisError`."""
    return sum(publish_each_key())


def publish_each_key() -> Iterator[bool]:
    """Publish every key, revoked ones too, so that each is refused for its own reason; tell which were behind."""
    for key in ApiKey.objects.select_related("project").order_by("pk").iterator():
        yield _publish(key)


def _publish(key: ApiKey) -> bool:
    return publish_facts(key_facts_at(key.key_id), key_facts(key))
