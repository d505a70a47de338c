"""What budgets can stand at: the parts of an organization, found and named."""

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from accounts.models import EndCustomer, Membership, Organization, Project
from catalog.models import Model
from core.budget import Node
from core.errors import TollwayError
from keys.models import ApiKey

Names = Mapping[UUID, str]


class NodeNotFound(TollwayError):
    code = "not_found"
    status = 404
    title = "There is nothing here"


def require_node(organization: Organization, node: Node, id_: UUID) -> None:
    """Raise NodeNotFound unless it belongs to the organization, or is a model that everybody may know of."""
    if id_ not in names_at(organization, node, [id_]):
        raise NodeNotFound(f"{organization} has no {node.label} {id_}.")


def names_at(organization: Organization, node: Node, ids: Iterable[UUID]) -> Names:
    """Answer the names of those that there are."""
    return NAMES[node](organization, list(ids))


def _own(organization: Organization, ids: list[UUID]) -> Names:
    return {organization.pk: organization.name} if organization.pk in ids else {}


def _projects(organization: Organization, ids: list[UUID]) -> Names:
    return dict(Project.objects.filter(organization=organization, pk__in=ids).values_list("pk", "name"))


def _keys(organization: Organization, ids: list[UUID]) -> Names:
    """An admin key spends nothing."""
    keys = ApiKey.objects.of(organization).exclude(kind=ApiKey.Kind.ADMIN).filter(pk__in=ids)
    return {key.pk: str(key) for key in keys}


def _members(organization: Organization, ids: list[UUID]) -> Names:
    members = Membership.objects.filter(organization=organization, user__in=ids)
    return dict(members.values_list("user_id", "user__email"))


def _end_customers(organization: Organization, ids: list[UUID]) -> Names:
    return dict(EndCustomer.objects.of(organization).filter(pk__in=ids).values_list("pk", "external_id"))


def _models(_organization: Organization, ids: list[UUID]) -> Names:
    return dict(Model.objects.filter(pk__in=ids, stage__in=Model.PUBLIC_STAGES).values_list("pk", "slug"))


NAMES: Mapping[Node, Callable[[Organization, list[UUID]], Names]] = {
    Node.ORGANIZATION: _own,
    Node.PROJECT: _projects,
    Node.KEY: _keys,
    Node.MEMBER: _members,
    Node.END_CUSTOMER: _end_customers,
    Node.MODEL: _models,
}
