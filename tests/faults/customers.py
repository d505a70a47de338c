"""The organizations that call: made by the product's own actions, each with a project and two keys."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from uuid import UUID

from accounts.models import Organization
from billing.credits import Kind, grant_credit
from billing.open_account import open_account
from catalog.models import Model
from core.budget import Node, Window
from core.money import PICOS_PER_UNIT
from core.usage import TokenClass
from keys.issue import IssuedKey
from tests.factories import ROBOT, default_project, make_key, make_model, make_organization
from tests.faults.plan import Customer
from usage.budgets import Place, set_budget
from usage.models import BudgetSpend, Wallet
from usage.partitions import prepare_partitions

CAP = 10 * PICOS_PER_UNIT
PLENTY = 1_000_000 * PICOS_PER_UNIT
MODEL = "muse-spark"
# A cent for each token: forty calls of thirty tokens at once ask for more than $10.00.
PRICES = {TokenClass.INPUT: 1_000_000, TokenClass.OUTPUT: 10_000_000_000}
REST_SECONDS = 125.0
_OPERATIONS = count()


@dataclass(frozen=True)
class Caller:
    """One organization. `cap` is what it may spend in a round, in picodollars; None is no cap worth testing."""

    organization: Organization
    kind: Customer
    keys: tuple[IssuedKey, ...]

    @property
    def id(self) -> UUID:
        return self.organization.pk


@dataclass
class Customers:
    """Capped ones have turns: `free` are those whose turn it may be, `resting` those with holds of a killed gateway."""

    plenty: list[Caller] = field(default_factory=list)
    free: dict[Customer, list[Caller]] = field(default_factory=lambda: {Customer.CAPPED: [], Customer.BUDGETED: []})
    resting: list[tuple[float, Caller]] = field(default_factory=list)

    @classmethod
    def new(cls) -> "Customers":
        now = datetime.now(UTC)
        prepare_partitions(now)
        make_model(MODEL, now=now, prices=PRICES)
        assert Model.objects.get(slug=MODEL)
        return cls([_caller(Customer.PLENTY) for _ in range(3)])

    def of_round(self) -> dict[Customer, list[Caller]]:
        """Those who call in this round, with exactly their cap to spend."""
        capped, budgeted = self._next(Customer.CAPPED), self._next(Customer.BUDGETED)
        _fill(capped, CAP)
        _set_cap(budgeted)
        for rich in (*self.plenty, budgeted):
            _fill(rich, PLENTY)
        return {Customer.PLENTY: self.plenty, Customer.CAPPED: [capped], Customer.BUDGETED: [budgeted]}

    def give_back(self, callers: list[Caller]) -> None:
        for caller in callers:
            if caller.kind is not Customer.PLENTY:
                self.free[caller.kind].append(caller)

    def rest(self, callers: list[Caller]) -> None:
        """They come back when the holds of a killed gateway are over."""
        until = time.monotonic() + REST_SECONDS
        self.resting += [(until, caller) for caller in callers if caller.kind is not Customer.PLENTY]

    def _next(self, kind: Customer) -> Caller:
        now = time.monotonic()
        self.give_back([caller for until, caller in self.resting if until <= now])
        self.resting = [(until, caller) for until, caller in self.resting if until > now]
        return self.free[kind].pop(0) if self.free[kind] else _caller(kind)


def _caller(kind: Customer) -> Caller:
    now = datetime.now(UTC)
    organization = make_organization(now=now, name=kind.value)
    open_account(organization, now=now)
    return Caller(organization, kind, tuple(make_key(organization, now=now, name=f"Key {place}") for place in range(2)))


def _fill(caller: Caller, amount: int) -> None:
    """Grant what is missing of `amount`."""
    missing = amount - Wallet.objects.get(pk=caller.id).available
    if missing > 0:
        grant_credit(
            caller.organization,
            kind=Kind.PROMOTIONAL,
            amount=missing,
            reason="A round of faults",
            operation_key=f"faults:{next(_OPERATIONS)}",
            actor=ROBOT,
            now=datetime.now(UTC),
        )


def _set_cap(caller: Caller) -> None:
    place = Place(caller.id, Node.PROJECT, default_project(caller.organization).pk)
    spending = BudgetSpend.objects.filter(budget__organization_id=caller.id)
    spent = sum(int(each) for each in spending.values_list("spent", flat=True))
    set_budget(place, Window.LIFETIME, cap=spent + CAP, is_hard=True, now=datetime.now(UTC))
