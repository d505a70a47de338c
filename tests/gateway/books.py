"""What PostgreSQL knows of an organization's usage, read past the ORM."""

from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from core.money import PICOS_PER_MICRO


class Books:
    def __init__(self, url: str) -> None:
        self.url = url

    def fund(self, organization: UUID, *, micros: int) -> None:
        query = "INSERT INTO usage_wallet (organization_id, credit) VALUES (%s, %s)"
        self._run(query, [organization, micros * PICOS_PER_MICRO])

    def events(self, organization: UUID) -> list[dict[str, Any]]:
        return self._run("SELECT * FROM usage_event WHERE organization_id = %s ORDER BY id", [organization])

    def spent(self, organization: UUID) -> int:
        """Picodollars."""
        return int(self._run("SELECT spent FROM usage_wallet WHERE organization_id = %s", [organization])[0]["spent"])

    def version(self, organization: UUID) -> int:
        return int(
            self._run("SELECT version FROM usage_wallet WHERE organization_id = %s", [organization])[0]["version"]
        )

    def _run(self, query: str, values: list[Any]) -> list[dict[str, Any]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.cursor(row_factory=dict_row).execute(query, values)
            return cursor.fetchall() if cursor.description else []
