"""Plans at Stripe: a product per plan, and a licensed monthly price per published version that costs something.

A price there is as immutable as a version here: a new version is a new price.
"""

from datetime import datetime

from stripe.params import PriceCreateParams, ProductCreateParams

from billing.models import Plan, PlanVersion
from billing.payments.calls import call_once, translated_failures
from billing.payments.client import client
from billing.payments.objects import first, metadata_of

PAGE = 100


def push_plans(*, now: datetime) -> list[PlanVersion]:
    """Make known to Stripe every published version that is not yet; answer those."""
    versions = PlanVersion.objects.filter(status=PlanVersion.Status.PUBLISHED, monthly_fee__gt=0, stripe_price_id="")
    return [push_plan_version(version, now=now) for version in versions.select_related("plan")]


@translated_failures()
def push_plan_version(version: PlanVersion, *, now: datetime) -> PlanVersion:
    """Have Stripe's price made, once. A version without a fee has none: nothing is bought with it."""
    if not version.is_published or version.monthly_fee == 0 or version.stripe_price_id:
        return version
    price = _make_price(version, product=_product_of(version.plan, now=now), now=now)
    # Two that push at once have made one price; only the first writes it, because a published version stays.
    PlanVersion.objects.filter(pk=version.pk, stripe_price_id="").update(stripe_price_id=price)
    version.stripe_price_id = price
    return version


def lookup_key_of(version: PlanVersion) -> str:
    return f"{version.plan.slug}_v{version.number}"


def _product_of(plan: Plan, *, now: datetime) -> str:
    if not plan.stripe_product_id:
        plan.stripe_product_id = _make_product(plan, now=now)
        plan.save(update_fields=["stripe_product_id"])
    return plan.stripe_product_id


def _make_product(plan: Plan, *, now: datetime) -> str:
    products = client().v1.products
    request: ProductCreateParams = {"name": plan.name, "metadata": {"plan": str(plan.pk)}}
    if plan.summary:
        request["description"] = plan.summary
    return call_once(
        "product",
        str(plan.pk),
        request=request,
        send=products.create,
        find=lambda: first(
            each
            for each in products.list({"limit": PAGE}).auto_paging_iter()
            if metadata_of(each).get("plan") == str(plan.pk)
        ),
        now=now,
    )


def _make_price(version: PlanVersion, *, product: str, now: datetime) -> str:
    prices = client().v1.prices
    request: PriceCreateParams = {
        "product": product,
        "currency": version.currency.lower(),
        "unit_amount": version.monthly_fee,
        "recurring": {"interval": "month"},
        "lookup_key": lookup_key_of(version),
        # An account that an earlier database was connected to has a price of this name already.
        "transfer_lookup_key": True,
        "nickname": str(version),
        "metadata": {"plan_version": str(version.pk)},
    }
    return call_once(
        "price",
        str(version.pk),
        request=request,
        send=prices.create,
        find=lambda: first(
            each
            for each in prices.list({"lookup_keys": [lookup_key_of(version)]}).data
            if metadata_of(each).get("plan_version") == str(version.pk)
        ),
        now=now,
    )
