from datetime import datetime, timedelta

import pytest
from django.db import InternalError, transaction
from django.db.utils import IntegrityError

from accounts.models import AuditEntry, Organization, User
from catalog.models import Model, Price, PriceVersion
from catalog.price_book import HIGHEST_PRICE, price_version_in_force, publish_prices, withdraw_prices
from core.errors import Conflict, Invalid, NotAllowed
from core.service_tier import ServiceTier
from core.usage import TokenClass
from tests.actors import acting, acting_as_staff
from tests.factories import PRICES, ROBOT, halved, make_model, prices_of

DEARER = {TokenClass.INPUT: 2_000_000, TokenClass.OUTPUT: 5_000_000}


@pytest.fixture
def model(db: None, now: datetime) -> Model:
    return make_model(now=now)


def refused_by_the_database() -> pytest.RaisesExc[IntegrityError | InternalError]:
    return pytest.raises((IntegrityError, InternalError), match="is published: publish a later one instead")


def test_a_later_version_takes_over_at_its_instant(model: Model, sam: User, now: datetime) -> None:
    tomorrow = now + timedelta(days=1)

    later = publish_prices(model, DEARER, valid_from=tomorrow, actor=acting_as_staff(sam), now=now, note="Dearer")

    before = price_version_in_force(model, at=tomorrow - timedelta(microseconds=1))
    assert before is not None
    assert prices_of(before) == PRICES
    assert price_version_in_force(model, at=tomorrow) == later
    assert prices_of(later) == DEARER


def test_before_the_first_version_there_is_no_price(model: Model, now: datetime) -> None:
    assert price_version_in_force(model, at=now - timedelta(seconds=1)) is None


def test_a_contract_overrides_the_list_for_its_organization_alone(
    model: Model, acme: Organization, elsewhere: Organization, now: datetime
) -> None:
    contract = publish_prices(model, DEARER, valid_from=now, actor=ROBOT, now=now, organization=acme)

    assert price_version_in_force(model, at=now, organization=acme) == contract
    assert price_version_in_force(model, at=now, organization=elsewhere) != contract
    assert price_version_in_force(model, at=now) != contract


def test_publishing_leaves_an_audit_entry(model: Model, sam: User, now: datetime) -> None:
    version = publish_prices(
        model, DEARER, valid_from=now + timedelta(hours=1), actor=acting_as_staff(sam), now=now, note="Dearer"
    )

    entry = AuditEntry.objects.get(action="prices.published", user=sam)
    assert (entry.object_id, entry.ip_address) == (str(version.pk), "203.0.113.9")
    assert entry.data["prices"] == {"input": 2_000_000, "output": 5_000_000}


def test_each_service_tier_has_its_own_prices(model: Model, sam: User, now: datetime) -> None:
    later, standard = now + timedelta(hours=1), {**DEARER, TokenClass.INPUT: 1}
    tiers = {ServiceTier.PRIORITY: DEARER, ServiceTier.BATCH: halved(DEARER)}

    version = publish_prices(model, standard, tiers=tiers, valid_from=later, actor=acting_as_staff(sam), now=now)

    assert version.tables == {ServiceTier.STANDARD: standard, **tiers}
    entry = AuditEntry.objects.get(action="prices.published", user=sam)
    assert entry.data["tiers"]["batch"] == {"input": 1_000_000, "output": 2_500_000}


@pytest.mark.parametrize(
    "batch",
    [{TokenClass.INPUT: 1}, {**DEARER, TokenClass.IMAGE_IN: 1}, {**DEARER, TokenClass.INPUT: -1}, {}],
    ids=["one that leaves a class free", "one of a class more", "a negative price", "an empty one"],
)
def test_a_tier_needs_a_price_for_each_class_of_standard(
    batch: dict[TokenClass, int], model: Model, now: datetime
) -> None:
    with pytest.raises(Invalid):
        publish_prices(
            model,
            DEARER,
            tiers={ServiceTier.BATCH: batch},
            valid_from=now + timedelta(hours=1),
            actor=ROBOT,
            now=now,
        )

    assert PriceVersion.objects.count() == 1


def test_the_database_knows_the_tiers(model: Model, now: datetime) -> None:
    draft = PriceVersion.objects.create(model=model, valid_from=now + timedelta(days=1), created_at=now)

    with pytest.raises(IntegrityError, match="prices_are_of_known_tiers"), transaction.atomic():
        draft.prices.create(token_class="input", service_tier="slow", micros_per_million=1)


@pytest.mark.parametrize(
    ("prices", "offset"),
    [
        ({}, timedelta(0)),
        ({TokenClass.INPUT: -1}, timedelta(0)),
        ({TokenClass.INPUT: HIGHEST_PRICE + 1}, timedelta(0)),
        (DEARER, timedelta(microseconds=-1)),
    ],
    ids=["no price", "a negative one", "an absurd one", "in the past"],
)
def test_what_makes_no_sense_is_refused(
    prices: dict[TokenClass, int], offset: timedelta, model: Model, now: datetime
) -> None:
    with pytest.raises(Invalid):
        publish_prices(model, prices, valid_from=now + offset, actor=ROBOT, now=now)

    assert PriceVersion.objects.count() == 1


def test_two_versions_cannot_begin_at_one_instant(model: Model, now: datetime) -> None:
    with pytest.raises(Conflict):
        publish_prices(model, DEARER, valid_from=now, actor=ROBOT, now=now)


def test_only_staff_publish_prices(model: Model, acme: Organization, ada: User, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        publish_prices(model, {TokenClass.INPUT: 0}, valid_from=now, actor=acting(ada), now=now, organization=acme)


def test_prices_that_have_not_begun_can_be_withdrawn(model: Model, sam: User, now: datetime) -> None:
    # The database judges by its own clock, which does not stand still.
    version = publish_prices(model, DEARER, valid_from=now + timedelta(days=36_500), actor=ROBOT, now=now)

    withdraw_prices(version, actor=acting_as_staff(sam), now=now)

    assert not PriceVersion.objects.filter(pk=version.pk).exists()
    assert AuditEntry.objects.filter(action="prices.withdrawn", user=sam).count() == 1


def test_prices_in_force_cannot_be_withdrawn(model: Model, sam: User, now: datetime) -> None:
    with pytest.raises(Conflict):
        withdraw_prices(model.price_versions.get(), actor=acting_as_staff(sam), now=now)


def test_the_database_refuses_to_change_a_published_price(model: Model) -> None:
    with refused_by_the_database(), transaction.atomic():
        Price.objects.filter(version__model=model).update(micros_per_million=1)
    with refused_by_the_database(), transaction.atomic():
        Price.objects.filter(version__model=model).update(service_tier="batch")


def test_the_database_refuses_to_move_a_published_price_elsewhere(model: Model, now: datetime) -> None:
    draft = PriceVersion.objects.create(model=model, valid_from=now + timedelta(days=1), created_at=now)

    with refused_by_the_database(), transaction.atomic():
        Price.objects.filter(version__in=model.price_versions.published()).update(version=draft)


def test_the_database_refuses_to_add_to_a_published_version(model: Model) -> None:
    with refused_by_the_database(), transaction.atomic():
        Price.objects.create(version=model.price_versions.get(), token_class="image_in", micros_per_million=1)


def test_the_database_refuses_to_move_or_delete_a_published_version(model: Model, now: datetime) -> None:
    with refused_by_the_database(), transaction.atomic():
        model.price_versions.update(valid_from=now - timedelta(days=1))
    with refused_by_the_database(), transaction.atomic():
        model.price_versions.all().delete()
