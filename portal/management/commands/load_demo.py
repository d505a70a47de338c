"""Load what a demo starts with: catalogue, plans, a member of staff, and a developer with a key."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.actor import Actor
from billing.allowance import publish_what_is_missing
from portal.demo.models import load_models
from portal.demo.people import load_people
from portal.demo.plans import load_plans
from portal.demo.sign_ins import read_sign_ins, write_sign_ins
from usage.partitions import prepare_partitions

LOADER = Actor.job("load demo")


class Command(BaseCommand):
    help = __doc__ or ""

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This makes accounts whose passwords are in a file: set TOLLWAY_DEMO=1 to allow that.")
        now = timezone.now()
        prepare_partitions(now)
        load_models(actor=LOADER, now=now)
        load_plans(actor=LOADER, now=now)
        self._load_people()
        publish_what_is_missing()

    def _load_people(self) -> None:
        file = settings.VAR_DIR / "demo.json"
        noted = read_sign_ins(file)
        sign_ins = load_people(noted, actor=LOADER, now=timezone.now())
        if sign_ins != noted:
            write_sign_ins(file, sign_ins)
