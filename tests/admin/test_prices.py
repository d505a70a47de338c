from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks
from redis import Redis

from accounts.models import AuditEntry, Organization, User
from catalog.models import Model, PriceVersion
from core.service_tier import ServiceTier
from core.usage import TokenClass
from core.wire import decode_model, model_facts_at
from tests.admin.forms import management
from tests.factories import PRICES, halved, make_model, prices_of

ADD = "admin:catalog_priceversion_add"


def entered(model: Model, **changed: str) -> dict[str, str]:
    prices = {"price_input": "1.25", "price_cache_read": "0.15", "price_output": "4.25", "price_reasoning": "4.25"}
    return {"model": str(model.pk), "organization": "", "valid_from_0": "", "valid_from_1": "", "note": ""} | (
        prices | changed
    )


def test_a_price_is_edited_by_a_new_version(
    model: Model,
    staff: Client,
    sam: User,
    now: datetime,
    redis: "Redis",
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    changed = entered(model, price_output="5.5", valid_from_0="2026-05-01", valid_from_1="00:00", note="May")
    with django_capture_on_commit_callbacks(execute=True):
        answer = staff.post(reverse(ADD), changed)

    assert answer.status_code == 302
    old, new = model.price_versions.order_by("valid_from")
    assert (prices_of(old), new.valid_from.isoformat()) == (PRICES, "2026-05-01T00:00:00+00:00")
    assert prices_of(new) == {**PRICES, TokenClass.OUTPUT: 5_500_000}
    facts = decode_model(str(redis.get(model_facts_at(model.slug))))
    assert [version.prices["output"] for version in facts.prices] == [4_250_000, 5_500_000]
    entry = AuditEntry.objects.get(action="prices.published", user=sam)
    assert (entry.object_id, entry.ip_address, entry.data["note"]) == (str(new.pk), "127.0.0.1", "May")


def test_a_service_tier_is_sold_once_it_has_prices(model: Model, staff: Client) -> None:
    tier = {"batch_input": "1", "batch_cache_read": "0.1", "batch_output": "2", "batch_reasoning": "2"}
    staff.post(reverse(ADD), entered(model, valid_from_0="2026-05-01", valid_from_1="00:00", **tier))

    version = model.price_versions.latest("valid_from")
    assert list(version.tables) == [ServiceTier.STANDARD, ServiceTier.BATCH]
    assert list(version.tables[ServiceTier.BATCH].values()) == [1_000_000, 100_000, 2_000_000, 2_000_000]
    page = staff.get(reverse("admin:catalog_priceversion_change", args=[version.pk])).content.decode()
    assert "$0.10" in page


def test_the_form_begins_with_the_tiers_in_force_too(staff: Client, now: datetime) -> None:
    model = make_model("muse-tiered", now=now, tiers={ServiceTier.BATCH: halved(PRICES)})

    fields = staff.get(reverse(ADD), {"model": str(model.pk)}).context["adminform"].form.fields

    assert fields["batch_output"].initial == 2_125_000
    assert fields["price_output"].initial == 4_250_000
    assert fields["flex_output"].initial is None


def test_without_an_instant_it_is_in_force_from_now_on(model: Model, staff: Client, now: datetime) -> None:
    later = make_model("muse-late", now=now, prices=None)

    staff.post(reverse(ADD), entered(later))

    assert later.price_versions.get().valid_from == now


def test_the_form_begins_with_the_prices_in_force(model: Model, staff: Client) -> None:
    shown = staff.get(reverse(ADD), {"model": str(model.pk)}).content.decode()

    assert 'value="4.25"' in shown
    assert 'value="0.15"' in shown


@pytest.mark.parametrize("address", ["nonsense", "01234567-89ab-cdef-0123-456789abcdef"])
def test_a_mistyped_address_opens_an_empty_form(address: str, staff: Client) -> None:
    assert staff.get(reverse(ADD), {"model": address}).status_code == 200


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"price_output": "0.0000001"}, "finer than a millionth of a dollar"),
        ({"price_output": ""}, "Enter a price: 0 where output tokens are free"),
        ({"batch_input": "1"}, "Batch needs prices for the same classes as standard, unlike for cached input tokens"),
        ({"price_output": "10000.01"}, "between $0 and $10,000 per million"),
        ({"valid_from_0": "2026-04-01", "valid_from_1": "00:00"}, "Prices can only begin now or later"),
        ({"valid_from_0": "2026-04-08", "valid_from_1": "12:00"}, "exist already: choose another"),
    ],
)
def test_a_refusal_is_shown_with_what_was_entered(
    changed: dict[str, str], why: str, model: Model, staff: Client
) -> None:
    answer = staff.post(reverse(ADD), entered(model, note="My note", **changed))

    shown = answer.content.decode()
    assert answer.status_code == 200
    assert why in shown
    assert 'value="My note"' in shown
    assert PriceVersion.objects.count() == 1


def test_a_contract_names_its_customer(model: Model, staff: Client, acme: Organization) -> None:
    staff.post(reverse(ADD), entered(model, organization=str(acme.pk), price_input="1"))

    version = PriceVersion.objects.get(organization=acme)
    assert prices_of(version)[TokenClass.INPUT] == 1_000_000


def test_prices_in_force_offer_no_deletion(model: Model, staff: Client) -> None:
    version = model.price_versions.get()

    assert staff.post(reverse("admin:catalog_priceversion_delete", args=[version.pk])).status_code == 403


def test_prices_that_have_not_begun_can_be_withdrawn(model: Model, staff: Client, now: datetime) -> None:
    far = now + timedelta(days=36_500)
    staff.post(reverse(ADD), entered(model, valid_from_0=f"{far:%Y-%m-%d}", valid_from_1="00:00"))
    version = model.price_versions.get(valid_from__gt=now)

    staff.post(reverse("admin:catalog_priceversion_delete", args=[version.pk]), {"post": "yes"})

    assert not PriceVersion.objects.filter(pk=version.pk).exists()
    assert AuditEntry.objects.filter(action="prices.withdrawn").exists()


def test_the_list_tells_versions_apart(model: Model, staff: Client, now: datetime) -> None:
    staff.post(reverse(ADD), entered(model, valid_from_0="2026-05-01", valid_from_1="00:00"))

    shown = staff.get(reverse("admin:catalog_priceversion_changelist")).content.decode()

    assert "in force" in shown
    assert "scheduled" in shown
    assert "replaced" not in shown


def test_the_list_of_models_shows_each_ones_own_prices(model: Model, staff: Client, now: datetime) -> None:
    make_model("muse-embed", now=now, prices={TokenClass.INPUT: 20_000})

    shown = staff.get(reverse("admin:catalog_model_changelist")).content.decode()

    assert shown.count("$1.25") == 1
    assert shown.count("$0.02") == 1


def test_pausing_a_model_leaves_an_audit_entry(model: Model, staff: Client, sam: User) -> None:
    fields = ("name", "kind", "owned_by", "summary", "position", "stage", "context_window", "max_output_tokens")
    form = {field: getattr(model, field) for field in fields} | {"is_paused": "on"}

    url = reverse("admin:catalog_model_change", args=[model.pk])
    answer = staff.post(url, management(staff, url) | form)

    assert answer.status_code == 302
    assert Model.objects.get(pk=model.pk).is_paused
    assert AuditEntry.objects.get(action="model.changed", user=sam).data == {"changes": {"is_paused": [False, True]}}
