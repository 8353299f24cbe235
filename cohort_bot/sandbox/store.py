"""SQLite behind a small session: many readers, one writer, one transaction per request."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, LifoQueue
from threading import RLock
from typing import Any

Row = dict[str, Any]
SCHEMA = Path(__file__).with_name("schema.sql")


class Session:
    """One request's view of the store. Values are always bound; only names of our own appear in SQL text."""

    def __init__(self, connection: sqlite3.Connection, store: Store) -> None:
        self._db = connection
        self._store = store
        self._reading = False

    def one(self, sql: str, *values: object) -> Row | None:
        """The first row, or None."""
        row: Row | None = self._db.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, *values: object) -> list[Row]:
        """Every row."""
        return self._db.execute(sql, values).fetchall()

    def value(self, sql: str, *values: object) -> Any:
        """The first column of the first row, or None."""
        row = self.one(sql, *values)
        return next(iter(row.values())) if row else None

    def run(self, sql: str, *values: object) -> int:
        """Carry out a change; the number of rows it touched."""
        return self._db.execute(sql, values).rowcount

    def insert(self, table: str, **columns: object) -> int:
        """A new row; its id."""
        marks = ", ".join("?" * len(columns))
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - names are ours
        return self._db.execute(sql, tuple(columns.values())).lastrowid or 0

    def update(self, table: str, row_id: int, **columns: object) -> None:
        """Change columns of the row with that id."""
        if columns:
            sets = ", ".join(f"{name} = ?" for name in columns)
            sql = f"UPDATE {table} SET {sets} WHERE id = ?"  # noqa: S608 - names are ours
            self._db.execute(sql, (*columns.values(), row_id))

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Everything inside sees one and the same state."""
        if self._db.in_transaction:
            yield
            return
        self._db.execute("BEGIN")
        self._reading = True
        try:
            yield
        finally:
            self._reading = False
            self._db.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Everything inside is kept together or not at all; other writers wait. May be nested."""
        if self._reading:
            raise RuntimeError("what is written while reading would be lost; see Session.apart")
        with self._store.lock:
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    @contextmanager
    def apart(self) -> Iterator[Session]:
        """A session to write with from within a read, kept at once whatever becomes of the request.

        Inside a write it is this very session. What it writes shows in this request only to who asks `apart`.
        """
        if not self._reading:
            with self.writing():
                yield self
            return
        with self._store.session() as other, other.writing():
            yield other

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What fails inside is undone alone; the transaction around it goes on."""
        self._db.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK TO part")
            self._db.execute("RELEASE part")
            raise
        self._db.execute("RELEASE part")


class Store:
    """The database file and its connections."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.lock = RLock()
        self._idle: LifoQueue[sqlite3.Connection] = LifoQueue()
        connection = self._connect()
        connection.executescript(SCHEMA.read_text(encoding="utf-8"))
        self._idle.put(connection)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, isolation_level=None, check_same_thread=False, timeout=30, cached_statements=512
        )
        connection.row_factory = _as_dict
        connection.execute("PRAGMA journal_mode = WAL")
        # NORMAL survives kill -9 of the process, which is what is promised; only a power cut could lose the
        # last commits.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session for one request; its connection goes back to the pool afterwards."""
        try:
            connection = self._idle.get_nowait()
        except Empty:
            connection = self._connect()
        try:
            yield Session(connection, self)
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            self._idle.put(connection)

    def close(self) -> None:
        """Close every idle connection."""
        while not self._idle.empty():
            self._idle.get_nowait().close()


def _as_dict(cursor: sqlite3.Cursor, values: tuple[object, ...]) -> Row:
    return {column[0]: value for column, value in zip(cursor.description, values, strict=True)}
