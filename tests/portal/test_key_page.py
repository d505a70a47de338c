"""A key's own page, its limits, its rotation, and the rules for all keys."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, Membership, Organization, Role, User
from billing.budgets import BudgetTerms, add_budget
from billing.velocity import freeze_what_races
from core.budget import Node, Window
from core.usage import TokenCounts
from keys.issue import issue_key
from keys.models import ApiKey
from keys.restrictions import Restrictions
from keys.rotate import rotate_key
from tests.actors import acting, browser_of
from tests.factories import ROBOT, default_project, make_key, make_model, make_user, use

DAY = timedelta(days=1)
PAGES = ["key", "key_edit", "key_rotation"]


@pytest.fixture
def key(acme: Organization, now: datetime) -> ApiKey:
    return make_key(acme, now=now, name="Search").key


@pytest.fixture
def viewer(acme: Organization, now: datetime) -> User:
    viewer = make_user("vera@acme.example")
    Membership.objects.create(organization=acme, user=viewer, role=Role.VIEWER, created_at=now)
    return viewer


@pytest.mark.parametrize("page", PAGES)
def test_members_see_them_and_outsiders_do_not(
    key: ApiKey, ada: User, ben: User, eve: User, elsewhere: Organization, page: str
) -> None:
    address = reverse(page, args=[key.pk])

    assert browser_of(ada).get(address).status_code == 200
    assert browser_of(ben).get(address).status_code == 200
    assert browser_of(eve).get(address).status_code == 404
    assert browser_of(eve).post(address).status_code in {404, 405}
    assert Client().get(address).status_code == 302


def test_a_viewer_reads_the_page_and_changes_nothing(key: ApiKey, viewer: User) -> None:
    browser = browser_of(viewer)

    page = browser.get(reverse("key", args=[key.pk])).content.decode()

    assert key.prefix in page
    assert "/rotation/" not in page
    assert browser.get(reverse("key_edit", args=[key.pk])).status_code == 403
    assert browser.post(reverse("key_rotation", args=[key.pk]), {"grace": "0"}).status_code == 403


def test_the_page_says_what_is_known(key: ApiKey, ada: User, now: datetime) -> None:
    ApiKey.objects.filter(pk=key.pk).update(
        last_used_at=now - timedelta(hours=2),
        last_used_from="203.0.113.7",
        last_used_model="muse-spark",
        networks=["203.0.113.0/24"],
        denied_model_slugs=["muse-embed"],
        kind="restricted",
    )

    page = browser_of(ada).get(reverse("key", args=[key.pk])).content.decode()

    for words in ("Restricted", "203.0.113.7", "203.0.113.0/24", "muse-spark", "muse-embed"):
        assert words in page


def test_the_page_warns_of_a_key_that_nobody_uses(acme: Organization, ada: User, now: datetime) -> None:
    key = make_key(acme, now=now - 90 * DAY).key

    assert "Nobody uses this key" in browser_of(ada).get(reverse("key", args=[key.pk])).content.decode()
    assert "Idle" in browser_of(ada).get("/keys/").content.decode()


def test_its_rates_are_changed_and_shown(key: ApiKey, ada: User) -> None:
    browser, page = browser_of(ada), reverse("key_edit", args=[key.pk])

    wrong = browser.post(page, {"name": "Search", "requests_per_minute": "0"})
    shown = browser.post(page, {"name": "Search", "requests_per_day": "50000"}, follow=True).content.decode()

    assert wrong.status_code == 422
    assert "50,000" in shown
    key.refresh_from_db()
    assert (key.requests_per_day, key.requests_per_minute) == (50_000, None)


def test_a_frozen_key_says_why_and_is_enabled_again(key: ApiKey, ada: User, now: datetime) -> None:
    spark = make_model(now=now)
    use(key, spark, at=now, counts=TokenCounts(input=48_000_000))  # $60
    freeze_what_races(now=now)
    browser, address = browser_of(ada), reverse("key", args=[key.pk])

    frozen = browser.get(address).content.decode()
    assert "Frozen" in browser.get("/keys/").content.decode()
    assert "Frozen" in browser.get(reverse("key_enablement", args=[key.pk])).content.decode()
    browser.post(reverse("key_enablement", args=[key.pk]))
    enabled = browser.get(address).content.decode()

    for words in ("This key is frozen", "$60.00", "5 minutes", "24 hours", "Enable"):
        assert words in frozen, words
    assert "taken for known until 9 Apr 2026 12:00 UTC" in enabled
    assert freeze_what_races(now=now) == 0


def test_its_budgets_are_shown_with_the_way_to_change_them(key: ApiKey, ada: User, ben: User, now: datetime) -> None:
    terms = BudgetTerms(25 * 10**12)
    budget = add_budget(key.organization, Node.KEY, key.pk, window=Window.DAY, terms=terms, actor=acting(ada), now=now)

    owner, developer = (browser_of(person).get(reverse("key", args=[key.pk])).content.decode() for person in (ada, ben))

    assert "$0.00 of $25.00" in owner
    assert reverse("budget", args=[budget.pk]) in owner
    assert f"/limits/new/?for=key:{key.pk}" in owner
    assert "$0.00 of $25.00" in developer
    assert reverse("budget", args=[budget.pk]) not in developer


class TestNewKey:
    def make(self, person: User, organization: Organization, **values: object) -> ApiKey:
        data = {"name": "CI", "project": str(default_project(organization).pk), **values}
        response = browser_of(person).post("/keys/new/", data)
        assert response.status_code == 302, response.content.decode()
        return ApiKey.objects.get(name="CI")

    def test_limits_are_taken_from_the_form(self, acme: Organization, ben: User, now: datetime) -> None:
        make_model(now=now)

        key = self.make(
            ben,
            acme,
            kind="secret",
            scopes=["inference"],
            models=["muse-spark"],
            networks="10.0.0.0/8, ::1\n10.0.0.0/8",
        )

        assert (key.kind, key.scopes, key.model_slugs) == ("restricted", ["inference"], ["muse-spark"])
        assert key.networks == ["10.0.0.0/8", "::1"]

    def test_an_admin_key_takes_its_own_scopes_alone(self, acme: Organization, ada: User, now: datetime) -> None:
        make_model(now=now)

        key = self.make(
            ada, acme, kind="admin", scopes=["inference"], models=["muse-spark"], admin_scopes=["keys:read"]
        )

        assert (key.kind, key.scopes, key.model_slugs) == ("admin", ["keys:read"], [])

    def test_an_admin_key_is_shown_without_a_call_to_a_model(
        self, acme: Organization, ada: User, now: datetime
    ) -> None:
        browser = browser_of(ada)
        make_model(now=now)
        data = {"name": "Ops", "project": str(default_project(acme).pk), "kind": "admin"}

        page = browser.post("/keys/new/", data, follow=True).content.decode()

        assert "tw_admin_" in page
        assert "/docs/api/" in page
        assert "muse-spark" not in page

    def test_a_developer_is_not_offered_admin_keys(self, acme: Organization, ada: User, ben: User) -> None:
        data = {"name": "Ops", "project": str(default_project(acme).pk), "kind": "admin"}

        assert 'value="admin"' in browser_of(ada).get("/keys/new/").content.decode()
        assert 'value="admin"' not in browser_of(ben).get("/keys/new/").content.decode()
        assert browser_of(ben).post("/keys/new/", data).status_code == 422
        assert not ApiKey.objects.exists()

    @pytest.mark.parametrize(
        ("values", "words"),
        [
            ({"networks": "10.0.0.1/8"}, "is no IP address or CIDR network"),
            ({"models": ["gpt-5"]}, "gpt-5 is not one of the available choices"),
            ({"models": ["muse-spark"], "denied_models": ["muse-spark"]}, "allowed or denied, not both"),
            ({"scopes": ["root"]}, "root is not one of the available choices"),
            ({"kind": "root"}, "root is not one of the available choices"),
            ({"expires": "2026-08-01"}, "at most 90 days"),
        ],
    )
    def test_a_wrong_limit_is_shown_with_the_reason(
        self, acme: Organization, ada: User, now: datetime, values: dict[str, object], words: str
    ) -> None:
        make_model(now=now)
        Organization.objects.update(max_key_days=90)
        data = {"name": "CI", "project": str(default_project(acme).pk), **values}

        response = browser_of(ada).post("/keys/new/", data)

        assert response.status_code == 422
        assert words in response.content.decode()
        assert not ApiKey.objects.exists()

    def test_the_last_day_that_is_allowed_can_be_chosen(self, acme: Organization, ada: User, now: datetime) -> None:
        Organization.objects.update(max_key_days=90)

        key = self.make(ada, acme, expires="2026-07-07")

        assert key.expires_at == now + 90 * DAY


class TestEdit:
    def test_it_changes_the_limits_and_keeps_the_rest(self, key: ApiKey, ben: User, now: datetime) -> None:
        data = {"name": "Search 2", "networks": "10.0.0.0/8", "expires": "2026-05-01"}

        response = browser_of(ben).post(reverse("key_edit", args=[key.pk]), data)

        key.refresh_from_db()
        assert response.headers["Location"] == reverse("key", args=[key.pk])
        assert (key.name, key.networks) == ("Search 2", ["10.0.0.0/8"])
        assert key.expires_at == datetime(2026, 5, 1, 23, 59, 59, 999_999, tzinfo=UTC)

    def test_what_the_form_shows_saves_as_nothing_changed(self, acme: Organization, ada: User, now: datetime) -> None:
        limits = Restrictions(["inference"], ["muse-hidden"], [], ["10.0.0.0/8"])
        key = issue_key(
            default_project(acme), name="CI", actor=ROBOT, now=now, restrictions=limits, expires_at=now + DAY
        ).key
        form = browser_of(ada).get(reverse("key_edit", args=[key.pk])).context["form"]
        data = {name: form[name].value() for name in form.fields if form[name].value()}

        browser_of(ada).post(reverse("key_edit", args=[key.pk]), data)

        assert not AuditEntry.objects.filter(action="key.changed").exists()

    @pytest.mark.parametrize(
        ("values", "words"), [({"name": ""}, "required"), ({"networks": "home"}, "is no IP address")]
    )
    def test_a_wrong_form_is_shown_again(self, key: ApiKey, ada: User, values: dict[str, str], words: str) -> None:
        response = browser_of(ada).post(reverse("key_edit", args=[key.pk]), {"name": "CI", **values})

        assert response.status_code == 422
        assert words in response.content.decode()

    def test_an_admin_key_has_no_models(self, acme: Organization, ada: User, ben: User, now: datetime) -> None:
        key = make_key(acme, now=now, kind="admin").key
        address = reverse("key_edit", args=[key.pk])

        assert "Never these models" not in browser_of(ada).get(address).content.decode()
        assert browser_of(ben).get(address).status_code == 403


class TestRotation:
    def test_the_new_key_is_shown_once(self, key: ApiKey, ben: User, now: datetime) -> None:
        browser = browser_of(ben)

        response = browser.post(reverse("key_rotation", args=[key.pk]), {"grace": "3600"})

        key.refresh_from_db()
        new = key.replaced_by
        assert new is not None
        assert key.expires_at == now + timedelta(hours=1)
        assert response.headers["Location"] == reverse("key_once", args=[new.pk])
        assert new.prefix in browser.get(response.headers["Location"]).content.decode()
        assert "has been shown" in browser.get(response.headers["Location"]).content.decode()
        page = browser.get(reverse("key", args=[key.pk])).content.decode()
        assert "has been rotated" in page
        assert new.prefix in page

    def test_another_overlap_than_offered_is_refused(self, key: ApiKey, ada: User) -> None:
        response = browser_of(ada).post(reverse("key_rotation", args=[key.pk]), {"grace": "99"})

        assert response.status_code == 422
        assert ApiKey.objects.count() == 1

    def test_a_key_is_not_rotated_twice(self, key: ApiKey, ada: User, now: datetime) -> None:
        rotate_key(key, grace=DAY, actor=acting(ada), now=now)

        assert browser_of(ada).get(reverse("key_rotation", args=[key.pk])).status_code == 409
        assert browser_of(ada).post(reverse("key_rotation", args=[key.pk]), {"grace": "0"}).status_code == 409


class TestRules:
    @pytest.mark.parametrize("amount", ["", "-1", "0.001", "NaN"])
    def test_a_wrong_amount_is_said(self, acme: Organization, ada: User, amount: str) -> None:
        sent = {"leaked_keys": "revoke", "new_key_cap": "own", "new_key_amount": amount}

        assert browser_of(ada).post("/keys/rules/", sent).status_code == 422

    def test_what_caps_new_keys_by_itself_is_said(self, acme: Organization, ada: User) -> None:
        assert "$25 until you have paid once" in browser_of(ada).get("/keys/rules/").content.decode()

    def test_an_owner_sets_them(self, acme: Organization, ada: User) -> None:
        sent = {"max_key_days": "90", "leaked_keys": "disable", "new_key_cap": "own", "new_key_amount": "7.50"}
        response = browser_of(ada).post("/keys/rules/", sent)

        acme.refresh_from_db()
        assert (acme.new_key_cap, acme.new_key_cap_cents, acme.velocity_freeze) == ("own", 750, False)
        assert response.status_code == 302
        assert (acme.max_key_days, acme.leaked_keys) == (90, "disable")

    def test_nonsense_is_shown_again(self, acme: Organization, ada: User) -> None:
        assert browser_of(ada).post("/keys/rules/", {"max_key_days": "0"}).status_code == 422

    def test_a_developer_does_not(self, acme: Organization, ben: User) -> None:
        assert browser_of(ben).get("/keys/rules/").status_code == 403
        assert 'href="/keys/rules/"' not in browser_of(ben).get("/keys/").content.decode()

    def test_an_outsider_sets_only_his_own(self, acme: Organization, eve: User, elsewhere: Organization) -> None:
        browser_of(eve).post("/keys/rules/", {"max_key_days": "1", "leaked_keys": "revoke"})

        acme.refresh_from_db()
        assert acme.max_key_days is None
