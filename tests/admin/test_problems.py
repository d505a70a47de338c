"""What could not be closed or issued is seen by staff: in red, in the list of it, and counted on the first page."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Organization
from billing.models import BillingPeriod, Invoice

DIFFERS = "Bookings differ by 3 <picodollars>."
SHOWN = "Bookings differ by 3 &lt;picodollars&gt;."
TABLES = [(BillingPeriod, "billing_billingperiod"), (Invoice, "billing_invoice")]

each_table = pytest.mark.parametrize(("table", "name"), TABLES, ids=["periods", "invoices"])


def rows_of(staff: Client, name: str, **filters: str) -> int:
    answer = staff.get(reverse(f"admin:{name}_changelist"), filters)
    return int(answer.context["cl"].result_count)


@each_table
def test_a_problem_is_shown_in_red(table: Any, name: str, world: Organization, staff: Client) -> None:
    table.objects.update(problem=DIFFERS)
    pages = [reverse(f"admin:{name}_changelist"), reverse(f"admin:{name}_change", args=[table.objects.get().pk])]

    for page in pages:
        text = staff.get(page).content.decode()
        assert SHOWN in text
        assert f'text-red-700 dark:text-red-400">{SHOWN}' in text


@each_table
def test_the_list_tells_rows_with_a_problem_apart(table: Any, name: str, world: Organization, staff: Client) -> None:
    assert (rows_of(staff, name, problem="yes"), rows_of(staff, name, problem="no")) == (0, 1)

    table.objects.update(problem=DIFFERS)

    assert (rows_of(staff, name, problem="yes"), rows_of(staff, name, problem="no"), rows_of(staff, name)) == (1, 0, 1)


@each_table
def test_the_first_page_counts_them_and_leads_there(table: Any, name: str, world: Organization, staff: Client) -> None:
    url = reverse(f"admin:{name}_changelist") + "?problem=yes"
    before = {figure["url"]: figure["value"] for figure in staff.get(reverse("admin:index")).context["figures"]}
    table.objects.update(problem=DIFFERS)
    after = {figure["url"]: figure["value"] for figure in staff.get(reverse("admin:index")).context["figures"]}

    assert (before[url], after[url]) == ("0", "1")
