"""One database: an SQLite file by default, Postgres by URL; brought up to date before it is used.

Work is a plain function of a connection, run in one transaction. For SQLite it runs in a thread of its own: one hop per
transaction instead of one per step (0.4 ms instead of 3 ms), and no two writers ever meet. For Postgres the same
function runs on an async connection.
"""

import asyncio
import contextlib
import fcntl
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol, TypeVar

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, StaticPool, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from services.runtime.private_files import private_file, private_folder, private_sqlite

_MIGRATIONS = Path(__file__).parent / "migrations"
_ADVISORY_LOCK = 7_362_184_411  # any number, the same for every replica
_Result = TypeVar("_Result")
Work = Callable[[Connection], _Result]


class Database(Protocol):
    """Where the gateway keeps what it remembers."""

    async def run(self, work: Work[_Result]) -> _Result:
        """Run the work in a transaction; its writes are durable when this returns."""
        ...

    def upsert(self, table: Any) -> Any:
        """An INSERT with ON CONFLICT, in the dialect of the database."""
        ...

    async def migrate(self) -> None:
        """Create or update the tables; processes that start together take turns."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...


def open_database(url: str, data_dir: Path) -> Database:
    """The database of a URL; without one, the SQLite file in `data_dir`, created when missing.

    Raises:
        ValueError: If the URL is of another kind of database.
    """
    if not url:
        return SqliteDatabase(private_folder(data_dir) / "docs-chat.sqlite3")
    parsed = make_url(url)
    if parsed.get_backend_name() in ("postgresql", "postgres"):
        return PostgresDatabase(parsed.set(drivername="postgresql+asyncpg").render_as_string(hide_password=False))
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        return SqliteDatabase(Path(parsed.database))
    raise ValueError(
        f"GATEWAY_DATABASE_URL names a {parsed.get_backend_name()} database; it must be postgresql or sqlite"
    )


class SqliteDatabase:
    """A file, for one gateway process.

    Args:
        path: The file; created when missing. Migrating makes it readable by our own user alone.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = create_engine(f"sqlite:///{path}", poolclass=StaticPool, connect_args={"timeout": 15})
        event.listen(self._engine, "connect", _prepare_sqlite)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite")

    async def run(self, work: Work[_Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._transaction, work)

    def upsert(self, table: Any) -> Any:
        return sqlite.insert(table)

    async def migrate(self) -> None:
        def locked(connection: Connection) -> None:
            with private_file(Path(f"{self._path}.lock")).open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                _upgrade(connection)
                connection.commit()  # before the next process gets its turn

        await asyncio.to_thread(private_sqlite, self._path)
        await self.run(locked)

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
        self._thread.shutdown()

    def _transaction(self, work: Work[_Result]) -> _Result:
        with self._engine.begin() as connection:
            return work(connection)


class PostgresDatabase:
    """A server, for any number of gateway processes.

    Args:
        url: `postgresql+asyncpg://…`.
    """

    def __init__(self, url: str) -> None:
        self._engine = create_async_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True)

    async def run(self, work: Work[_Result]) -> _Result:
        async with self._engine.begin() as connection:
            return await connection.run_sync(work)

    def upsert(self, table: Any) -> Any:
        return postgresql.insert(table)

    async def migrate(self) -> None:
        def locked(connection: Connection) -> None:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
            _upgrade(connection)

        await self.run(locked)

    async def close(self) -> None:
        await self._engine.dispose()


@contextlib.asynccontextmanager
async def migrated(database: Database) -> AsyncIterator[Database]:
    """The database with its tables up to date, closed afterwards.

    Raises:
        RuntimeError: If it cannot be reached or written to.
    """
    try:
        await _migrate_or_explain(database)
        yield database
    finally:
        await database.close()


async def _migrate_or_explain(database: Database) -> None:
    try:
        await database.migrate()
    except (OSError, SQLAlchemyError) as error:
        where = "look at GATEWAY_DATABASE_URL (empty: a file in GATEWAY_DATA_DIR)"
        raise RuntimeError(f"the database cannot be opened ({type(error).__name__}): {where}") from error


def ping(connection: Connection) -> None:
    """Work that fails unless the database answers."""
    connection.execute(text("SELECT 1"))


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")  # others may read the file while we write
    cursor.execute("PRAGMA synchronous=NORMAL")  # survives a killed process; a power cut may lose the last moments
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _upgrade(connection: Connection) -> None:
    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
