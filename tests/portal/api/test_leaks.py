"""Leaked keys: reported by anybody, and by GitHub with its signature."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client, override_settings

from accounts.models import Organization
from core.tokens import Environment, new_token
from keys.models import ApiKey
from tests.factories import make_key


def status_of(key: ApiKey) -> str:
    key.refresh_from_db()
    return key.status


class TestAnybody:
    def report(self, body: object) -> Any:
        return Client(enforce_csrf_checks=True).post("/api/v1/keys/report-leak", body, content_type="application/json")

    def test_whoever_holds_a_key_stops_it(self, acme: Organization, now: datetime) -> None:
        issued = make_key(acme, now=now)

        answer = self.report({"key": issued.text, "url": "https://paste.example/1"})

        assert (answer.status_code, answer.json()) == (200, {"reported": True, "outcome": "revoked"})
        assert status_of(issued.key) == "revoked"

    def test_an_unknown_key_is_not_found(self, db: None) -> None:
        assert self.report({"key": new_token("tw", Environment.LIVE).text}).status_code == 404

    @pytest.mark.parametrize(
        "body", ["{", "[]", '{"key": 1}', '{"key": "x", "url": 1}', '{"key": "' + "x" * 5000 + '"}']
    )
    def test_a_body_that_is_wrong_is_a_problem(self, body: str) -> None:
        assert self.report(body).status_code == 400


class TestPage:
    def test_it_stops_the_key_and_tells_nothing_of_its_owner(self, acme: Organization, now: datetime) -> None:
        issued = make_key(acme, now=now)

        page = Client().post("/leaked-key/", {"key": issued.text}, follow=True).content.decode()

        assert status_of(issued.key) == "revoked"
        assert issued.key.prefix in page
        assert issued.text not in page
        assert "Acme" not in page

    def test_an_unknown_key_is_said(self, db: None) -> None:
        response = Client().post("/leaked-key/", {"key": "tw_live_1"})

        assert response.status_code == 422
        assert "No key like this exists here" in response.content.decode()


class Published(BaseHTTPRequestHandler):
    """What GitHub publishes at its meta endpoint."""

    keys: ClassVar[dict[str, str]] = {}
    asked: ClassVar[int] = 0

    def do_GET(self) -> None:
        Published.asked += 1
        listed = [{"key_identifier": id_, "key": pem, "is_current": True} for id_, pem in self.keys.items()]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"public_keys": listed}).encode())

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def github() -> Iterator[ec.EllipticCurvePrivateKey]:
    """The private key that signs, while its public one is published on this machine."""
    key = ec.generate_private_key(ec.SECP256R1())
    Published.keys = {"id-1": pem_of(key)}
    Published.asked = 0
    with HTTPServer(("127.0.0.1", 0), Published) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        with override_settings(GITHUB_PUBLIC_KEYS_URL=f"http://127.0.0.1:{server.server_port}/"):
            yield key
        server.shutdown()
        thread.join()


def pem_of(key: ec.EllipticCurvePrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def send(key: ec.EllipticCurvePrivateKey, found: object, *, identifier: str = "id-1", body: bytes | None = None) -> Any:
    """`body` replaces what was signed."""
    signed = json.dumps(found).encode()
    signature = base64.b64encode(key.sign(signed, ec.ECDSA(SHA256()))).decode()
    return Client(enforce_csrf_checks=True).post(
        "/api/v1/github/secret-scanning",
        signed if body is None else body,
        content_type="application/json",
        headers={"Github-Public-Key-Identifier": identifier, "Github-Public-Key-Signature": signature},
    )


class TestGitHub:
    def test_our_keys_are_stopped_and_others_are_told_from_them(
        self, acme: Organization, now: datetime, github: ec.EllipticCurvePrivateKey
    ) -> None:
        issued, other = make_key(acme, now=now), new_token("tw", Environment.LIVE).text
        found = [
            {"token": token, "type": "tollway_key", "url": "https://github.com/a/b/blob/c/.env", "source": "content"}
            for token in (issued.text, other)
        ]

        answer = send(github, found)

        assert answer.status_code == 200
        assert [each["label"] for each in answer.json()] == ["true_positive", "false_positive"]
        assert answer.json()[0]["token_hash"] == hashlib.sha256(issued.text.encode()).hexdigest()
        assert issued.text not in answer.content.decode()
        assert status_of(issued.key) == "revoked"

    def test_what_is_not_signed_stops_nothing(
        self, acme: Organization, now: datetime, github: ec.EllipticCurvePrivateKey
    ) -> None:
        issued = make_key(acme, now=now)
        found = [{"token": issued.text, "type": "tollway_key", "url": ""}]
        stranger = ec.generate_private_key(ec.SECP256R1())

        refused = [
            send(stranger, found),
            send(github, found, identifier="id-2"),
            send(github, [], body=json.dumps(found).encode()),
            Client().post("/api/v1/github/secret-scanning", found, content_type="application/json"),
        ]

        assert {answer.status_code for answer in refused} == {401}
        assert status_of(issued.key) == "active"

    @pytest.mark.parametrize(
        "headers", [{}, {"Github-Public-Key-Identifier": "id-1"}, {"Github-Public-Key-Signature": "eA=="}]
    )
    def test_what_pretends_no_signature_fetches_nothing(
        self, github: ec.EllipticCurvePrivateKey, headers: dict[str, str]
    ) -> None:
        path = "/api/v1/github/secret-scanning"

        refused = Client().post(path, [], content_type="application/json", headers=headers)

        assert refused.status_code == 401
        assert Published.asked == 0

    def test_another_curve_is_refused(self, github: ec.EllipticCurvePrivateKey) -> None:
        key = ec.generate_private_key(ec.SECP384R1())
        Published.keys = {"id-1": pem_of(key)}

        assert send(key, []).status_code == 401

    def test_a_new_key_is_fetched_and_a_forged_name_fetches_once(self, github: ec.EllipticCurvePrivateKey) -> None:
        assert send(github, []).status_code == 200
        Published.keys |= {"id-2": Published.keys["id-1"]}

        assert send(github, [], identifier="id-2").status_code == 200
        for number in range(5):
            assert send(github, [], identifier=f"forged-{number}").status_code == 401
        assert Published.asked == 2

    def test_github_away_is_no_refusal(self, github: ec.EllipticCurvePrivateKey) -> None:
        with override_settings(GITHUB_PUBLIC_KEYS_URL="http://127.0.0.1:1/"):
            assert send(github, []).status_code == 503

    @pytest.mark.parametrize("found", [{}, [1], [{"token": 1}], "x"])
    def test_a_signed_body_of_another_shape_is_a_problem(
        self, github: ec.EllipticCurvePrivateKey, found: object
    ) -> None:
        assert send(github, found).status_code == 400
