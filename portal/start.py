"""A person's start: organization, account and first key, without a question."""

from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from accounts.models import User
from accounts.organizations import MAX_NAME, create_organization, organization_of
from billing.new_keys import make_key
from billing.open_account import open_account
from keys.issue import IssuedKey

FIRST_KEY = "First key"
# How long the top-level domain of a country is.
COUNTRY = 2
# Whose domain says nothing about where a person works.
MAIL_PROVIDERS = frozenset(
    {
        *("aol", "fastmail", "gmail", "gmx", "googlemail", "hey", "hotmail", "icloud", "live", "mail", "me", "msn"),
        *("outlook", "pm", "proton", "protonmail", "web", "yahoo", "yandex", "zoho"),
    }
)


@transaction.atomic
def start(user: User, *, actor: Actor, now: datetime) -> IssuedKey | None:
    """Make what a newcomer needs and answer the first key; None for a person who belongs to an organization already.

    The person's row lock lets two sign-ins at once make one organization.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    if organization_of(user):
        return None
    organization = create_organization(user, name=organization_name(user.email), actor=actor, now=now)
    open_account(organization, now=now)
    return make_key(organization.projects.get(), name=FIRST_KEY, actor=actor, now=now)


def organization_name(email: str) -> str:
    """Name it after the company's domain, or after the person where the domain is a mail provider's."""
    person, _, domain = email.partition("@")
    company = _company_in(domain)
    if company.lower() in MAIL_PROVIDERS:
        return f"{_title(person.partition('+')[0])}’s organization"[:MAX_NAME]
    return _title(company)[:MAX_NAME]


def _company_in(domain: str) -> str:
    """Answer the label before the public suffix: `.com`, or `.co.uk` where a country has such second levels."""
    match domain.split("."):
        case [*_, company, ("ac" | "co" | "com" | "gov" | "net" | "org"), suffix] if len(suffix) == COUNTRY:
            return company
        case [*_, company, _]:
            return company
        case _:
            return domain


def _title(words: str) -> str:
    return " ".join(word.capitalize() for word in words.replace(".", " ").replace("_", " ").replace("-", " ").split())
