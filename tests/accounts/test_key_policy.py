from datetime import datetime

import pytest

from accounts.key_policy import set_key_policy
from accounts.models import AuditEntry, Organization, User
from core.errors import Invalid, NotAllowed
from tests.actors import acting


def test_an_owner_sets_it_and_it_is_audited(acme: Organization, ada: User, now: datetime) -> None:
    for _ in range(2):
        set_key_policy(acme, max_key_days=90, leaked_keys="disable", actor=acting(ada), now=now)

    acme.refresh_from_db()
    assert (acme.max_key_days, acme.leaked_keys) == (90, "disable")
    assert AuditEntry.objects.get(action="organization.key_policy").data == {
        "max_key_days": 90,
        "leaked_keys": "disable",
    }


def test_a_developer_and_an_outsider_do_not(acme: Organization, ben: User, eve: User, now: datetime) -> None:
    for person in (ben, eve):
        with pytest.raises(NotAllowed):
            set_key_policy(acme, max_key_days=90, leaked_keys="disable", actor=acting(person), now=now)


@pytest.mark.parametrize(("days", "leaked"), [(0, "revoke"), (3651, "revoke"), (90, "ignore")])
def test_nonsense_is_refused(acme: Organization, ada: User, now: datetime, days: int, leaked: str) -> None:
    with pytest.raises(Invalid):
        set_key_policy(acme, max_key_days=days, leaked_keys=leaked, actor=acting(ada), now=now)
