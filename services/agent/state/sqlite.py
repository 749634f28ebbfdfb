"""Quota counters, answers and what was learnt of models in one embedded file, which survives restarts.

Processes of one machine may share it.
"""

import asyncio
import sqlite3
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from services.agent.models.traits import KEPT_S
from services.agent.quota.counting import (
    MINUTE_S,
    Claim,
    HolderUse,
    Permit,
    QuotaSnapshot,
    Refusal,
    day_name,
    days_before,
    share_of,
)
from services.runtime.private_files import private_folder, private_sqlite

_Result = TypeVar("_Result")

_TABLES = """
CREATE TABLE IF NOT EXISTS requests (sent_at REAL NOT NULL, id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS days (day TEXT PRIMARY KEY, used INTEGER NOT NULL, day_limit INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS holder_requests (id TEXT PRIMARY KEY, holder TEXT NOT NULL, sent_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS holder_days (day TEXT, holder TEXT, used INTEGER NOT NULL, PRIMARY KEY (day, holder));
CREATE TABLE IF NOT EXISTS busiest_holders (day TEXT PRIMARY KEY, used INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS holds (name TEXT PRIMARY KEY, until REAL NOT NULL);
CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, value BLOB NOT NULL, written_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS traits (model TEXT PRIMARY KEY, value BLOB NOT NULL, written_at REAL NOT NULL);
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

    async def reserve(self, now: float, claim: Claim) -> Permit | Refusal:
        def work() -> Permit | Refusal:
            self._forget_the_past(now)
            if refusal := self._refusal(now, claim):
                return refusal
            permit = Permit(uuid.uuid4().hex, now, claim.holder)
            self._file.execute("INSERT INTO requests VALUES (?, ?)", (now, permit.id))
            self._count_today(now, 1)
            if claim.holder:
                self._file.execute("INSERT INTO holder_requests VALUES (?, ?, ?)", (permit.id, claim.holder, now))
                self._count_holder(now, claim.holder, 1)
            return permit

        return await self._run(work)

    async def give_back(self, permit: Permit) -> None:
        def work() -> None:
            if self._file.execute("DELETE FROM requests WHERE id = ?", (permit.id,)).rowcount:
                self._count_today(permit.granted_at, -1)
            if self._file.execute("DELETE FROM holder_requests WHERE id = ?", (permit.id,)).rowcount:
                self._count_holder(permit.granted_at, permit.holder, -1)

        await self._run(work)

    async def snapshot(self, now: float, holders: Sequence[str] = ()) -> QuotaSnapshot:
        return await self._run(lambda: self._read(now, holders))

    async def others_before(self, now: float) -> tuple[int, ...]:
        def work() -> tuple[int, ...]:
            rows = self._file.execute(
                "SELECT days.used - COALESCE(busiest_holders.used, 0) FROM days LEFT JOIN busiest_holders USING (day) "
                "WHERE days.used > 0 AND day >= ? AND day < ?",
                (days_before(now)[-1], day_name(now)),
            )
            return tuple(row[0] for row in rows)

        return await self._run(work)

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

    async def read_traits(self, now: float) -> Mapping[str, bytes]:
        """What was learnt of each model and is not too old."""

        def work() -> dict[str, bytes]:
            return dict(self._file.execute("SELECT model, value FROM traits WHERE written_at > ?", (now - KEPT_S,)))

        return await self._run(work)

    async def write_traits(self, model: str, value: bytes, now: float) -> None:
        """Keep what was learnt of a model and forget what is too old."""

        def work() -> None:
            self._file.execute("INSERT OR REPLACE INTO traits VALUES (?, ?, ?)", (model, value, now))
            self._file.execute("DELETE FROM traits WHERE written_at <= ?", (now - KEPT_S,))

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

    def _refusal(self, now: float, claim: Claim) -> Refusal | None:
        used, day_limit = self._today(now)
        limit = day_limit or claim.per_day
        held = max(self._hold("minute"), self._hold("day")) > now
        if held or used >= limit - claim.reserve or self._rows("requests") >= claim.per_minute:
            return Refusal.ACCOUNT
        if not claim.holder:
            return None
        if self._rows("holder_requests", claim.holder) >= share_of(claim.per_minute, claim.minute_share):
            return Refusal.MINUTE_SHARE
        its = self._today_of(now, claim.holder)
        return Refusal.DAY_SHARE if its >= share_of(limit, claim.day_share) else None

    def _rows(self, table: str, holder: str = "") -> int:
        """Requests of this minute, of all or of one network; older ones have just been forgotten."""
        where, values = ("WHERE holder = ?", (holder,)) if holder else ("", ())
        row = self._file.execute(f"SELECT COUNT(*) FROM {table} {where}", values).fetchone()  # noqa: S608  # our names
        return int(row[0])

    def _today(self, now: float) -> tuple[int, int]:
        """Requests of today, and the day's limit as the provider told it, 0 while it has not."""
        row = self._file.execute("SELECT used, day_limit FROM days WHERE day = ?", (day_name(now),)).fetchone()
        return row or (0, 0)

    def _today_of(self, now: float, holder: str) -> int:
        day = (day_name(now), holder)
        row = self._file.execute("SELECT used FROM holder_days WHERE day = ? AND holder = ?", day).fetchone()
        return row[0] if row else 0

    def _read(self, now: float, holders: Sequence[str] = ()) -> QuotaSnapshot:
        since = now - MINUTE_S
        sent = self._file.execute("SELECT sent_at FROM requests WHERE sent_at > ? ORDER BY 1", (since,))
        moments = tuple(row[0] for row in sent)
        used, day_limit = self._today(now)
        return QuotaSnapshot(
            sent=moments,
            used_today=used,
            day_limit=day_limit,
            minute_held_until=self._hold("minute"),
            day_blocked_until=self._hold("day"),
            holders={holder: self._use(now, holder) for holder in holders},
        )

    def _use(self, now: float, holder: str) -> HolderUse:
        sent = self._file.execute(
            "SELECT sent_at FROM holder_requests WHERE holder = ? AND sent_at > ? ORDER BY 1", (holder, now - MINUTE_S)
        )
        return HolderUse(tuple(row[0] for row in sent), self._today_of(now, holder))

    def _forget_the_past(self, now: float) -> None:
        # A clock that was set back must not leave requests of the future behind.
        for table in ("requests", "holder_requests"):
            self._file.execute(
                f"DELETE FROM {table} WHERE sent_at <= ? OR sent_at > ?",  # noqa: S608  # the names above
                (now - MINUTE_S, now + MINUTE_S),
            )
        self._file.execute("DELETE FROM holder_days WHERE day < ?", (day_name(now),))  # who asked ends with the day

    def _count_holder(self, now: float, holder: str, by: int) -> None:
        self._file.execute(
            "INSERT INTO holder_days VALUES (?, ?, MAX(0, ?)) ON CONFLICT DO UPDATE SET used = MAX(0, used + ?)",
            (day_name(now), holder, by, by),
        )
        self._file.execute(
            "INSERT OR REPLACE INTO busiest_holders SELECT day, MAX(used) FROM holder_days WHERE day = ? GROUP BY day",
            (day_name(now),),
        )

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
        for table in ("days", "busiest_holders"):
            self._file.execute(f"DELETE FROM {table} WHERE day < ?", (days_before(now)[-1],))  # noqa: S608  # as above

    def _hold(self, name: str) -> float:
        row = self._file.execute("SELECT until FROM holds WHERE name = ?", (name,)).fetchone()
        return float(row[0]) if row else 0.0

    def _set_hold(self, name: str, until: float) -> None:
        self._file.execute("INSERT OR REPLACE INTO holds VALUES (?, ?)", (name, until))
