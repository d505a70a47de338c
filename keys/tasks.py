"""Jobs. Each may run twice at once and any number of times, and ends in one action."""

from celery import shared_task
from django.utils import timezone

from keys import freeze_mail, issue_once, last_uses, leak_mail


@shared_task
def copy_last_uses() -> None:
    last_uses.copy_last_uses()


@shared_task
def forget_idempotent_issues() -> None:
    issue_once.forget_issues(before=timezone.now() - issue_once.KEPT_FOR)


@shared_task
def mail_leak_reports() -> None:
    leak_mail.mail_what_is_left(now=timezone.now())


@shared_task
def mail_freezes() -> None:
    freeze_mail.mail_what_is_left(now=timezone.now())
