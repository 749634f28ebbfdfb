"""Quota counters and answers in one embedded file: they survive restarts, and processes of one machine may share it."""

import asyncio
import sqlite3
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from services.agent.quota import MINUTE_S, Permit, QuotaSnapshot, day_name
from services.runtime.private_files import private_folder, private_sqlite

_Result = TypeVar("_Result")

_TABLES = """
CREATE TABLE IF NOT EXISTS requests (sent_at REAL NOT NULL, id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS days (day TEXT PRIMARY KEY, used INTEGER NOT NULL, day_limit INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS holds (name TEXT PRIMARY KEY, until REAL NOT NULL);
CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, value BLOB NOT NULL, written_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS answers_by_age ON answers (written_at);
"""


class SqliteState:
    """The file; one thread of its own works on it, so that the event loop never waits for the disk.

    Args:
        path: Where; folders are made.
        max_answers: Answers kept, the oldest forgotten first.
        max_age_s: Age at which an answer is forgotten.
    """

    def __init__(self, path: Path, *, max_answers: int = 2000, max_age_s: float = 7 * 86_400) -> None:
        private_folder(path.parent)  # answers stand in it, and with them what readers asked
        self._max_answers = max_answers
        self._max_age_s = max_age_s
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="agent-state")
        self._file = sqlite3.connect(private_sqlite(path), check_same_thread=False, isolation_level=None, timeout=5)
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute("PRAGMA synchronous=NORMAL")
        self._file.executescript(_TABLES)

    async def reserve(self, now: float, per_minute: int, per_day: int, reserve: int) -> Permit | None:
        def work() -> Permit | None:
            self._forget_old_requests(now)
            snapshot = self._read(now)
            day_full = snapshot.used_today >= (snapshot.day_limit or per_day) - reserve
            held = max(self._hold("minute"), snapshot.day_blocked_until) > now
            if held or day_full or snapshot.used_this_minute >= per_minute:
                return None
            permit = Permit(uuid.uuid4().hex, now)
            self._file.execute("INSERT INTO requests VALUES (?, ?)", (now, permit.id))
            self._count_today(now, 1)
            return permit

        return await self._run(work)

    async def give_back(self, permit: Permit) -> None:
        def work() -> None:
            if self._file.execute("DELETE FROM requests WHERE id = ?", (permit.id,)).rowcount:
                self._count_today(permit.granted_at, -1)

        await self._run(work)

    async def snapshot(self, now: float) -> QuotaSnapshot:
        return await self._run(lambda: self._read(now))

    async def hold_minute(self, until: float) -> None:
        await self._run(lambda: self._set_hold("minute", until))

    async def hold_day(self, now: float, until: float, day_limit: int) -> None:
        def work() -> None:
            self._set_hold("day", until)
            if day_limit:
                self._tell_day(now, 0, day_limit)

        await self._run(work)

    async def correct_day(self, now: float, used: int, day_limit: int) -> None:
        await self._run(lambda: self._tell_day(now, used, day_limit))

    async def read_answer(self, key: str, now: float) -> bytes | None:
        """The answer kept under a key, or None."""

        def work() -> bytes | None:
            oldest = now - self._max_age_s
            row = self._file.execute(
                "SELECT value FROM answers WHERE key = ? AND written_at > ?", (key, oldest)
            ).fetchone()
            return row[0] if row else None

        return await self._run(work)

    async def write_answer(self, key: str, value: bytes, now: float) -> None:
        """Keep an answer and forget what is too old or too much."""

        def work() -> None:
            self._file.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", (key, value, now))
            self._file.execute("DELETE FROM answers WHERE written_at <= ?", (now - self._max_age_s,))
            self._file.execute(
                "DELETE FROM answers WHERE key IN (SELECT key FROM answers ORDER BY written_at DESC LIMIT -1 OFFSET ?)",
                (self._max_answers,),
            )

        await self._run(work)

    async def close(self) -> None:
        """Finish what is being written."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._file.close)
        self._thread.shutdown()

    async def _run(self, work: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._in_transaction, work)

    def _in_transaction(self, work: Callable[[], _Result]) -> _Result:
        self._file.execute("BEGIN IMMEDIATE")  # two processes must not both take the last request
        try:
            result = work()
        except BaseException:
            self._file.execute("ROLLBACK")
            raise
        self._file.execute("COMMIT")
        return result

    def _read(self, now: float) -> QuotaSnapshot:
        sent = [
            row[0]
            for row in self._file.execute(
                "SELECT sent_at FROM requests WHERE sent_at > ? ORDER BY 1", (now - MINUTE_S,)
            )
        ]
        today = self._file.execute("SELECT used, day_limit FROM days WHERE day = ?", (day_name(now),)).fetchone()
        used, day_limit = today or (0, 0)
        return QuotaSnapshot(
            used_this_minute=len(sent),
            used_today=used,
            day_limit=day_limit,
            minute_free_at=max(self._hold("minute"), sent[0] + MINUTE_S if sent else 0.0),
            day_blocked_until=self._hold("day"),
        )

    def _forget_old_requests(self, now: float) -> None:
        # A clock that was set back must not leave requests of the future behind.
        self._file.execute("DELETE FROM requests WHERE sent_at <= ? OR sent_at > ?", (now - MINUTE_S, now + MINUTE_S))

    def _count_today(self, now: float, by: int) -> None:
        self._tell_day(now, 0, 0)
        self._file.execute("UPDATE days SET used = MAX(0, used + ?) WHERE day = ?", (by, day_name(now)))

    def _tell_day(self, now: float, used: int, day_limit: int) -> None:
        """Raise today's count to `used`; a told limit replaces the one known."""
        self._file.execute(
            "INSERT INTO days VALUES (?, ?, ?) ON CONFLICT (day) DO UPDATE SET used = MAX(used, excluded.used), "
            "day_limit = CASE WHEN excluded.day_limit > 0 THEN excluded.day_limit ELSE day_limit END",
            (day_name(now), used, day_limit),
        )
        self._file.execute("DELETE FROM days WHERE day < ?", (day_name(now - 7 * 86_400),))

    def _hold(self, name: str) -> float:
        row = self._file.execute("SELECT until FROM holds WHERE name = ?", (name,)).fetchone()
        return float(row[0]) if row else 0.0

    def _set_hold(self, name: str, until: float) -> None:
        self._file.execute("INSERT OR REPLACE INTO holds VALUES (?, ?)", (name, until))
