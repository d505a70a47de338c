"""Files are bounded, one by one and all of a project's together; they end when their day has come."""

from datetime import timedelta

import openai
import pytest
from django.utils import timezone
from pytest_django import Settings

from batches.content import CHUNK
from batches.forget import forget_old
from batches.models import Batch, File, FileChunk
from tests.batches.conftest import Developer, work
from tests.batches.test_openai_batches import chat, send


def test_a_file_that_is_too_large_is_refused(developer: Developer, settings: Settings) -> None:
    settings.FILE_MAX_BYTES = 1_000

    with pytest.raises(openai.APIStatusError, match=r"larger than 1,000 bytes") as refused:
        developer.openai.files.create(file=("in.jsonl", b"x" * 1_001), purpose="batch")

    assert (refused.value.status_code, refused.value.param) == (413, "file")
    assert File.objects.count() == 0


def test_a_projects_files_are_bounded_together(developer: Developer, settings: Settings) -> None:
    settings.PROJECT_FILES_MAX_BYTES = 1_500
    developer.openai.files.create(file=("in.jsonl", b"x" * 1_000), purpose="batch")

    with pytest.raises(openai.APIStatusError, match=r"1,000 of 1,500 bytes"):
        developer.openai.files.create(file=("in.jsonl", b"x" * 1_000), purpose="batch")


def test_a_file_of_many_chunks_is_one(developer: Developer) -> None:
    data = bytes(range(256)) * (CHUNK // 100)

    file = developer.openai.files.create(file=("in.jsonl", data), purpose="batch")

    assert FileChunk.objects.count() == 3
    assert developer.openai.files.content(file.id).read() == data


def test_files_and_batches_are_forgotten_when_their_day_has_come(developer: Developer) -> None:
    batch = work(send(developer, chat("a")).id)

    forget_old(now=timezone.now() + timedelta(days=29))
    assert (File.objects.count(), Batch.objects.count()) == (2, 1)
    forget_old(now=timezone.now() + timedelta(days=31))

    assert (File.objects.count(), FileChunk.objects.count(), Batch.objects.filter(pk=batch.pk).count()) == (0, 0, 0)


def test_a_batch_has_so_many_lines_at_most(developer: Developer, settings: Settings) -> None:
    settings.BATCH_MAX_LINES = 2

    batch = work(send(developer, *(chat(str(n)) for n in range(3))).id)

    assert batch.status == "failed"
    assert batch.errors[0]["code"] == "too_many_requests"
