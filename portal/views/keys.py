"""The organization's API keys: the list, a new one, and the page that shows it once."""

from http import HTTPStatus
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from billing.new_keys import make_key
from core.errors import Invalid
from keys.issue import IssuedKey
from keys.models import ApiKey
from portal.access import MemberRequest, member
from portal.actor import actor_of
from portal.budget_rows import budgets_of_key
from portal.catalogue import first_chat_model, listed_models
from portal.forms.keys import KeyForm
from portal.key_changes import REVOCATION
from portal.key_rows import key_rows
from portal.show_once import forget, show_once, text_of
from portal.snippets import first_call
from portal.usage_receipt import receipt_of
from usage.queries.first import first_event_of

PAGE_LENGTH = 50


@require_safe
@member
def keys(request: MemberRequest) -> HttpResponse:
    listed = ApiKey.objects.of(request.organization).select_related("organization", "project", "created_by")
    page = Paginator(listed, PAGE_LENGTH).get_page(request.GET.get("page"))
    actor = actor_of(request)
    context = {
        "page": page,
        "rows": key_rows(page.object_list, organization=request.organization.pk, at=timezone.now()),
        "revocation": REVOCATION,
        "may_manage": actor.can(Permission.MANAGE_KEYS, request.organization),
        "may_rule": actor.can(Permission.MANAGE_ORGANIZATION, request.organization),
    }
    return render(request, "keys/keys.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member
def new_key(request: MemberRequest) -> HttpResponse:
    actor_of(request).require(Permission.MANAGE_KEYS, request.organization)
    form = KeyForm(
        request.POST or None,
        organization=request.organization,
        models=[each.model.slug for each in listed_models(timezone.now()) if each.prices],
        may_manage_admin_keys=actor_of(request).can(Permission.MANAGE_ADMIN_KEYS, request.organization),
    )
    if request.method == "POST" and form.is_valid():
        try:
            return show_once(_issue(request, form))
        except Invalid as error:
            form.refuse(error)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "keys/new.html", {"form": form}, status=status)


def _issue(request: MemberRequest, form: KeyForm) -> IssuedKey:
    asked = form.cleaned_data
    return make_key(
        asked["project"],
        name=asked["name"],
        actor=actor_of(request),
        now=timezone.now(),
        kind=asked["kind"],
        restrictions=form.restrictions(kind=asked["kind"]),
        limits=form.limits(kind=asked["kind"]),
        velocity_freeze=asked["velocity_freeze"],
        expires_at=asked["expires"],
    )


@require_safe
@never_cache
@member
def key_once(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show the key's text with examples that hold it, once; later only what is known of it."""
    key = get_object_or_404(ApiKey.objects.of(request.organization), pk=pk)
    text = text_of(request, key)
    context = {
        "key": key,
        "text": text,
        "then": _own_page(request),
        "budgets": budgets_of_key(key, at=timezone.now()),
        "may_budget": actor_of(request).can(Permission.MANAGE_BUDGETS, request.organization),
        **_waiting(key),
    }
    if text and key.kind != ApiKey.Kind.ADMIN:
        context["snippets"] = _snippets(text)
    response = render(request, "keys/once.html", context)
    forget(response, key)
    return response


@require_safe
@never_cache
@member
def key_first_request(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Answer what is known of the key's first request: the part that htmx asks for, or a page with it."""
    key = get_object_or_404(ApiKey.objects.of(request.organization), pk=pk)
    is_fragment = request.headers.get("HX-Request") == "true"
    template = "keys/first_request.html#first-request" if is_fragment else "keys/first_request.html"
    return render(request, template, {"key": key, **_waiting(key)})


def _waiting(key: ApiKey) -> dict[str, object]:
    event = first_event_of(key.organization_id, key=key.pk, since=key.created_at)
    return {"event": event, "receipt": receipt_of(event) if event else []}


def _snippets(text: str) -> list[object]:
    model = first_chat_model(listed_models(timezone.now()))
    return [*first_call(model.model.slug, text)] if model else []


def _own_page(request: HttpRequest) -> str:
    """Answer the page of ours that the person was on the way to; never an address elsewhere, nor the start page."""
    then = request.GET.get("then", "")
    is_ours = url_has_allowed_host_and_scheme(then, allowed_hosts=None)
    return then if is_ours and then != "/" else ""
