"""The table of refusals is whole, and the guide shows it as it is."""

from pathlib import Path

from core.refusals import TABLE, table_as_markdown
from core.verdict import Refusal

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "refusals.md"


def test_every_code_has_its_terms() -> None:
    assert set(TABLE) == set(Refusal)


def test_the_guide_shows_the_table() -> None:
    assert table_as_markdown() in GUIDE.read_text(), "Run `make refusals`."
