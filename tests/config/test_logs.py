"""An error that a visitor meets is told to whoever runs the product."""

import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest
from django.test import Client


@pytest.fixture
def output() -> Iterator[StringIO]:
    """Answer what the handler of the root logger writes, instead of standard output."""
    (handler,) = [each for each in logging.getLogger().handlers if each.get_name() == "output"]
    assert isinstance(handler, logging.StreamHandler)
    written = StringIO()
    usual = handler.setStream(written)
    yield written
    handler.setStream(usual)


@pytest.mark.django_db
@pytest.mark.urls("tests.portal.error_urls")
def test_a_broken_page_leaves_its_traceback(client: Client, output: StringIO) -> None:
    client.raise_request_exception = False

    answer = client.get("/broken/")

    assert answer.status_code == 500
    line = json.loads(output.getvalue())
    assert line["level"] == "error"
    assert "/broken/" in line["event"]
    assert "Traceback" in line["exception"]
    assert "at" in line


@pytest.mark.django_db
def test_a_missing_page_is_no_error(client: Client, output: StringIO) -> None:
    client.get("/no-such-page/")

    assert output.getvalue() == ""
