from django.db import models

from core.ids import uuid7


class Organization(models.Model):
    """Who pays: the owner of projects, keys, the wallet and the subscription."""

    class Status(models.TextChoices):
        ACTIVE = "active"
        SUSPENDED = "suspended"

    class LeakedKeys(models.TextChoices):
        """What happens to a key that was found in public."""

        REVOKE = "revoke", "Revoke it for ever"
        DISABLE = "disable", "Disable it until somebody has looked"

    class NewKeyCap(models.TextChoices):
        """What a new key may spend in a day."""

        DEFAULT = "default", "As usual here: capped until you have paid once"
        OWN = "own", "Always an amount of our own"
        NONE = "none", "As much as it likes"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=120)
    status = models.CharField(max_length=16, choices=Status, default=Status.ACTIVE)
    billing_email = models.EmailField(blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    max_key_days = models.PositiveSmallIntegerField(null=True, blank=True)
    leaked_keys = models.CharField(max_length=8, choices=LeakedKeys, default=LeakedKeys.REVOKE)
    new_key_cap = models.CharField(max_length=8, choices=NewKeyCap, default=NewKeyCap.DEFAULT)
    new_key_cap_cents = models.PositiveBigIntegerField(null=True, blank=True, help_text="Cents a day.")
    velocity_freeze = models.BooleanField(default=True, help_text="Freeze keys that spend far more than usual.")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(max_key_days=None) | models.Q(max_key_days__gte=1), name="a_key_lives_a_day_at_least"
            ),
            models.CheckConstraint(
                condition=models.Q(new_key_cap="own") ^ models.Q(new_key_cap_cents=None),
                name="an_own_cap_of_new_keys_says_how_much",
            ),
        ]

    def __str__(self) -> str:
        return self.name
