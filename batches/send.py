"""One line, sent through a gateway like any request, on behalf of the key that made the batch."""

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from batches.models import Batch, BatchLine
from core.signed import Purpose, signed

# More than a gateway gives its model server.
ANSWER_SECONDS = 660.0
RECEIPT_SECONDS = 15.0
CONNECT_SECONDS = 5.0
CREDENTIAL_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NoAnswer(Exception):
    """`was_sent`: the gateway may have served it all the same."""

    def __init__(self, *, was_sent: bool) -> None:
        super().__init__("sent, and not answered" if was_sent else "not sent")
        self.was_sent = was_sent


def send_line(batch: Batch, line: BatchLine) -> Answer:
    """Raises NoAnswer."""
    headers = {"content-type": "application/json", **_credential(batch, line)}
    return _call("POST", batch.endpoint, headers, line.body.encode(), seconds=ANSWER_SECONDS)


def receipt_of(batch: Batch, line: BatchLine) -> Answer:
    """What a line was charged, if it was. Raises NoAnswer."""
    path = f"/v1/requests/req_{line.event.hex}/receipt"
    return _call("GET", path, _credential(batch, line), None, seconds=RECEIPT_SECONDS)


def _credential(batch: Batch, line: BatchLine) -> dict[str, str]:
    words = [batch.public_key_id, batch.pk.hex, str(line.number)]
    until = time.time() + CREDENTIAL_SECONDS
    text = signed(Purpose.BATCH_LINE, words, key=settings.BATCH_SIGNING_KEY, until=until)
    version = {"anthropic-version": batch.anthropic_version} if batch.anthropic_version else {}
    return {"authorization": f"Bearer {text}"} | version


def _call(method: str, path: str, headers: Mapping[str, str], body: bytes | None, *, seconds: float) -> Answer:
    """A connection for each call: one that is kept may close as it is used, and nobody knew what became of it."""
    connection = _connection()
    was_sent = False
    try:
        connection.connect()
        was_sent = True
        connection.sock.settimeout(seconds)
        connection.request(method, path, body, {"connection": "close", **headers})
        response = connection.getresponse()
        answered = response.read()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, answered)
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswer(was_sent=was_sent) from error
    finally:
        connection.close()


def _connection() -> Any:
    at = urlsplit(settings.BATCH_GATEWAY_URL)
    kind = http.client.HTTPSConnection if at.scheme == "https" else http.client.HTTPConnection
    return kind(at.hostname or "", at.port, timeout=CONNECT_SECONDS)
