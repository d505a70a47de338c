"""The demo's mailbox: mail that was kept as files."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.test import Client, override_settings

from portal.mailbox import kept_mails


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with override_settings(DEMO=True, MAIL_DIR=tmp_path):
        yield tmp_path


def send(folder: Path, *, to: str = "ada@acme.example", subject: str = "Hello", html: str = "") -> None:
    connection = get_connection("django.core.mail.backends.filebased.EmailBackend", file_path=str(folder))
    message = EmailMultiAlternatives(
        subject, "Grüße. Open http://127.0.0.1/accounts/confirm-email/abc:def/ now.", "us@x.example", [to]
    )
    if html:
        message.attach_alternative(html, "text/html")
    message.connection = connection
    message.send()


def test_an_empty_mailbox_says_how_to_fill_it(folder: Path) -> None:
    assert "No mail yet" in Client().get("/mailbox/").content.decode()


def test_the_newest_mail_comes_first(folder: Path) -> None:
    send(folder, subject="First")
    send(folder, subject="Second")

    page = Client().get("/mailbox/").content.decode()

    assert page.index("Second") < page.index("First")


def test_links_in_a_mail_can_be_followed(folder: Path) -> None:
    send(folder)
    (mail,) = kept_mails(folder)

    page = Client().get(f"/mailbox/{mail.id}/").content.decode()

    assert 'href="http://127.0.0.1/accounts/confirm-email/abc:def/"' in page
    assert "Grüße" in page
    assert "ada@acme.example" in page


def test_the_html_of_a_mail_can_do_nothing(folder: Path) -> None:
    send(folder, html="<p style='color: red'>Hi</p><script>alert(1)</script>")
    (mail,) = kept_mails(folder)

    response = Client().get(f"/mailbox/{mail.id}/html/")

    assert "<p style=" in response.content.decode()
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "script-src" not in response.headers["Content-Security-Policy"]
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "sandbox=" in Client().get(f"/mailbox/{mail.id}/").content.decode()


def test_what_a_stranger_writes_is_shown_as_text(folder: Path) -> None:
    send(folder, subject="<script>alert(1)</script>")
    (mail,) = kept_mails(folder)

    for address in ("/mailbox/", f"/mailbox/{mail.id}/"):
        assert "<script>alert" not in Client().get(address).content.decode()


def test_several_mails_in_one_file_are_told_apart(folder: Path) -> None:
    send(folder, subject="One")
    send(folder, subject="Two")
    whole = b"".join(file.read_bytes() for file in sorted(folder.glob("*.log")))
    for file in folder.glob("*.log"):
        file.unlink()
    (folder / "all.log").write_bytes(whole)

    assert sorted(mail.subject for mail in kept_mails(folder)) == ["One", "Two"]


def test_an_unknown_mail_is_not_found(folder: Path) -> None:
    assert Client().get("/mailbox/abc/").status_code == 404
