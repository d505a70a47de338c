from django.core.management import call_command
from pytest_django import DjangoDbBlocker


def test_the_site_is_checked_without_a_database(django_db_blocker: DjangoDbBlocker) -> None:
    """The first migration of an empty database checks the code before there is a table to ask."""
    with django_db_blocker.block():
        call_command("check")
