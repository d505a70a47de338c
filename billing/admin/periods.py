from django.contrib import admin

from accounts.staff.columns import column, status_column
from accounts.staff.dollars import dollars_of_micros, dollars_of_picos
from accounts.staff.pages import ReadOnlyAdmin, ReadOnlyInline
from billing.admin.names import model_name
from billing.admin.problems import HasProblem, ShowsProblem
from billing.models import BillingPeriod, Booking, RatingRun


class RatingRunInline(ReadOnlyInline):
    model = RatingRun
    fields = readonly_fields = ("sequence", "from_version", "to_version", "rated_at")


@admin.register(BillingPeriod)
class BillingPeriodAdmin(ShowsProblem, ReadOnlyAdmin):
    list_display = (
        "organization",
        "index",
        "start",
        "end",
        "coloured_status",
        "problem_in_red",
        "subscription",
        "closed_at",
    )
    list_display_links = ("index", "start")
    list_select_related = ("organization", "subscription__plan_version__plan", "subscription__organization")
    list_filter = (HasProblem, "status")
    search_fields = ("organization__name",)
    fields = ("organization", "index", "start", "end", "status", "subscription", "closed_at", "problem_in_red")
    readonly_fields = ("problem_in_red",)
    inlines = [RatingRunInline]

    @status_column()
    def coloured_status(self, period: BillingPeriod) -> tuple[str, str]:
        return period.status, period.get_status_display()


class BookingInline(ReadOnlyInline):
    model = Booking
    ordering = ("pk",)
    fields = readonly_fields = ("model_of", "service_tier", "token_class", "quantity", "price", "exact", "invoice_line")
    show_change_link = False

    @column("model")
    def model_of(self, booking: Booking) -> str:
        return model_name(booking.model_id)

    @column("per million")
    def price(self, booking: Booking) -> str:
        return dollars_of_micros(booking.unit_price)

    @column("amount")
    def exact(self, booking: Booking) -> str:
        return dollars_of_picos(booking.amount)


@admin.register(RatingRun)
class RatingRunAdmin(ReadOnlyAdmin):
    list_display = ("customer", "period", "sequence", "from_version", "to_version", "rated_at")
    list_display_links = ("period", "sequence")
    list_select_related = ("period__organization",)
    search_fields = ("period__organization__name",)
    inlines = [BookingInline]

    @column("customer", ordering="period__organization__name")
    def customer(self, run: RatingRun) -> str:
        return str(run.period.organization)
