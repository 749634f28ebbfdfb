"""The thread store over real databases: an SQLite file always, Postgres where it is installed."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from chatkit.store import NotFoundError
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageItem,
    InferenceOptions,
    SDKHiddenContextItem,
    ThreadMetadata,
    UserMessageItem,
    UserMessageTextContent,
)
from sqlalchemy import Table, inspect, select, update

from gateway.report.__main__ import recorded_remarks, recorded_turns
from gateway.store import database as database_module
from gateway.store.database import _MIGRATIONS, Database, open_database
from gateway.store.surroundings import Surroundings
from gateway.store.tables import feedback, items, surroundings, threads, turns
from gateway.store.thread_store import ThreadStore, new_id
from gateway.store.turn_records import TurnRecord, TurnRecords
from tests.fakes.ports import free_port

ADA = "anonymous:ada"
BOB = "anonymous:bob"
_POSTGRES_BIN = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """A cluster of our own in a folder of its own, thrown away afterwards."""
    if _POSTGRES_BIN is None or shutil.which("setpriv") is None:
        pytest.skip("needs Debian's postgresql: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="docs-chat-postgres-", dir="/tmp"))
    shutil.chown(folder, "postgres")
    port = free_port()
    data = str(folder / "data")
    _as_postgres("initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    _as_postgres("pg_ctl", "-D", data, "-o", options, "-l", str(folder / "log"), "-w", "start")
    yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    _as_postgres("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    shutil.rmtree(folder)


def _as_postgres(program: str, *arguments: str) -> None:
    """Postgres refuses to run as root."""
    assert _POSTGRES_BIN is not None
    drop = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    command = [*drop, str(_POSTGRES_BIN / program), *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/tmp", timeout=60)


@pytest.fixture(params=["sqlite", "postgres"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    configured = request.getfixturevalue("postgres") if request.param == "postgres" else ""
    database = open_database(configured, tmp_path)
    await database.migrate()
    yield database
    for table in (threads, turns):
        await database.run(partial(_empty, table))
    await database.close()


def _empty(table: Table, connection: Any) -> None:
    connection.execute(table.delete())


@pytest.fixture
def store(database: Database) -> ThreadStore:
    return ThreadStore(database)


def a_thread(**fields: Any) -> ThreadMetadata:
    return ThreadMetadata(id=new_id("thr"), created_at=datetime.now(UTC), **fields)


def a_question(thread: ThreadMetadata, text: str, number: int = 0) -> UserMessageItem:
    return UserMessageItem(
        id=f"msg_{number}_{thread.id}",
        thread_id=thread.id,
        created_at=datetime.now(UTC),
        content=[UserMessageTextContent(text=text)],
        inference_options=InferenceOptions(),
    )


async def saved_thread(store: ThreadStore, questions: int = 0) -> ThreadMetadata:
    thread = a_thread()
    await store.save_thread(thread, ADA)
    for number in range(questions):
        await store.add_item(a_question(thread, f"question {number}", number), ADA)
    return thread


async def texts(store: ThreadStore, thread_id: str, **paging: Any) -> list[str]:
    asked = {"after": None, "limit": 100, "order": "asc"} | paging
    page = await store.load_items(thread_id, owner=ADA, **asked)
    return [item.content[0].text for item in page.data]


async def test_a_thread_comes_back_as_it_was_saved(store: ThreadStore) -> None:
    thread = a_thread(title="Grüße 🎉", metadata={"key": [1, None]})
    await store.save_thread(thread, ADA)
    assert await store.load_thread(thread.id, ADA) == thread


async def test_saving_a_thread_twice_changes_it(store: ThreadStore) -> None:
    thread = await saved_thread(store)
    await store.save_thread(thread.model_copy(update={"title": "New"}), ADA)
    assert (await store.load_thread(thread.id, ADA)).title == "New"
    assert len((await store.load_threads(10, None, "desc", ADA)).data) == 1


async def test_items_keep_the_order_of_their_arrival(store: ThreadStore) -> None:
    thread = await saved_thread(store, questions=5)
    assert await texts(store, thread.id) == [f"question {number}" for number in range(5)]
    assert await texts(store, thread.id, order="desc", limit=2) == ["question 4", "question 3"]


async def test_pages_follow_each_other_without_gaps(store: ThreadStore) -> None:
    thread = await saved_thread(store, questions=5)
    seen: list[str] = []
    after: str | None = None
    while True:
        page = await store.load_items(thread.id, after, 2, "asc", ADA)
        seen += [item.id for item in page.data]
        if not page.has_more:
            break
        after = page.after
    assert len(seen) == len(set(seen)) == 5


async def test_the_cursor_is_the_id_of_any_row(store: ThreadStore) -> None:
    thread = await saved_thread(store, questions=3)
    assert await texts(store, thread.id, after=f"msg_0_{thread.id}") == ["question 1", "question 2"]
    with pytest.raises(NotFoundError):
        await texts(store, thread.id, after="msg_gone")


async def test_an_item_written_twice_is_one_item_in_its_place(store: ThreadStore) -> None:
    thread = await saved_thread(store, questions=2)
    await store.add_item(a_question(thread, "changed", 0), ADA)
    assert await texts(store, thread.id) == ["changed", "question 1"]


async def test_every_kind_of_item_comes_back(store: ThreadStore) -> None:
    thread = await saved_thread(store)
    now = datetime.now(UTC)
    answer = AssistantMessageItem(
        id=new_id("msg"),
        thread_id=thread.id,
        created_at=now,
        content=[AssistantMessageContent(text="x" * 100_000)],
    )
    hidden = SDKHiddenContextItem(id="shcx_1", thread_id=thread.id, created_at=now, content="cancelled")
    for item in (answer, hidden):
        await store.add_item(item, ADA)
        assert (await store.load_items(thread.id, None, 1, "desc", ADA)).data == [item]


async def test_nothing_of_a_reader_can_be_reached_by_another(store: ThreadStore) -> None:
    thread = await saved_thread(store, questions=1)
    item_id = f"msg_0_{thread.id}"
    (item,) = (await store.load_items(thread.id, None, 10, "asc", ADA)).data
    for attempt in (
        store.load_thread(thread.id, BOB),
        store.save_thread(thread.model_copy(update={"title": "taken"}), BOB),
        store.begin_thread(thread, a_question(thread, "taken", 9), BOB),
        store.add_question(a_question(thread, "taken", 9), BOB, history=9),
        store.ask_again(thread.id, item_id, BOB, history=9),
        store.load_items(thread.id, None, 10, "asc", BOB),
        store.add_item(item, BOB),
    ):
        with pytest.raises(NotFoundError):
            await attempt
    await store.delete_thread(thread.id, BOB)
    assert await store.delete_all_threads(BOB) == 0
    assert (await store.load_threads(10, None, "desc", BOB)).data == []
    assert await store.load_thread(thread.id, ADA) == thread
    assert await texts(store, thread.id) == ["question 0"]


async def test_a_strangers_item_id_cannot_be_overwritten(store: ThreadStore) -> None:
    thread = await saved_thread(store, questions=1)
    own = ThreadMetadata(id=new_id("thr"), created_at=datetime.now(UTC))
    await store.save_thread(own, BOB)
    with pytest.raises(NotFoundError):
        await store.add_item(a_question(thread, "taken", 0).model_copy(update={"thread_id": own.id}), BOB)
    await store.add_item(a_question(own, "mine"), BOB, replaced_ids=[f"msg_0_{thread.id}"])
    assert await texts(store, thread.id) == ["question 0"]


async def test_deleting_a_thread_takes_its_items_and_thumbs(store: ThreadStore, database: Database) -> None:
    thread = await saved_thread(store, questions=1)
    records = TurnRecords(database, store_texts=False)
    assert await records.give_feedback(thread.id, [f"msg_0_{thread.id}"], "positive", ADA)
    await store.delete_thread(thread.id, ADA)
    with pytest.raises(NotFoundError):
        await store.load_items(thread.id, None, 10, "asc", ADA)
    assert await database.run(lambda connection: connection.execute(select(items)).all()) == []
    assert await database.run(lambda connection: connection.execute(select(feedback)).all()) == []


def around(thread: ThreadMetadata, data: str, number: int = 0) -> Surroundings:
    return Surroundings(thread.id, f"msg_{number}_{thread.id}", data)


async def test_what_surrounds_an_answer_is_kept_with_its_question(store: ThreadStore) -> None:
    thread = await saved_thread(store, questions=2)
    ids = [f"msg_{number}_{thread.id}" for number in range(2)]
    answer = a_question(thread, "answer", 7)
    await store.add_item(answer, ADA, surroundings=around(thread, '{"first": "Grüße 🎉"}'))
    await store.keep_surroundings(around(thread, "{}", 1), ADA)
    assert (await store.load_surroundings(ids, ADA)).turns == {ids[0]: '{"first": "Grüße 🎉"}', ids[1]: "{}"}
    await store.add_item(answer, ADA, surroundings=around(thread, '{"second": 1}'))
    assert (await store.load_surroundings(ids[:1], ADA)).turns == {ids[0]: '{"second": 1}'}


async def test_what_surrounds_an_answer_is_its_readers_alone_and_goes_with_the_question(
    store: ThreadStore, database: Database
) -> None:
    thread = await saved_thread(store, questions=2)
    ids = [f"msg_{number}_{thread.id}" for number in range(2)]
    await store.keep_surroundings(around(thread, "{}"), ADA)
    assert (await store.load_surroundings(ids, BOB)).turns == {}
    await store.keep_surroundings(around(thread, '{"of": "bob"}'), BOB)
    await store.keep_surroundings(Surroundings("thr_other", ids[1], "{}"), ADA)
    await store.keep_surroundings(around(thread, "{}", 99), ADA)  # a question that is gone
    assert (await store.load_surroundings([*ids, f"msg_99_{thread.id}"], ADA)).turns == {ids[0]: "{}"}
    await store.add_item(a_question(thread, "answer", 7), ADA, replaced_ids=ids[:1])
    assert await database.run(lambda connection: connection.execute(select(surroundings)).all()) == []


async def test_tables_can_be_taken_back_and_brought_up_again(store: ThreadStore, database: Database) -> None:
    thread = await saved_thread(store, questions=1)
    await store.keep_surroundings(around(thread, "{}"), ADA)
    await database.run(lambda connection: migrate(connection, "0002"))
    assert await texts(store, thread.id) == ["question 0"]
    await database.migrate()
    assert (await store.load_surroundings([f"msg_0_{thread.id}"], ADA)).turns == {}
    await store.keep_surroundings(around(thread, "{}"), ADA)


def migrate(connection: Any, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(database_module.__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.downgrade(config, revision)


def test_ids_are_long_enough_never_to_meet() -> None:
    assert len(new_id("thr")) == len("thr_") + 32
    assert len({new_id("msg") for _ in range(1000)}) == 1000


async def test_a_conversation_begins_with_its_question(store: ThreadStore) -> None:
    thread = a_thread(title="How?")
    asked = await store.begin_thread(thread, a_question(thread, "How?"), ADA)
    assert asked.earlier == []
    assert await store.load_thread(thread.id, ADA) == thread
    assert await texts(store, thread.id) == ["How?"]


async def test_the_next_question_comes_back_with_the_newest_before_it(store: ThreadStore) -> None:
    thread = await saved_thread(store, questions=5)
    asked = await store.add_question(a_question(thread, "And now?", 5), ADA, history=2)
    assert [item.content[0].text for item in asked.earlier] == ["question 3", "question 4"]
    assert (await texts(store, thread.id))[-1] == "And now?"


async def test_a_question_asked_again_knows_what_stands_around_it(store: ThreadStore) -> None:
    thread = await saved_thread(store, questions=5)
    asked = await store.ask_again(thread.id, f"msg_2_{thread.id}", ADA, history=20)
    assert asked is not None
    assert asked.question.content[0].text == "question 2"
    assert [item.content[0].text for item in asked.earlier] == ["question 0", "question 1"]
    assert asked.later_ids == (f"msg_3_{thread.id}", f"msg_4_{thread.id}")
    assert await store.ask_again(thread.id, "msg_gone", ADA, history=20) is None


async def test_an_item_takes_the_place_of_others_at_once(store: ThreadStore) -> None:
    thread = await saved_thread(store, questions=3)
    replaced = (f"msg_1_{thread.id}", f"msg_2_{thread.id}")
    await store.add_item(a_question(thread, "instead", 3), ADA, replaced_ids=replaced)
    assert await texts(store, thread.id) == ["question 0", "instead"]


async def test_many_readers_write_at_once(store: ThreadStore) -> None:
    thread = await saved_thread(store)
    questions = [a_question(thread, str(number), number) for number in range(60)]
    await asyncio.gather(*(store.add_item(question, ADA) for question in questions))
    assert sorted(map(int, await texts(store, thread.id))) == list(range(60))


async def test_the_last_thumb_counts(store: ThreadStore, database: Database) -> None:
    thread = await saved_thread(store, questions=1)
    records = TurnRecords(database, store_texts=False)
    item_id = f"msg_0_{thread.id}"
    await records.save(TurnRecord("turn-1", "chatkit", thread_id=thread.id, item_id=item_id, question="secret"))
    for kind in ("positive", "negative"):
        assert await records.give_feedback(thread.id, [item_id], kind, ADA)
    assert not await records.give_feedback(thread.id, [item_id], "positive", BOB)
    assert not await records.give_feedback(thread.id, [], "positive", ADA)
    assert await database.run(lambda connection: connection.scalar(select(feedback.c.kind))) == "negative"
    record = await database.run(lambda connection: connection.execute(select(turns)).one())
    assert (record.feedback, record.question) == ("negative", None)


async def test_why_an_answer_did_not_help_is_told_in_the_report_and_goes_with_its_conversation(
    store: ThreadStore, database: Database
) -> None:
    thread = await saved_thread(store, questions=1)
    records, item_id = TurnRecords(database, store_texts=False), f"msg_0_{thread.id}"
    since = datetime.now(UTC) - timedelta(days=1)
    await records.save(TurnRecord("turn-1", "chatkit", item_id=item_id, site="docs", cited_uris=["https://x/a#b"]))
    assert await records.give_feedback(thread.id, [item_id], "negative", ADA, reason="wrong", text="It is 5.")
    (remark,) = await database.run(lambda connection: recorded_remarks(connection, since, "docs"))
    assert (remark.reason, remark.text, remark.section) == ("wrong", "It is 5.", "https://x/a#b")
    assert await database.run(lambda connection: recorded_remarks(connection, since, "other")) == []
    await store.delete_thread(thread.id, ADA)
    assert await database.run(lambda connection: recorded_remarks(connection, since, "")) == []
    (turn,) = await database.run(lambda connection: recorded_turns(connection, since, ""))
    assert (turn.feedback, turn.feedback_reason) == ("negative", "wrong")


async def test_a_later_thumb_takes_the_reason_away(store: ThreadStore, database: Database) -> None:
    thread = await saved_thread(store, questions=1)
    records, item_id = TurnRecords(database, store_texts=False), f"msg_0_{thread.id}"
    assert await records.give_feedback(thread.id, [item_id], "negative", ADA, reason="wrong", text="It is 5.")
    assert await records.give_feedback(thread.id, [item_id], "positive", ADA)
    row = await database.run(lambda connection: connection.execute(select(feedback)).one())
    assert (row.kind, row.reason, row.text) == ("positive", None, None)


def down_and_up_again(connection: Any) -> list[set[str]]:
    """The tables after each step of going back to the first version and forth to the newest."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    seen = []
    for step in (command.downgrade, command.upgrade):
        step(config, "0001" if step is command.downgrade else "head")
        seen.append({column["name"] for column in inspect(connection).get_columns("feedback")})
    return seen


async def test_every_migration_goes_back_and_forth(database: Database) -> None:
    before, after = await database.run(down_and_up_again)
    assert "reason" not in before
    assert after == set(feedback.columns.keys())


async def test_the_report_reads_what_was_recorded(database: Database) -> None:
    records, since = TurnRecords(database, store_texts=True), datetime.now(UTC) - timedelta(days=1)
    await records.save(TurnRecord("old", "chatkit", asked_at=since - timedelta(days=1)))
    await records.save(TurnRecord("other", "chatkit", site="other"))
    await records.save(
        TurnRecord("new", "chatkit", site="docs", cited_uris=["https://x/a#b"], question="How?", model_requests=2)
    )
    (turn,) = await database.run(lambda connection: recorded_turns(connection, since, "docs"))
    assert turn.cited_uris == ("https://x/a#b",)
    assert (turn.question, turn.model_requests) == ("How?", 2)
    assert len(await database.run(lambda connection: recorded_turns(connection, since, ""))) == 2


async def test_old_threads_and_records_are_forgotten(store: ThreadStore, database: Database) -> None:
    records = TurnRecords(database, store_texts=True)
    old, new = await saved_thread(store, questions=1), await saved_thread(store, questions=1)
    long_ago = datetime.now(UTC) - timedelta(days=91)
    await records.save(TurnRecord("old", "chatkit", asked_at=long_ago))
    await records.save(TurnRecord("new", "chatkit"))
    for thread in (old, new):
        await store.keep_surroundings(around(thread, "{}"), ADA)
    age = update(threads).where(threads.c.id == old.id).values(touched_at=long_ago)
    await database.run(lambda connection: connection.execute(age))
    assert await records.forget(threads_days=0, records_days=0) == 0
    assert await records.forget(threads_days=90, records_days=90) == 2
    assert [thread.id for thread in (await store.load_threads(10, None, "desc", ADA)).data] == [new.id]
    kept = await database.run(lambda connection: connection.scalars(select(surroundings.c.question_id)).all())
    assert kept == [f"msg_0_{new.id}"]


async def test_processes_that_start_together_bring_the_tables_up_once(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    databases = [open_database("", tmp_path) for _ in range(3)]
    await asyncio.gather(*(database.migrate() for database in databases))
    for database in databases:
        await ThreadStore(database).load_threads(1, None, "desc", ADA)
        await database.close()


_WRITER = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from chatkit.types import HiddenContextItem, ThreadMetadata
from gateway.report.__main__ import recorded_remarks, recorded_turns
from gateway.store.database import open_database
from gateway.store.thread_store import ThreadStore

async def main():
    ada = "anonymous:ada"
    database = open_database("", Path(sys.argv[1]))
    await database.migrate()
    store = ThreadStore(database)
    await store.save_thread(ThreadMetadata(id="thr_1", created_at=datetime.now(UTC)), ada)
    for number in range(100_000):
        item = HiddenContextItem(id=f"i{number}", thread_id="thr_1", created_at=datetime.now(UTC), content=number)
        await store.add_item(item, ada)
        print(number, flush=True)

asyncio.run(main())
"""


async def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    writer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _WRITER, str(tmp_path), stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert writer.stdout is not None
    acknowledged = -1
    while acknowledged < 25:
        acknowledged = int(await writer.stdout.readline())
    writer.send_signal(signal.SIGKILL)
    rest = (await writer.stdout.read()).split()
    await writer.wait()
    acknowledged = int(rest[-1]) if rest else acknowledged
    database = open_database("", tmp_path)
    await database.migrate()
    page = await ThreadStore(database).load_items("thr_1", None, 100, "desc", ADA)
    assert int(page.data[0].id[1:]) >= acknowledged
    await database.close()
