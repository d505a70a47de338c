"""The rules that an organization has for all of its keys."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.key_policy import set_key_policy
from accounts.permissions import Permission
from portal.access import MemberRequest, member
from portal.actor import actor_of
from portal.forms.key_policy import KeyPolicyForm


@require_http_methods(["GET", "HEAD", "POST"])
@member
def key_policy(request: MemberRequest) -> HttpResponse:
    organization, actor = request.organization, actor_of(request)
    actor.require(Permission.MANAGE_ORGANIZATION, organization)
    present = {"max_key_days": organization.max_key_days, "leaked_keys": organization.leaked_keys}
    form = KeyPolicyForm(request.POST or None, initial=present)
    if request.method == "POST" and form.is_valid():
        set_key_policy(organization, **form.cleaned_data, actor=actor, now=timezone.now())
        messages.success(request, "The rules for keys are saved.")
        return redirect("keys")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "keys/policy.html", {"form": form}, status=status)
