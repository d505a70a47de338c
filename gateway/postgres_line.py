"""One prepared statement on one connection to PostgreSQL, whose socket stays registered with the event loop.

psycopg opens the connection. Its own way to wait registers and removes the socket for each statement, and its cursors
cost several times what libpq does: here the answer's one cell comes back as PostgreSQL wrote it.
"""

import asyncio
from collections.abc import Callable
from typing import Any, LiteralString, Self

import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

NAME = b"one"
LOST = "The connection to PostgreSQL was lost."
UNUSABLE = "The connection to PostgreSQL has a statement that nobody waits for."


class PostgresLine:
    """`ask` is for one task at a time. A line that `is_lost` stays so: close it and open another."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self._connection = connection
        self._libpq = connection.pgconn
        self._socket = connection.pgconn.socket
        self._loop = asyncio.get_running_loop()
        self._asked: asyncio.Future[bytes | None] | None = None
        self._result: PGresult | None = None
        self._is_writing = False
        self.is_lost = False

    @classmethod
    async def open(cls, url: str, statement: str, *, first: LiteralString, **settings: Any) -> Self:
        """Run `first` once, and prepare the statement. Raises `psycopg.Error`."""
        connection = await psycopg.AsyncConnection.connect(url, autocommit=True, client_encoding="utf8", **settings)
        line = cls(connection)
        try:
            await connection.execute(first)
            line._loop.add_reader(line._socket, line._readable)
            await line._sent(lambda: line._libpq.send_prepare(NAME, statement.encode()))
        except BaseException:
            await line.close()
            raise
        return line

    async def ask(self, word: bytes, *, seconds: float) -> bytes | None:
        """Run the statement with its one parameter, as text; answer the first cell, None for NULL or for no row.

        Its transaction is committed then. Raises `psycopg.Error`, and TimeoutError, which leaves the line unusable.
        """
        late = self._loop.call_later(seconds, self._fail, TimeoutError(f"no answer in {seconds:g} seconds"))
        try:
            return await self._sent(lambda: self._libpq.send_query_prepared(NAME, [word]))
        finally:
            late.cancel()

    async def close(self) -> None:
        self._lose(psycopg.OperationalError(LOST))
        await self._connection.close()

    async def _sent(self, send: Callable[[], None]) -> bytes | None:
        if self.is_lost or self._asked is not None:
            raise psycopg.OperationalError(LOST if self.is_lost else UNUSABLE)
        self._result = None
        asked: asyncio.Future[bytes | None] = self._loop.create_future()
        self._asked = asked
        send()
        self._write()
        # Where the caller is cancelled, `_asked` stays: the answer that comes later is nobody else's.
        cell = await asked
        self._asked = None
        return cell

    def _write(self) -> None:
        """What libpq can't write at once is written as the socket takes it."""
        try:
            is_left = bool(self._libpq.flush())
        except psycopg.Error as error:
            self._lose(error)
            return
        if is_left and not self._is_writing:
            self._loop.add_writer(self._socket, self._write)
        elif self._is_writing and not is_left:
            self._loop.remove_writer(self._socket)
        self._is_writing = is_left

    def _readable(self) -> None:
        try:
            self._libpq.consume_input()
            while not self._libpq.is_busy():
                result = self._libpq.get_result()
                if result is None:
                    self._end()
                    return
                self._result = result
        except psycopg.Error as error:
            self._lose(error)

    def _end(self) -> None:
        """All of the answer is there; or something came that nobody asked for, such as a notice."""
        asked, result = self._asked, self._result
        if asked is None or asked.done() or result is None:
            return
        if result.status == ExecStatus.TUPLES_OK:
            asked.set_result(result.get_value(0, 0) if result.ntuples else None)
        elif result.status == ExecStatus.COMMAND_OK:
            asked.set_result(None)
        else:
            self._fail(error_from_result(result))
            self._asked = None

    def _fail(self, error: Exception) -> None:
        if self._asked is not None and not self._asked.done():
            self._asked.set_exception(error)

    def _lose(self, error: psycopg.Error) -> None:
        if not self.is_lost:
            self.is_lost = True
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
        self._fail(error)
