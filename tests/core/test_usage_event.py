from datetime import UTC, datetime

from core.ids import NIL, uuid7
from core.usage import TokenClass, TokenCounts
from core.usage_event import Outcome, UsageEvent


def test_a_row_names_every_token_class_and_nothing_but_json() -> None:
    id_, organization = uuid7(), uuid7()
    event = UsageEvent(
        id=id_,
        organization=organization,
        project=uuid7(),
        key=uuid7(),
        model=uuid7(),
        price_version=uuid7(),
        counts=TokenCounts(input=3, output=4, requests=1),
        amount=5,
        occurred_at=datetime(2026, 4, 8, tzinfo=UTC),
        outcome=Outcome.ABORTED,
    )

    row = event.as_row()

    assert (row["id"], row["organization_id"], row["end_customer_id"]) == (str(id_), str(organization), str(NIL))
    assert (row["occurred_at"], row["outcome"]) == ("2026-04-08T00:00:00+00:00", "aborted")
    assert {name: row[name] for name in TokenClass} == dict.fromkeys(TokenClass, 0) | {
        "input": 3,
        "output": 4,
        "requests": 1,
    }
    assert all(value is None or isinstance(value, (str, int)) for value in row.values())
