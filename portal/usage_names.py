"""Names of what usage events name by id: models, keys and projects."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from accounts.models import Organization, Project
from catalog.models import Model
from keys.models import ApiKey
from usage.queries import Dimension


@dataclass(frozen=True, slots=True)
class Names:
    """The catalogue's models, and one organization's keys and projects, archived and revoked ones included."""

    models: dict[UUID, str]
    keys: dict[UUID, str]
    projects: dict[UUID, str]

    def of(self, dimension: Dimension) -> dict[UUID, str]:
        return {Dimension.MODEL: self.models, Dimension.KEY: self.keys, Dimension.PROJECT: self.projects}[dimension]

    def name(self, dimension: Dimension, id_: UUID) -> str:
        return self.of(dimension).get(id_) or f"deleted {dimension} {id_}"


def names_of(organization: Organization) -> Names:
    return Names(
        models=dict(Model.objects.values_list("id", "slug")),
        keys=_key_names(organization),
        projects=dict(Project.objects.filter(organization=organization).values_list("id", "name")),
    )


def _key_names(organization: Organization) -> dict[UUID, str]:
    """Name keys as their owner does; several of one name are told apart by the beginning of their text."""
    keys = ApiKey.objects.of(organization).only("id", "name", "environment", "key_id")
    times = Counter(key.name for key in keys)
    return {key.pk: key.name if times[key.name] == 1 else str(key) for key in keys}
