"""What a new budget can be for, as its form offers it."""

from collections.abc import Sequence
from uuid import UUID

from accounts.models import Organization
from billing.budget_nodes import names_at
from catalog.models import Model
from core.budget import Node
from keys.models import ApiKey

# Of keys and end customers the newest are offered; the others by links on their own pages.
MOST_OFFERED = 200
GROUPS = {
    Node.ORGANIZATION: "The whole organization",
    Node.PROJECT: "A project",
    Node.KEY: "An API key",
    Node.MEMBER: "The keys that a member made",
    Node.END_CUSTOMER: "An end customer",
    Node.MODEL: "A model",
}

Place = tuple[str, str]


def budget_places(organization: Organization, chosen: tuple[Node, UUID] | None = None) -> list[tuple[str, list[Place]]]:
    """Answer groups of options; `chosen` is among them where it belongs to the organization."""
    groups = []
    for node in Node:
        ids = list(_offered(organization, node))
        if chosen is not None and chosen[0] is node and chosen[1] not in ids:
            ids.insert(0, chosen[1])
        names = names_at(organization, node, ids)
        options = [(f"{node.value}:{id_}", names[id_]) for id_ in ids if id_ in names]
        groups += [(GROUPS[node], options)] if options else []
    return groups


def _offered(organization: Organization, node: Node) -> Sequence[UUID]:
    match node:
        case Node.ORGANIZATION:
            return [organization.pk]
        case Node.PROJECT:
            projects = organization.projects.filter(archived_at=None).order_by("created_at")
            return list(projects.values_list("pk", flat=True))
        case Node.KEY:
            keys = ApiKey.objects.of(organization).exclude(status=ApiKey.Status.REVOKED)
            return list(keys.values_list("pk", flat=True)[:MOST_OFFERED])
        case Node.MEMBER:
            return list(organization.memberships.order_by("created_at").values_list("user_id", flat=True))
        case Node.END_CUSTOMER:
            return list(organization.end_customers.order_by("-id").values_list("pk", flat=True)[:MOST_OFFERED])
        case Node.MODEL:
            models = Model.objects.filter(stage__in=Model.PUBLIC_STAGES, is_hidden=False, licence="")
            return list(models.values_list("pk", flat=True))
