"""Every component in every state, for those who make pages."""

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from portal.states import LOOKS

SNIPPETS = [
    {"name": "curl", "label": "curl", "text": "curl https://api.example/v1/models"},
    {"name": "python", "label": "Python", "text": 'from openai import OpenAI\n\nclient = OpenAI(api_key="…")'},
]


class Sample(forms.Form):
    name = forms.CharField(help_text="Shown in lists.")
    email = forms.EmailField(label="E-mail address", initial="not an address")
    project = forms.ChoiceField(choices=[("default", "Default"), ("search", "Search")])
    expires = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))


def styleguide(request: HttpRequest) -> HttpResponse:
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    context = {
        "states": LOOKS,
        "snippets": SNIPPETS,
        "form": Sample(),
        "wrong_form": Sample({"name": "", "email": "ada@"}),
        "page": Paginator(range(1, 60), 25).get_page(request.GET.get("page")),
        "kinds": ["info", "good", "warn", "bad"],
        "amounts": [1_250_000_000_000, 42_500, -500_000_000_000, 0],
    }
    return render(request, "public/styleguide.html", context)
