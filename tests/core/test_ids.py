from datetime import UTC, datetime, timedelta
from uuid import UUID

from core.ids import born_at, first_uuid7_at, named_id, uuid7


def test_an_id_is_a_version_7_uuid_that_knows_its_birth() -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)

    id_ = uuid7()

    assert id_.version == 7
    assert id_.variant == "specified in RFC 4122"
    assert before <= born_at(id_) <= datetime.now(UTC)


def test_ids_of_a_month_lie_between_the_bounds_of_its_partition() -> None:
    now = datetime.now(UTC)

    id_ = uuid7()

    assert first_uuid7_at(now - timedelta(seconds=1)) < id_ < first_uuid7_at(now + timedelta(seconds=1))


def test_ids_do_not_repeat() -> None:
    assert len({uuid7() for _ in range(10_000)}) == 10_000


def test_a_name_has_one_id_for_ever_born_in_no_month() -> None:
    assert named_id("one") == named_id("one") == UUID("ff7a75e4-d3f9-5205-97b5-10bd6ee63728")
    assert named_id("one") != named_id("two")
