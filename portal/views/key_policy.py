"""The rules that an organization has for all of its keys."""

from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.key_policy import set_key_policy
from accounts.models import Organization
from accounts.permissions import Permission
from core.money import decimal_of_cents
from portal.access import MemberRequest, member
from portal.actor import actor_of
from portal.forms.key_policy import KeyPolicyForm
from portal.templatetags.money import whole_dollars


@require_http_methods(["GET", "HEAD", "POST"])
@member
def key_policy(request: MemberRequest) -> HttpResponse:
    organization, actor = request.organization, actor_of(request)
    actor.require(Permission.MANAGE_ORGANIZATION, organization)
    form = KeyPolicyForm(request.POST or None, initial=_present(organization), usual=_usual())
    if request.method == "POST" and form.is_valid():
        set_key_policy(organization, form.policy(), actor=actor, now=timezone.now())
        messages.success(request, "The rules for keys are saved.")
        return redirect("keys")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "keys/policy.html", {"form": form}, status=status)


def _present(organization: Organization) -> dict[str, object]:
    cents = organization.new_key_cap_cents
    return {
        "max_key_days": organization.max_key_days,
        "leaked_keys": organization.leaked_keys,
        "new_key_cap": organization.new_key_cap,
        "new_key_amount": "" if cents is None else f"{decimal_of_cents(cents)}",
        "velocity_freeze": organization.velocity_freeze,
    }


def _usual() -> str:
    cents = settings.NEW_KEY_DAILY_CAP_CENTS
    return f"{whole_dollars(cents)} until you have paid once, then as much as it likes" if cents else "No amount"
