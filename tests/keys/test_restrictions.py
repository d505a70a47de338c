from datetime import datetime

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Organization, Project, User
from core.errors import Invalid, NotAllowed
from keys.facts import key_facts
from keys.issue import issue_key
from keys.models import ApiKey
from keys.restrictions import FREE, Restrictions, checked
from keys.revoke import revoke_key
from tests.actors import acting
from tests.factories import make_key


def test_limits_are_kept_in_one_form_and_make_a_key_restricted(project: Project, ada: User, now: datetime) -> None:
    limits = Restrictions(
        ["models", "inference"], ["muse-spark", "muse-spark"], ["old"], ["203.0.113.7/32", "10.0.0.0/8"]
    )

    key = issue_key(project, name="CI", actor=acting(ada), now=now, restrictions=limits).key

    assert (key.kind, key.scopes, key.model_slugs) == ("restricted", ["inference", "models"], ["muse-spark"])
    facts = key_facts(key)
    assert (facts.kind, facts.denied_models, facts.networks) == ("restricted", ("old",), ("203.0.113.7", "10.0.0.0/8"))


def test_a_restricted_key_says_what_it_is_limited_to(project: Project, ada: User, now: datetime) -> None:
    with pytest.raises(Invalid, match="limited to"):
        issue_key(project, name="CI", actor=acting(ada), now=now, kind="restricted")


@pytest.mark.parametrize(
    ("kind", "limits"),
    [
        ("secret", Restrictions(scopes=["keys:write"])),
        ("secret", Restrictions(scopes=["everything"])),
        ("admin", Restrictions(scopes=["inference"])),
        ("admin", Restrictions(models=["muse-spark"])),
        ("secret", Restrictions(models=["a"], denied_models=["a"])),
        ("secret", Restrictions(models=["A b"])),
        ("secret", Restrictions(networks=["10.0.0.1/8"])),
        ("secret", Restrictions(networks=[f"10.0.0.{n}" for n in range(101)])),
    ],
)
def test_limits_that_make_no_sense_are_refused(kind: str, limits: Restrictions) -> None:
    with pytest.raises(Invalid):
        checked(limits, kind=kind)


def test_an_admin_key_says_so_in_its_text(project: Project, ada: User, now: datetime) -> None:
    issued = issue_key(
        project, name="Ops", actor=acting(ada), now=now, kind="admin", restrictions=Restrictions(["keys:read"])
    )

    assert issued.text.startswith("tw_admin_")
    assert (issued.key.kind, issued.key.scopes) == ("admin", ["keys:read"])


def test_a_developer_neither_makes_nor_revokes_admin_keys(
    project: Project, ada: User, ben: User, now: datetime
) -> None:
    key = issue_key(project, name="Ops", actor=acting(ada), now=now, kind="admin").key

    with pytest.raises(NotAllowed):
        issue_key(project, name="Ops", actor=acting(ben), now=now, kind="admin")
    with pytest.raises(NotAllowed):
        revoke_key(key, actor=acting(ben), now=now)


def test_an_unknown_kind_is_refused(project: Project, ada: User, now: datetime) -> None:
    with pytest.raises(Invalid):
        issue_key(project, name="Ops", actor=acting(ada), now=now, kind="root", restrictions=FREE)


@pytest.mark.parametrize(("kind", "environment"), [("admin", "live"), ("secret", "admin")])
def test_the_database_refuses_an_admin_key_that_looks_like_another(
    acme: Organization, now: datetime, kind: str, environment: str
) -> None:
    key = make_key(acme, now=now).key

    with pytest.raises(IntegrityError, match="an_admin_key_says_so"), transaction.atomic():
        ApiKey.objects.filter(pk=key.pk).update(kind=kind, environment=environment)
