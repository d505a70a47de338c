"""Admin pages that end in our actions, and pages that only show."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin, TabularInline

from core.errors import TollwayError

if TYPE_CHECKING:
    AnyModelForm = forms.ModelForm[Any]
else:
    AnyModelForm = forms.ModelForm


class StaffForm(AnyModelForm):
    """A form whose page shows an action's refusal above the fields, with what was entered still in them."""

    refusal: TollwayError | None = None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.refusal is not None:
            raise ValidationError(self.refusal.detail, code=self.refusal.code)
        return cleaned


class StaffAdmin(ModelAdmin):  # type: ignore[misc]
    """Changes go through actions, called by `save_model`; nothing is deleted here unless a page says so."""

    form = StaffForm
    # Django's permission for this page's buttons. Named here because unfold looks for names that its decorator is
    # given in the database, while Django checks the code, before a first migration has made any table.
    acting = ""
    compressed_fields = True
    warn_unsaved_form = True
    list_per_page = 50
    show_full_result_count = False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_act_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm(self.acting))

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """A row that is being added has no related rows yet."""
        return self.inlines if obj else []

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show an action's refusal on the form: Django has rolled back, and the same entries are judged again."""
        try:
            return self._answer(request, object_id, form_url, extra_context)
        except TollwayError as refusal:
            self._refuse(request, refusal)
            return self._answer(request, object_id, form_url, extra_context)

    def _answer(self, *arguments: Any) -> HttpResponse:
        answer: HttpResponse = super().changeform_view(*arguments)
        return answer

    def _refuse(self, request: HttpRequest, refusal: TollwayError) -> None:
        request.refusal = refusal  # type: ignore[attr-defined]  # the request is the one thing both passes share

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        form = super().get_form(request, obj, change=change, **options)
        return type(form.__name__, (form,), {"refusal": getattr(request, "refusal", None)})


class ReadOnly:
    """Shows what actions and jobs wrote. Mixed into pages and inlines."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(ReadOnly, StaffAdmin):
    pass


class ReadOnlyInline(ReadOnly, TabularInline):  # type: ignore[misc]
    """A table of related rows, each with a link to its own page."""

    extra = 0
    ordering = ("-pk",)  # ids are born in order: the newest first
    show_change_link = True
    tab = True
    per_page = 20


def link_to(object_: Model | None, text: str = "") -> SafeString | str:
    """Answer a link to the object's staff page, or a dash for None."""
    if object_ is None:
        return "–"
    meta = object_._meta  # noqa: SLF001 - Django's documented way to a model's name
    url = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[object_.pk])
    return format_html('<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>', url, text or str(object_))


def answer_to(request: HttpRequest, url: str, message: str, *, level: int = messages.SUCCESS) -> HttpResponse:
    """Leave a message and go to `url`, from a plain form as from a dialog that htmx submitted."""
    messages.add_message(request, level, message)
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def change_url(object_: Model) -> str:
    meta = object_._meta  # noqa: SLF001
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[object_.pk])
