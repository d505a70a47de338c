from datetime import datetime

import pytest

from accounts.key_policy import KeyPolicy, set_key_policy
from accounts.models import AuditEntry, Organization, User
from core.errors import Invalid, NotAllowed
from tests.actors import acting


def test_an_owner_sets_it_and_it_is_audited(acme: Organization, ada: User, now: datetime) -> None:
    for _ in range(2):
        set_key_policy(acme, KeyPolicy(90, "disable"), actor=acting(ada), now=now)

    acme.refresh_from_db()
    assert (acme.max_key_days, acme.leaked_keys) == (90, "disable")
    assert AuditEntry.objects.get(action="organization.key_policy").data == {
        "max_key_days": 90,
        "leaked_keys": "disable",
        "new_key_cap": "default",
        "new_key_cap_cents": None,
        "velocity_freeze": True,
    }


def test_a_developer_and_an_outsider_do_not(acme: Organization, ben: User, eve: User, now: datetime) -> None:
    for person in (ben, eve):
        with pytest.raises(NotAllowed):
            set_key_policy(acme, KeyPolicy(90, "disable"), actor=acting(person), now=now)


@pytest.mark.parametrize(("days", "leaked"), [(0, "revoke"), (3651, "revoke"), (90, "ignore")])
def test_nonsense_is_refused(acme: Organization, ada: User, now: datetime, days: int, leaked: str) -> None:
    with pytest.raises(Invalid):
        set_key_policy(acme, KeyPolicy(days, leaked), actor=acting(ada), now=now)


@pytest.mark.parametrize(("cap", "cents"), [("own", None), ("default", 100), ("none", 0), ("own", -1), ("much", None)])
def test_a_cap_of_new_keys_says_how_much_or_nothing(
    acme: Organization, ada: User, now: datetime, cap: str, cents: int | None
) -> None:
    policy = KeyPolicy(new_key_cap=cap, new_key_cap_cents=cents)

    with pytest.raises(Invalid):
        set_key_policy(acme, policy, actor=acting(ada), now=now)
