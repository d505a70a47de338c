"""The mail that this installation has kept as files instead of sending it: the demo's mailbox."""

import email
import email.policy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path

# Django's file backend ends each message with this line.
END = b"-" * 79 + b"\n"


@dataclass(frozen=True, slots=True)
class Mail:
    """`id` names the mail in addresses of pages, for as long as its file exists."""

    id: str
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "")

    @property
    def to(self) -> str:
        return str(self.message["To"] or "")

    @property
    def sender(self) -> str:
        return str(self.message["From"] or "")

    @property
    def at(self) -> datetime | None:
        header = self.message["Date"]
        return header.datetime if header else None

    @property
    def text(self) -> str:
        return self._body("plain")

    @property
    def html(self) -> str:
        return self._body("html")

    def _body(self, kind: str) -> str:
        part = self.message.get_body(preferencelist=(kind,))
        return str(part.get_content()) if part else ""


def kept_mails(folder: Path, *, limit: int = 50) -> Sequence[Mail]:
    """Answer the newest mails first."""
    files = sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime_ns, reverse=True)[:limit]
    return [mail for file in files for mail in reversed(list(_mails_in(file)))][:limit]


def find_mail(folder: Path, id_: str) -> Mail | None:
    return next((mail for mail in kept_mails(folder, limit=1000) if mail.id == id_), None)


def _mails_in(file: Path) -> Iterator[Mail]:
    for raw in file.read_bytes().split(END):
        if raw.strip():
            message = email.message_from_bytes(raw.lstrip(), policy=email.policy.default)
            assert isinstance(message, EmailMessage)
            yield Mail(sha256(raw).hexdigest()[:16], message)
