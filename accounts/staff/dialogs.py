"""The dialogs in which staff confirm an action. They post a form, so that no link changes anything."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

Method = TypeVar("Method", bound=Callable[..., Any])


class ReasonForm(BaseDialogForm):  # type: ignore[misc]
    reason = forms.CharField(max_length=200, widget=UnfoldAdminTextInputWidget, help_text="Kept in the audit trail.")


def confirmed(
    label: str,
    *,
    title: str,
    text: str,
    form: type[BaseDialogForm] = BaseDialogForm,
    danger: bool = False,
) -> Callable[[Method], Method]:
    """Make a method of a staff page a button that asks first. It is given request, form and the object's id.

    It is for those who have the page's permission `acting`.
    """
    decorated: Callable[[Method], Method] = action(
        description=label,
        permissions=["act"],
        dialog={"title": title, "description": text, "form_class": form, "form_submit_text": label},
        variant=ActionVariant.DANGER if danger else ActionVariant.DEFAULT,
    )
    return decorated
