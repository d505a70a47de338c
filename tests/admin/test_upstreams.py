"""Staff name the servers of a model on the model's page."""

from datetime import datetime
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from catalog.models import Model, Upstream
from tests.admin.forms import management


def entered(model: Model, browser: Client, *rows: dict[str, Any]) -> dict[str, Any]:
    url = reverse("admin:catalog_model_change", args=[model.pk])
    form = browser.get(url).context["adminform"].form
    own = {name: value for name, value in form.initial.items() if value is not None and name in form.fields}
    present = model.upstreams.count()
    told = {
        f"upstreams-{place}-{name}": value
        for place, row in enumerate(rows)
        for name, value in ({"model": str(model.pk)} | row).items()
    }
    return own | management(browser, url) | told | {"upstreams-TOTAL_FORMS": max(present, len(rows))}


ROW = {
    "name": "east",
    "is_enabled": "on",
    "base_url": "https://east.example/v1",
    "model_name": "spark-7b",
    "dialect": "anthropic_messages",
    "credential": "east",
    "weight": "70",
    "connect_timeout": "3",
    "read_timeout": "120",
}


def test_an_upstream_is_added_changed_and_removed(model: Model, staff: Client, now: datetime) -> None:
    url = reverse("admin:catalog_model_change", args=[model.pk])

    assert staff.post(url, entered(model, staff, ROW)).status_code == 302
    upstream = model.upstreams.get()
    assert (upstream.name, upstream.weight, upstream.read_timeout) == ("east", 70, 120)

    same = ROW | {"id": str(upstream.pk)}
    assert staff.post(url, entered(model, staff, same | {"weight": "0"})).status_code == 302
    assert model.upstreams.get().weight == 0

    assert staff.post(url, entered(model, staff, same | {"weight": "0", "DELETE": "on"})).status_code == 302
    assert not Upstream.objects.exists()
    trail = AuditEntry.objects.filter(action__startswith="upstream.").values_list("action", flat=True)
    assert sorted(trail) == ["upstream.added", "upstream.changed", "upstream.removed"]


def test_a_wrong_dialect_is_said_on_the_page(model: Model, staff: Client) -> None:
    url = reverse("admin:catalog_model_change", args=[model.pk])

    answer = staff.post(url, entered(model, staff, ROW | {"dialect": "openai_embeddings"}))

    assert answer.status_code == 200
    assert "embeddings can&#x27;t serve it" in answer.content.decode()
    assert not Upstream.objects.exists()


def test_a_secret_in_the_url_is_refused(model: Model, staff: Client) -> None:
    url = reverse("admin:catalog_model_change", args=[model.pk])

    answer = staff.post(url, entered(model, staff, ROW | {"base_url": "https://sk-1@east.example/v1"}))

    assert "name a credential instead" in answer.content.decode()
    assert not Upstream.objects.exists()
