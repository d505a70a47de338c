"""What a browser sends with a form of the staff site beside what a person enters."""

from typing import Any

from django.test import Client


def management(browser: Client, url: str) -> dict[str, Any]:
    """Answer the hidden fields of the tables below the form."""
    formsets = browser.get(url).context["inline_admin_formsets"]
    forms = [formset.formset.management_form for formset in formsets]
    return {field.html_name: field.value() for form in forms for field in form}
