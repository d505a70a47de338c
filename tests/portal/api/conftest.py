"""Programs that call the management API with an admin key."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import Organization
from keys.issue import IssuedKey
from keys.models import ApiKey
from keys.restrictions import Restrictions
from tests.factories import make_key


@dataclass
class Program:
    """Calls with one key, and reads the JSON of the answers."""

    issued: IssuedKey
    client: Client = field(default_factory=Client)

    def send(self, method: str, path: str, body: object = None, **headers: str) -> HttpResponse:
        headers = {"Authorization": f"Bearer {self.issued.text}", **headers}
        data = {"data": "" if body is None else body, "content_type": "application/json"}
        more: Mapping[str, Any] = {} if method == "get" else data
        response: HttpResponse = getattr(self.client, method)(f"/api/v1{path}", headers=headers, **more)
        return response

    @property
    def key(self) -> ApiKey:
        return self.issued.key


def program_of(organization: Organization, *scopes: str, now: datetime) -> Program:
    return Program(make_key(organization, now=now, name="Ops", kind="admin", restrictions=Restrictions(scopes)))


@pytest.fixture
def ops(acme: Organization, now: datetime) -> Program:
    """Acme's program, which may all."""
    return program_of(acme, now=now)


@pytest.fixture
def outsider(elsewhere: Organization, now: datetime) -> Program:
    return program_of(elsewhere, now=now)
