"""Where the agent keeps and counts, in a file and in Redis."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from services.agent.state import State
from services.agent.state.redis import RedisState
from services.agent.state.sqlite import SqliteState
from tests.fakes.redis_server import running_redis


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of the module's own."""
    with running_redis(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(params=["file", "redis"])
async def state(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[State]:
    """Each of both."""
    if request.param == "file":
        opened: State = SqliteState(tmp_path / "state.sqlite")
    else:
        opened = RedisState(request.getfixturevalue("redis_url"), account=tmp_path.name)
    yield opened
    await opened.close()
