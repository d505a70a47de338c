from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts.staff.columns import column, status_column
from accounts.staff.pages import ReadOnlyAdmin
from billing.models import Promise


@admin.register(Promise)
class PromiseAdmin(ReadOnlyAdmin):
    """The books prove themselves: what each hourly check found."""

    list_display = ("name", "state", "broken_since", "checked_at", "duration")
    fields = ("name", "state", "found", "broken_since", "checked_at", "duration")
    readonly_fields = ("state", "found", "duration")
    search_fields = ("name",)
    ordering = ("broken_since", "name")

    @status_column("state", ordering=None)
    def state(self, promise: Promise) -> tuple[str, str]:
        return ("kept", "holds") if promise.is_kept else ("broken", "broken")

    @column("found")
    def found(self, promise: Promise) -> SafeString | str:
        rows = ((violation,) for violation in promise.violations)
        return format_html_join("\n", "<div>{}</div>", rows) or "–"

    @column("took", ordering="duration_ms")
    def duration(self, promise: Promise) -> str:
        return f"{promise.duration_ms:,} ms"
