"""The words of sign-up and sign-in, over allauth's forms."""

from typing import Any

from allauth.account.forms import (
    AddEmailForm,
    ChangePasswordForm,
    LoginForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SignupForm,
)

EMAIL = "E-mail address"
PASSWORD_HELP = "At least 10 characters, and not one that everybody uses."  # noqa: S105 - a sentence


class OwnWords:
    """Labels say what a field is; a placeholder would say it again and vanish when it is needed."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name in {"email", "login"}:
                field.label = EMAIL
            if name == "password1":
                field.help_text = PASSWORD_HELP


class SignUpForm(OwnWords, SignupForm):  # type: ignore[misc]
    pass


class SignInForm(OwnWords, LoginForm):  # type: ignore[misc]
    pass


class ForgottenPasswordForm(OwnWords, ResetPasswordForm):  # type: ignore[misc]
    pass


class NewPasswordForm(OwnWords, ResetPasswordKeyForm):  # type: ignore[misc]
    pass


class OtherPasswordForm(OwnWords, ChangePasswordForm):  # type: ignore[misc]
    pass


class OtherAddressForm(OwnWords, AddEmailForm):  # type: ignore[misc]
    pass
