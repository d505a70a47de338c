"""Tells owners and finance that a budget has reached a threshold: once per window and threshold."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils.text import Truncator

from accounts.models import Organization, Role
from billing.budget_nodes import names_at
from billing.models import BudgetNotice
from billing.reached_budgets import note_reached
from core.budget import Node, Window, window_end
from core.money import decimal_of_picos
from usage.models import BudgetSpend

READERS = (Role.OWNER, Role.FINANCE)
AT_ONCE = 100
LONGEST_NAME = 60
# A job that died while it told people has its notices taken over after this long: at worst they are told twice.
CLAIMED_FOR = timedelta(minutes=5)
log = structlog.get_logger()

Group = Sequence[BudgetNotice]


def notice_budgets(*, now: datetime) -> int:
    """Note what was reached, and tell of it; answer how many mails were sent. What fails is tried again."""
    reached, sent, failed = note_reached(now=now), 0, 0
    while groups := _claim(now):
        for group in groups:
            is_sent = _tell(group, now)
            sent, failed = sent + is_sent, failed + (not is_sent)
    log.info("budgets.noticed", reached=reached, sent=sent, failed=failed)
    return sent


@transaction.atomic
def _claim(now: datetime) -> list[Group]:
    """Answer notices that no other job tells of, together for each window of a budget."""
    budgets = _untold(now).order_by("budget_id").values_list("budget_id", flat=True).distinct()[:AT_ONCE]
    rows = _untold(now).filter(budget_id__in=list(budgets)).order_by("budget_id", "window_start", "threshold")
    notices = list(rows.select_for_update(of=["self"], skip_locked=True).select_related("budget"))
    BudgetNotice.objects.filter(pk__in=[notice.pk for notice in notices]).update(claimed_at=now)
    return [list(group) for _, group in groupby(notices, key=lambda each: (each.budget_id, each.window_start))]


def _untold(now: datetime) -> "QuerySet[BudgetNotice]":
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIMED_FOR)
    return BudgetNotice.objects.filter(free, mailed_at=None)


def _tell(group: Group, now: datetime) -> bool:
    """One mail for all that a window has reached at once: the highest."""
    try:
        _mail(group[-1])
    except OSError as error:
        log.warning("budgets.notice_failed", budget=str(group[-1].budget_id), error=str(error))
        return False
    BudgetNotice.objects.filter(pk__in=[notice.pk for notice in group]).update(mailed_at=now)
    return True


def _mail(notice: BudgetNotice) -> None:
    budget = notice.budget
    organization = Organization.objects.get(pk=budget.organization_id)
    node, window = Node(budget.node), Window(budget.window)
    spend = BudgetSpend.objects.filter(budget=budget, window_start=notice.window_start).first()
    name = names_at(organization, node, [budget.node_id]).get(budget.node_id, node.label)
    context = {
        "organization": organization,
        "name": name,
        "node": node.label,
        "window": window.adjective,
        "threshold": notice.threshold,
        "cap": _dollars(int(budget.cap)),
        "spent": _dollars(int(spend.spent) if spend else 0),
        "is_hard": budget.is_hard,
        "is_refusing": budget.is_hard and notice.threshold >= 100,  # noqa: PLR2004 - all of it
        "resets_at": window_end(window, notice.window_start),
        "page": f"{settings.PORTAL_URL}/limits/",
    }
    # A subject is one line, and people's names for things need not be.
    of = Truncator(" ".join(name.split())).chars(LONGEST_NAME)
    subject = f"{notice.threshold} % of the {window.adjective} budget of {of} is used"
    text = render_to_string("billing/email/budget_reached.txt", context)
    readers = organization.memberships.filter(role__in=READERS, user__is_active=True)
    for address in readers.values_list("user__email", flat=True):
        EmailMessage(subject, text, to=[address]).send()


def _dollars(picos: int) -> str:
    """Exact, with two decimals at least."""
    whole, _, fraction = f"{decimal_of_picos(picos):f}".partition(".")
    return f"${int(whole):,}.{fraction.rstrip('0').ljust(2, '0')}"
