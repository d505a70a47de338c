"""A real nginx in front of somebody else's models asks us whether a request may pass."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
import redis as redis_client
from django.test import override_settings
from pytest_django.live_server_helper import LiveServer

from config.embedded.redis_server import free_port
from core.tokens import Environment, KeyToken, keyed_hash, new_token
from portal.api import rated
from portal.api.rates import Rate
from tests.gateway.published import PEPPER, SPARK, Account, Publisher, new_account
from tests.gateway.serving import wait_until

# As the page of the management API shows it, with files, ports and a backend of its own.
CONFIGURATION = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{backend};
        location / {{ return 200 "$http_x_tollway_organization"; }}
    }}
    server {{
        listen 127.0.0.1:{port};
        location /v1/ {{
            auth_request /_tollway;
            auth_request_set $organization $upstream_http_x_tollway_organization;
            proxy_set_header X-Tollway-Organization $organization;
            proxy_pass http://127.0.0.1:{backend};
        }}
        location = /_tollway {{
            internal;
            proxy_pass {portal}/api/v1/keys/authorize;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Tollway-Gateway-Key "{gateway_key}";
        }}
    }}
}}
"""


@pytest.fixture
def published(redis: "redis_client.Redis") -> Publisher:
    publisher = Publisher(redis)
    publisher.everything(SPARK)
    return publisher


@pytest.fixture
def gateway_key(published: Publisher) -> KeyToken:
    """The admin key that nginx shows with its questions."""
    account, token = new_account(), new_token("tw", Environment.ADMIN)
    key = replace(account.key, kind="admin", key_id=token.key_id, hash=keyed_hash(token, PEPPER))
    return published.account(replace(account, key=key, token=token)).token


@pytest.fixture
def nginx(live_server: LiveServer, tmp_path: Path, gateway_key: KeyToken) -> Iterator[str]:
    """The address of an nginx that guards a backend with us."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        pytest.skip("nginx is not installed: apt-get install nginx-light")
    port = free_port()
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(
        CONFIGURATION.format(
            folder=tmp_path, port=port, backend=free_port(), portal=live_server.url, gateway_key=gateway_key.text
        )
    )
    log = str(tmp_path / "error.log")
    process = subprocess.Popen([program, "-p", str(tmp_path), "-e", log, "-c", str(configuration)])
    url = f"http://127.0.0.1:{port}"
    wait_until(lambda: answers(url))
    yield url
    process.terminate()
    process.wait(10)


def answers(url: str) -> bool:
    try:
        return httpx2.get(url).status_code > 0
    except httpx2.TransportError:
        return False


def call(nginx: str, account: Account) -> httpx2.Response:
    return httpx2.post(
        f"{nginx}/v1/chat/completions",
        headers={"authorization": f"Bearer {account.token.text}", "x-tollway-organization": "forged"},
        content=b'{"model":"muse-spark"}',
    )


@pytest.mark.django_db(transaction=True)
def test_nginx_lets_good_keys_pass_and_says_whose_they_are(nginx: str, published: Publisher) -> None:
    account = published.account(new_account())

    passed = call(nginx, account)

    assert (passed.status_code, passed.text) == (200, account.organization.id)


@pytest.mark.django_db(transaction=True)
def test_nginx_is_counted_by_its_own_key(nginx: str, published: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rated, "VERIFICATION", Rate("verification", 0))
    account = published.account(new_account())

    assert call(nginx, account).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_nginx_stops_the_others(nginx: str, published: Publisher) -> None:
    account, unknown = published.account(new_account()), new_account()
    published.account(replace(account, key=replace(account.key, status="revoked", version=2)))
    limited = new_account()
    limited = published.account(replace(limited, key=replace(limited.key, scopes=("models",))))

    assert [call(nginx, each).status_code for each in (account, unknown, limited)] == [401, 401, 403]
    assert httpx2.get(f"{nginx}/v1/models").status_code == 401


@pytest.mark.django_db(transaction=True)
def test_keys_bound_to_networks_are_judged_by_the_caller_that_nginx_sees(nginx: str, published: Publisher) -> None:
    here, there = new_account(), new_account()
    here = published.account(replace(here, key=replace(here.key, networks=("127.0.0.0/8",))))
    there = published.account(replace(there, key=replace(there.key, networks=("203.0.113.0/24",))))

    with override_settings(TRUSTED_PROXIES=["127.0.0.1"]):
        statuses = [call(nginx, each).status_code for each in (here, there)]

    assert statuses == [200, 403]
