from django.db import models
from django.db.models import F, Q

from billing.models.period import BillingPeriod
from core.ids import uuid7
from core.usage import TokenClass


class RatingRun(models.Model):
    """One pass over a period's usage: it books what was used up to `to_version` of the wallet, less what was booked.

    Versions are `Wallet.version`: events stored up to a version read under the wallet's lock are all visible, so
    that nothing slips between two runs.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    period = models.ForeignKey(BillingPeriod, models.PROTECT, related_name="runs")
    sequence = models.PositiveIntegerField()
    from_version = models.BigIntegerField()
    to_version = models.BigIntegerField()
    rated_at = models.DateTimeField()

    class Meta:
        ordering = ["period", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["period", "sequence"], name="one_run_per_sequence"),
            models.CheckConstraint(condition=Q(to_version__gte=F("from_version")), name="runs_go_forward"),
        ]

    def __str__(self) -> str:
        return f"run {self.sequence} of {self.period}"


class Booking(models.Model):
    """What one run found for one model, token class, tier and price version: tokens and exact picodollars."""

    run = models.ForeignKey(RatingRun, models.PROTECT, related_name="bookings")
    model_id = models.UUIDField()
    price_version_id = models.UUIDField()
    service_tier = models.CharField(max_length=16, default="standard")
    token_class = models.CharField(max_length=16, choices=[(each.value, each.label) for each in TokenClass])
    unit_price = models.BigIntegerField(help_text="Picodollars per token (= micro-dollars per million).")
    quantity = models.DecimalField(max_digits=38, decimal_places=0)
    amount = models.DecimalField(max_digits=38, decimal_places=0, help_text="Picodollars.")
    invoice_line = models.ForeignKey(
        "billing.InvoiceLine", models.PROTECT, null=True, blank=True, related_name="bookings"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "model_id", "price_version_id", "service_tier", "token_class"],
                name="one_booking_per_run_and_price",
            ),
            models.CheckConstraint(
                condition=Q(amount=F("quantity") * F("unit_price")), name="a_booking_is_quantity_times_price"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} {self.token_class}"
