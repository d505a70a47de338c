"""`manage.py publish_facts`: bring to Redis what gateways miss, until SIGTERM or SIGINT."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from billing.publisher import Publisher


class Command(BaseCommand):
    help = __doc__ or ""

    def handle(self, *_args: Any, **_options: Any) -> None:
        is_over = threading.Event()
        for ending in (signal.SIGTERM, signal.SIGINT):
            signal.signal(ending, lambda *_: is_over.set())
        self.stdout.write("Publishing what gateways miss.")
        self.stdout.flush()
        Publisher().run(until=is_over.is_set)
