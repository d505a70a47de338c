"""What a key is limited to, and which limits a kind can have."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import Invalid
from core.networks import canonical
from core.scope import Scope, scopes_of_kind
from keys.models import ApiKey

MOST = 100
SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")


@dataclass(frozen=True, slots=True)
class Restrictions:
    """Empty lists limit nothing. `denied_models` are taken away from whatever else is allowed."""

    scopes: Sequence[str] = ()
    models: Sequence[str] = ()
    denied_models: Sequence[str] = ()
    networks: Sequence[str] = ()

    @property
    def are_any(self) -> bool:
        return any((self.scopes, self.models, self.denied_models, self.networks))


FREE = Restrictions()


def restrictions_of(key: ApiKey) -> Restrictions:
    return Restrictions(key.scopes, key.model_slugs, key.denied_model_slugs, key.networks)


def checked(restrictions: Restrictions, *, kind: str) -> Restrictions:
    """Answer them in canonical form. Raises Invalid for what a key of this kind can't have."""
    models, denied = _slugs(restrictions.models, "models"), _slugs(restrictions.denied_models, "denied_models")
    if kind == ApiKey.Kind.ADMIN and (models or denied):
        raise Invalid(
            "An admin key calls no models: it can't be limited to some.", field="models" if models else "denied_models"
        )
    if both := set(models) & set(denied):
        raise Invalid(f"A model is allowed or denied, not both: {', '.join(sorted(both))}.", field="denied_models")
    return Restrictions(_scopes(restrictions.scopes, kind), models, denied, _networks(restrictions.networks))


def kind_with(kind: str, restrictions: Restrictions) -> str:
    """A secret key that is limited is a restricted one, and a restricted one without limits is a secret one."""
    if kind not in {ApiKey.Kind.SECRET, ApiKey.Kind.RESTRICTED}:
        return kind
    return ApiKey.Kind.RESTRICTED if restrictions.are_any else ApiKey.Kind.SECRET


def _scopes(scopes: Sequence[str], kind: str) -> Sequence[str]:
    possible = scopes_of_kind(kind)
    if unknown := [scope for scope in scopes if scope not in possible]:
        raise Invalid(
            f"A key of this kind has no scope “{unknown[0]}”: choose from {', '.join(possible)}.", field="scopes"
        )
    return [Scope(scope).value for scope in possible if scope in scopes]


def _slugs(slugs: Sequence[str], field: str) -> Sequence[str]:
    if wrong := [slug for slug in slugs if not SLUG.fullmatch(slug)]:
        raise Invalid(f"“{wrong[0][:80]}” is no name of a model.", field=field)
    return _not_endless(list(dict.fromkeys(slugs)), field)


def _networks(networks: Sequence[str]) -> Sequence[str]:
    try:
        return _not_endless(canonical(networks), "networks")
    except ValueError as error:
        raise Invalid(str(error), field="networks") from None


def _not_endless(values: Sequence[str], field: str) -> Sequence[str]:
    if len(values) > MOST:
        raise Invalid(f"A list has at most {MOST} entries.", field=field)
    return values
