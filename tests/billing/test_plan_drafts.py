from datetime import datetime

import pytest

from accounts.models import AuditEntry, User
from billing.models import Plan, PlanVersion
from billing.plan_drafts import change_draft, change_plan, create_plan, discard_draft, draft_version
from core.errors import Conflict, NotAllowed
from tests.actors import acting, acting_as_staff
from tests.billing.plans import draft_plan


def test_a_plan_is_made_and_presented_otherwise(sam: User, now: datetime) -> None:
    plan = create_plan(Plan(slug="team", name="Team"), actor=acting_as_staff(sam), now=now)
    plan.summary = "For teams"

    change_plan(plan, ["summary"], actor=acting_as_staff(sam), now=now)

    assert Plan.objects.get(slug="team").summary == "For teams"
    assert AuditEntry.objects.get(action="plan.created").user == sam
    assert AuditEntry.objects.get(action="plan.changed").data == {"changes": {"summary": ["", "For teams"]}}


def test_a_plan_has_one_draft(sam: User, free: PlanVersion, now: datetime) -> None:
    draft_version(PlanVersion(plan=free.plan, monthly_fee=1), actor=acting_as_staff(sam), now=now)

    with pytest.raises(Conflict):
        draft_version(PlanVersion(plan=free.plan, monthly_fee=2), actor=acting_as_staff(sam), now=now)


def test_a_draft_is_changed_and_discarded(sam: User, now: datetime) -> None:
    draft = draft_plan("team", now=now)
    draft.monthly_fee = 99

    change_draft(draft, actor=acting_as_staff(sam), now=now)
    assert PlanVersion.objects.get(pk=draft.pk).monthly_fee == 99

    discard_draft(draft, actor=acting_as_staff(sam), now=now)
    assert not PlanVersion.objects.filter(pk=draft.pk).exists()
    actions = AuditEntry.objects.filter(user=sam).values_list("action", flat=True)
    assert set(actions) == {"plan.draft_changed", "plan.draft_discarded"}


def test_what_is_published_is_neither_changed_nor_discarded(sam: User, build: PlanVersion, now: datetime) -> None:
    with pytest.raises(Conflict):
        change_draft(build, actor=acting_as_staff(sam), now=now)
    with pytest.raises(Conflict):
        discard_draft(build, actor=acting_as_staff(sam), now=now)


def test_only_staff_prepare_plans(ada: User, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        create_plan(Plan(slug="mine", name="Mine"), actor=acting(ada), now=now)
