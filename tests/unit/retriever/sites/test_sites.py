"""The sites of an index as callers meet them while it is being opened."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from services.retriever.sites.manifest import AccountEntry, Manifest, OpenRevision, SiteProfile
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


def test_the_account_is_kept_in_the_manifest_and_one_without_it_is_still_read() -> None:
    entry = AccountEntry("docs default", "docs.path docs", 1, 3, 2, 1, "1 drafts", "", refuses=False)
    profile = SiteProfile("garden", "https://example.org/", "Garden", (), ("en",), account=(entry,))
    manifest = Manifest("garden", "e", "m", 1.0, open=OpenRevision(1, "me", 60.0, 0.0, profile))
    assert Manifest.from_json(manifest.to_json()) == manifest
    older = json.loads(manifest.to_json())
    del older["open"]["profile"]["account"]
    opened = Manifest.from_json(json.dumps(older)).open
    assert opened is not None
    assert opened.profile.account == ()
