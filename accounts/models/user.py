from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models.functions import Lower

from core.ids import uuid7


class PeopleManager(UserManager["User"]):
    """People sign in by e-mail address; there is no user name."""

    def create_user(  # type: ignore[override]
        self, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(  # type: ignore[override]
        self, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        # `createsuperuser` shows a ValidationError as one sentence, but knows no constraints on expressions.
        self.model(email=self.normalize_email(email)).validate_constraints()
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find whoever signs in, however the address is capitalized."""
        return self.alias(address=Lower("email")).get(address=(username or "").lower())


class User(AbstractUser):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    username = None  # type: ignore[assignment]
    email = models.EmailField("e-mail address")

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[PeopleManager] = PeopleManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="one_user_per_email_address",
                violation_error_message="An account with this e-mail address exists.",
            )
        ]

    def __str__(self) -> str:
        return self.email
