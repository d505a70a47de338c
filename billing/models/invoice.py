from django.db import models
from django.db.models import Q

from accounts.models import Organization
from billing.models.period import BillingPeriod
from billing.models.subscription import Subscription
from core.ids import uuid7


class InvoiceSeries(models.Model):
    """The last number given per legal entity; its row lock keeps the numbers without gaps."""

    legal_entity = models.CharField(max_length=120, primary_key=True)
    prefix = models.CharField(max_length=12, default="TW")
    last_number = models.PositiveBigIntegerField(default=0)
    last_hash = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.prefix}-{self.last_number:06d}"


class Invoice(models.Model):
    """Amounts in cents. Once it has a number the database refuses to change anything but its payment.

    `number` is ours, without gaps; the provider's document is named by `stripe_invoice_id`.
    """

    class Status(models.TextChoices):
        DRAFT = "draft"
        OPEN = "open"
        PAID = "paid"
        PARTIALLY_PAID = "partially_paid", "partially paid"
        UNCOLLECTIBLE = "uncollectible"
        VOID = "void"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="invoices")
    subscription = models.ForeignKey(Subscription, models.PROTECT, null=True, blank=True, related_name="invoices")
    period = models.OneToOneField(
        BillingPeriod, models.PROTECT, null=True, blank=True, related_name="invoice", help_text="Whose usage it bills."
    )
    reason = models.CharField(max_length=40, help_text="The provider's billing_reason.")
    status = models.CharField(max_length=16, choices=Status, default=Status.DRAFT)
    legal_entity = models.CharField(max_length=120, blank=True)
    seller_address = models.CharField(max_length=300, blank=True)
    buyer_name = models.CharField(max_length=120, blank=True, help_text="As it was when the invoice was issued.")
    buyer_email = models.EmailField(blank=True)
    number = models.CharField(max_length=40, null=True, unique=True, blank=True)
    currency = models.CharField(max_length=3, default="USD")
    subtotal = models.BigIntegerField(default=0)
    tax = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    amount_paid = models.BigIntegerField(default=0)
    stripe_invoice_id = models.CharField(max_length=64, null=True, unique=True, blank=True)
    hosted_url = models.URLField(max_length=500, blank=True)
    last_payment_error = models.CharField(max_length=300, blank=True)
    problem = models.CharField(max_length=500, blank=True, help_text="Why it could not be issued.")
    lines_attached_at = models.DateTimeField(null=True, blank=True, help_text="When the provider had all our lines.")
    created_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 over the previous one's and this content.")

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(total=models.F("subtotal") + models.F("tax")), name="totals_add_up"),
            models.CheckConstraint(
                condition=Q(status="draft", number=None) | (~Q(status="draft") & Q(number__isnull=False)),
                name="an_issued_invoice_has_a_number",
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"draft {self.id}"

    @property
    def amount_due(self) -> int:
        return self.total - self.amount_paid


class InvoiceLine(models.Model):
    """`amount` is the cents that are charged, `exact_amount` the picodollars that they were rounded from, once."""

    class Kind(models.TextChoices):
        PLAN = "plan"
        USAGE = "usage"
        CREDIT = "credit", "credit applied"
        PRORATION = "proration"
        PURCHASE = "purchase", "credit purchase"
        OTHER = "other"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=Kind)
    description = models.CharField(max_length=300)
    model_id = models.UUIDField(null=True, blank=True)
    token_class = models.CharField(max_length=16, blank=True)
    service_tier = models.CharField(max_length=16, blank=True)
    quantity = models.DecimalField(max_digits=38, decimal_places=0, default=1)
    unit_price = models.BigIntegerField(null=True, blank=True, help_text="Picodollars; empty where prices changed.")
    exact_amount = models.DecimalField(max_digits=38, decimal_places=0)
    amount = models.BigIntegerField()
    period_start = models.DateTimeField()
    period_end = models.DateTimeField()
    stripe_line_id = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["invoice", "position"]
        constraints = [models.UniqueConstraint(fields=["invoice", "position"], name="one_line_per_position")]

    def __str__(self) -> str:
        return self.description
