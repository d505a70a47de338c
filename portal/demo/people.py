"""The demo's two people: a member of staff, and a developer who has signed up."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction

from accounts.actor import Actor
from accounts.audit import record
from accounts.models import Organization, User
from accounts.organizations import create_organization, organization_of
from billing.new_keys import make_key
from billing.open_account import open_account
from core.tokens import is_hash_of, parse_peppers, parse_token
from keys.models import ApiKey
from portal.demo.sign_ins import SignIn, SignIns
from portal.start import FIRST_KEY

ADMIN = "admin@tollway.example"
DEVELOPER = "developer@tollway.example"
COMPANY = "Lighthouse Labs"
MODEL = "muse-spark"


@transaction.atomic
def load_people(noted: SignIns | None, *, actor: Actor, now: datetime) -> SignIns:
    """Answer sign-ins that work. What was noted stays; what was lost is made anew, for these two people alone."""
    admin = _sign_in(noted.admin if noted else None, ADMIN, is_staff=True, actor=actor, now=now)
    developer = _sign_in(noted.developer if noted else None, DEVELOPER, is_staff=False, actor=actor, now=now)
    api_key = _api_key(noted.api_key if noted else "", User.objects.get(email=DEVELOPER), now=now)
    return SignIns(admin, developer, api_key, MODEL)


def _sign_in(noted: SignIn | None, email: str, *, is_staff: bool, actor: Actor, now: datetime) -> SignIn:
    sign_in = noted or SignIn.new(email)
    user = User.objects.filter(email=email).first()
    if user is None:
        create = User.objects.create_superuser if is_staff else User.objects.create_user
        user = create(email, sign_in.password)
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        record(actor, "user.created", user, at=now)
    elif noted is None:
        user.set_password(sign_in.password)
        user.save(update_fields=["password"])
        record(actor, "user.password_set", user, at=now)
    return sign_in


def _api_key(text: str, developer: User, *, now: datetime) -> str:
    """Answer the developer's key in clear: the noted one while it works, otherwise a new one."""
    person = Actor.person(developer)
    organization = organization_of(developer) or _sign_up(developer, actor=person, now=now)
    if _works(text, organization, now):
        return text
    return make_key(organization.projects.order_by("created_at")[0], name=FIRST_KEY, actor=person, now=now).text


def _sign_up(developer: User, *, actor: Actor, now: datetime) -> Organization:
    """Do what signing up does; the company has a name of its own, because it is not the seller."""
    organization = create_organization(developer, name=COMPANY, actor=actor, now=now)
    open_account(organization, now=now)
    return organization


def _works(text: str, organization: Organization, now: datetime) -> bool:
    token = parse_token(text, brand=settings.KEY_BRAND)
    key = ApiKey.objects.of(organization).usable(now).filter(key_id=token.key_id).first() if token else None
    if token is None or key is None:
        return False
    pepper = parse_peppers(settings.KEY_PEPPERS).get(key.pepper_id)
    return pepper is not None and is_hash_of(token, key.hash, pepper)
