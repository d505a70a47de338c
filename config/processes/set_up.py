"""Everything that must be true before the product's programs begin, in one process that starts Django once."""

import os

import django
from django.core.management import call_command

from config.processes.static_files import collect_static_files


def set_up() -> None:
    """Migrate, load the demo, collect static files, tell Stripe's side. Each step does nothing the second time."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_demo")
    collect_static_files()
    call_command("connect_stripe")


if __name__ == "__main__":
    set_up()
