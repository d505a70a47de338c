"""Where allauth's ways through sign-up and sign-in end in this product."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import User
from portal.address import address_of
from portal.show_once import show_once
from portal.start import start


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Give newcomers their organization and first key: the first sign-in follows the verified e-mail address.

        Staff look after other people's organizations; one of their own they get on /welcome/ if they ask.
        """
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if user.is_staff:
            return response
        actor = Actor.person(user, ip_address=address_of(request))
        issued = start(user, actor=actor, now=timezone.now())
        return show_once(issued, then=response.headers["Location"]) if issued else response

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """Let subjects name the product: allauth renders them without the context processors."""
        named = {"brand": settings.BRAND_NAME, **context}
        message: EmailMessage = super().render_mail(template_prefix, email, named, headers)
        return message
