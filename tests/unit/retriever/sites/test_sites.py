"""The sites of an index as callers meet them while it is being opened."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from services.retriever.sites.manifest import SiteProfile
from services.retriever.sites.sites import Sites
from services.retriever.writing.revisions import Revisions
from services.runtime.errors import SiteNotFound

PROFILE = SiteProfile("garden", "https://example.org/", "Garden", (), ("en",))


async def test_a_call_that_comes_before_the_index_is_opened_waits_for_it(
    make_sites: Callable[..., Sites], engine: Any
) -> None:
    before: Sites = make_sites()
    await before.open_all()
    _, opened = await Revisions(before).begin(PROFILE, "test")
    await Revisions(before).publish("garden", opened.number)
    engine.unusable.add("garden")
    sites: Sites = make_sites()
    early = asyncio.create_task(sites.published("garden"))
    await asyncio.sleep(0)
    await sites.open_all()
    with pytest.raises(SiteNotFound, match="set aside"):
        await early
