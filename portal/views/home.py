"""What a signed-in person sees first."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from portal.access import MemberRequest, member


def start(request: HttpRequest) -> HttpResponse:
    """Send the signed-in to their home, and show visitors what this is."""
    if request.user.is_authenticated:
        return redirect("home")
    return render(request, "public/landing.html")


@member
def home(request: MemberRequest) -> HttpResponse:
    return render(request, "home/home.html")
