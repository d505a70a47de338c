"""Names of what usage events name by id: models, keys and projects."""

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
    keys = ApiKey.objects.of(organization).only("id", "name", "environment", "key_id")
    return Names(
        models=dict(Model.objects.values_list("id", "slug")),
        keys={key.pk: str(key) for key in keys},
        projects=dict(Project.objects.filter(organization=organization).values_list("id", "name")),
    )
