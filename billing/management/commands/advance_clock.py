import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Organization, User
from accounts.organizations import organization_of
from billing.models import Invoice, Subscription
from billing.payments.demo_clock import Progress, advance, progress
from billing.tasks import advance_demo_clock
from core.errors import TollwayError
from core.money import decimal_of_cents

POLL_SECONDS = 0.2


class Command(BaseCommand):
    help = "Let time pass at Stripe's test clock up to the next renewal and past its collection. Demo only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("organization", help="its id or name, or the e-mail address of a member")
        parser.add_argument("--to", type=_instant, help="go on renewing while renewals lie before this instant (ISO)")
        parser.add_argument("--wait", action="store_true", help="follow the worker and print each step")
        parser.add_argument("--timeout", type=int, default=180, help="seconds to wait for one renewal")

    def handle(self, *_args: Any, **options: Any) -> None:
        organization = _organization(options["organization"])
        try:
            self._renew(organization, options)
            while options["wait"] and options["to"] and _next_renewal(organization) <= options["to"]:
                self._renew(organization, options)
        except TollwayError as error:
            raise CommandError(error.detail) from error

    def _renew(self, organization: Organization, options: dict[str, Any]) -> None:
        advance(organization, now=timezone.now())
        advance_demo_clock.delay(str(organization.pk))
        if options["wait"]:
            self._follow(organization, timeout=options["timeout"])
        else:
            self.stdout.write("The worker advances the clock; --wait follows it.")

    def _follow(self, organization: Organization, *, timeout: int) -> None:
        shown, deadline = "", time.monotonic() + timeout
        while state := progress(organization):
            if state.says != shown:
                shown = state.says
                self.stdout.write(shown)
            if not state.is_running:
                return self._conclude(state)
            if time.monotonic() > deadline:
                raise CommandError("The worker has not finished in time. Is it running?")
            time.sleep(POLL_SECONDS)
        raise CommandError("Somebody has emptied Redis: run the command again.")

    def _conclude(self, state: Progress) -> None:
        if state.error:
            raise CommandError(state.error)
        invoice = Invoice.objects.get(pk=state.invoice)
        number = invoice.number or "not issued yet"
        self.stdout.write(f"Invoice {number}: {decimal_of_cents(invoice.total)} {invoice.currency}, {invoice.status}")


def _organization(words: str) -> Organization:
    user = User.objects.filter(email__iexact=words).first()
    found = organization_of(user) if user else _by_id(words) or Organization.objects.filter(name__iexact=words).first()
    if found is None:
        raise CommandError(f"No organization or member is called {words}.")
    return found


def _by_id(words: str) -> Organization | None:
    try:
        return Organization.objects.filter(pk=UUID(words)).first()
    except ValueError:
        return None


def _next_renewal(organization: Organization) -> datetime:
    return Subscription.objects.live().get(organization=organization).current_period_end


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
