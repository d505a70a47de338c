"""Names of models that usage and bookings know by id alone."""

from functools import lru_cache
from uuid import UUID

from catalog.models import Model


@lru_cache(maxsize=1_000)  # a slug never changes
def model_name(model_id: UUID | None) -> str:
    slug = Model.objects.filter(pk=model_id).values_list("slug", flat=True).first() if model_id else None
    return slug or "–"
