"""What everybody may see: what this is, models, prices, and how to begin."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.organizations import organization_of
from billing.models import PlanVersion
from billing.terms import terms_of
from core.refusals import TABLE
from core.tokens import published_pattern
from core.usage import TokenClass
from portal.api_reference import (
    BUDGET,
    CREATE,
    END_CUSTOMER,
    ENVOY,
    NGINX,
    READ_USAGE,
    REPORT_USAGE,
    VERIFY,
    operations,
)
from portal.catalogue import base_url, first_chat_model, listed_models, offers
from portal.sample_receipt import sample_receipt
from portal.snippets import KEY_VARIABLE, batch_of_requests, first_call, python, with_anthropic


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """Show visitors what this is; the signed-in have a home of their own."""
    if request.user.is_authenticated:
        return redirect("home")
    models = listed_models(timezone.now())
    example = first_chat_model(models)
    receipt = sample_receipt(example.prices) if example else []
    context = {
        "models": models,
        "offers": offers(),
        "example": example,
        "snippets": first_call(example.model.slug) if example else [],
        "welcome_credit": settings.SIGNUP_CREDIT_CENTS,
        "receipt": receipt,
        "receipt_total": sum(line.amount for line in receipt),
    }
    return render(request, "public/landing.html", context)


@require_safe
def pricing(request: HttpRequest) -> HttpResponse:
    models = [listed for listed in listed_models(timezone.now()) if listed.prices]
    classes = [each for each in TokenClass if any(each in listed.prices for listed in models)]
    context = {
        "offers": offers(),
        "mine": _present_terms(request),
        "classes": classes,
        "rows": [(listed, [listed.prices.get(each) for each in classes]) for listed in models],
        "tier_rows": [
            (listed, tier.label, [prices.get(each) for each in classes])
            for listed in models
            for tier, prices in listed.tiers.items()
        ],
    }
    return render(request, "public/pricing.html", context)


def _present_terms(request: HttpRequest) -> PlanVersion | None:
    organization = organization_of(request.user) if isinstance(request.user, User) else None
    return terms_of(organization.pk) if organization else None


@require_safe
def models(request: HttpRequest) -> HttpResponse:
    listed = listed_models(timezone.now())
    context = {
        "closed": [each for each in listed if not each.model.is_open_weights],
        "open": [each for each in listed if each.model.is_open_weights],
    }
    return render(request, "public/models.html", context)


@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    context = {
        "operations": operations(),
        "refusals": TABLE,
        "portal_url": settings.PORTAL_URL,
        "pattern": published_pattern(settings.KEY_BRAND),
        "create": CREATE.format(url=settings.PORTAL_URL),
        "budget": BUDGET.format(url=settings.PORTAL_URL),
        "end_customer": END_CUSTOMER.format(url=settings.PORTAL_URL),
        "read_usage": READ_USAGE.format(url=settings.PORTAL_URL),
        "report_usage": REPORT_USAGE.format(url=settings.PORTAL_URL),
        "new_key_cap": settings.NEW_KEY_DAILY_CAP_CENTS,
        "velocity": {
            "minutes": settings.VELOCITY_MINUTES,
            "floor": settings.VELOCITY_FLOOR_CENTS,
            "factor": settings.VELOCITY_FACTOR,
            "hours": settings.VELOCITY_KNOWN_HOURS,
        },
        "verify": VERIFY.format(url=settings.PORTAL_URL, brand=settings.KEY_BRAND),
        "nginx": NGINX.format(url=settings.PORTAL_URL, brand=settings.KEY_BRAND),
        "envoy": ENVOY.format(url=settings.PORTAL_URL, brand=settings.KEY_BRAND),
    }
    return render(request, "public/api.html", context)


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    example = first_chat_model(listed_models(timezone.now()))
    slug = example.model.slug if example else "model"
    context = {
        "base_url": base_url(),
        "export": f"export {KEY_VARIABLE}={settings.KEY_BRAND}_live_…",
        "slug": slug,
        "snippets": first_call(slug),
        "streamed": python(slug, is_stream=True).text,
        "anthropic": with_anthropic(slug),
        "batch": batch_of_requests(slug),
        "refusals": TABLE,
    }
    return render(request, "public/docs.html", context)
