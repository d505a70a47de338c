"""What an organization may ask for and spend: the plan's rate limits, today's use, and every budget."""

from collections.abc import Mapping
from datetime import UTC, datetime

from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Organization
from accounts.permissions import Permission
from billing.terms import terms_of
from core.budget import Node
from core.wire import RateLimits
from portal.access import MemberRequest, member
from portal.actor import actor_of
from portal.budget_places import GROUPS
from portal.budget_rows import budget_rows
from portal.rate_labels import labelled
from usage.models import Budget
from usage.queries.spending import use_since

PAGE_LENGTH = 50
# From the widest to the narrowest, and then the oldest first.
IN_ORDER = Case(
    *[When(node=node.value, then=Value(place)) for place, node in enumerate(Node)], output_field=IntegerField()
)


@require_safe
@member
def limits(request: MemberRequest) -> HttpResponse:
    organization, actor, now = request.organization, actor_of(request), timezone.now()
    actor.require(Permission.VIEW_BUDGETS, organization)
    terms = terms_of(organization.pk)
    chosen = _chosen(request.GET)
    page = Paginator(_budgets(organization, chosen), PAGE_LENGTH).get_page(request.GET.get("page"))
    rows = budget_rows(page.object_list, organization=organization, at=now)
    context = {
        "terms": terms,
        "rates": labelled(terms.limits if terms else RateLimits()),
        "today": use_since(organization.pk, _midnight(now)),
        "page": page,
        "rows": rows,
        "reached": [row for row in rows if row.reached or row.state in {"refusing", "over"}],
        "chosen": chosen,
        "nodes": GROUPS.items(),
        "may_manage": actor.can(Permission.MANAGE_BUDGETS, organization),
    }
    return render(request, "limits/index.html", context)


def _chosen(query: Mapping[str, str]) -> Node | None:
    try:
        return Node(query.get("node", ""))
    except ValueError:
        return None


def _budgets(organization: Organization, node: Node | None) -> "QuerySet[Budget]":
    budgets = Budget.objects.filter(organization_id=organization.pk)
    return (budgets.filter(node=node) if node else budgets).annotate(place=IN_ORDER).order_by("place", "id")


def _midnight(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
