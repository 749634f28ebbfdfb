"""`POST /hooks/site` over real HTTP, before an ingestion service on a real port."""

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from docs_chat.ingest.v1 import ingest_service_pb2 as pb
from docs_chat.ingest.v1 import ingest_service_pb2_grpc as rpc
from pydantic import ValidationError

from gateway.settings import GatewaySettings
from services.runtime.errors import RevisionConflict, ServiceError, SuspiciousSource
from services.runtime.server import GrpcServer, running
from services.runtime.settings import ServiceSettings
from tests.fakes.gateway_world import gateway_before

SECRET = "secret-of-the-host-of-at-least-32-characters"
ENCODED = "whsec_" + base64.b64encode(b"key of a host that speaks the standard").decode()
HOOKS = {
    "hook_sites": "docs=/srv/docs,api=/srv/api.zip",
    "hook_secrets": f"docs={SECRET},docs={ENCODED},api=another-secret-of-at-least-32-characters",
}
BODY = b'{"ref": "refs/heads/main", "path": "/etc"}'


class ScriptedIngest(rpc.IngestServiceServicer):
    """Goes on when it is told to, and fails as often as it is told."""

    def __init__(self) -> None:
        self.sources: list[pb.SiteSource] = []
        self.failures: list[ServiceError] = []
        self.go_on = asyncio.Event()
        self.began = asyncio.Event()
        self.cancelled = asyncio.Event()

    async def IngestSite(self, request: pb.IngestSiteRequest, context: Any) -> AsyncIterator[pb.IngestSiteResponse]:
        self.sources.append(request.source)
        self.began.set()
        if self.failures:
            raise self.failures.pop(0)
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        yield pb.IngestSiteResponse(summary=pb.IngestSummary(pages_changed=2, pages_unchanged=5, published=True))


@pytest.fixture
async def ingest() -> AsyncIterator[ScriptedIngest]:
    servicer = ScriptedIngest()
    server = GrpcServer(
        "ingest",
        ServiceSettings(_env_file=None, port=0),
        ["docs_chat.ingest.v1.IngestService"],
        lambda server: rpc.add_IngestServiceServicer_to_server(servicer, server),
    )
    async with running(server):
        servicer.target = f"127.0.0.1:{server.port}"  # type: ignore[attr-defined]
        yield servicer


@pytest.fixture
async def host(start_gateway: Any, ingest: Any) -> Any:
    return await start_gateway(ingest_target=ingest.target, **HOOKS)


def as_github(body: bytes = BODY, secret: str = SECRET) -> dict[str, str]:
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def as_standard(key: bytes, *, number: str = "msg_1", age_s: float = 0, body: bytes = BODY) -> dict[str, str]:
    sent_at = str(int(time.time() - age_s))
    signature = hmac.new(key, f"{number}.{sent_at}.".encode() + body, hashlib.sha256).digest()
    shown = "v1,bm9uZQ== v1," + base64.b64encode(signature).decode()
    return {"webhook-id": number, "webhook-timestamp": sent_at, "webhook-signature": shown}


async def ended(host: httpx.AsyncClient, run: dict[str, Any]) -> dict[str, Any]:
    while (told := (await host.get(run["status"])).json())["state"] not in ("done", "failed"):
        await asyncio.sleep(0.01)
    return told


@pytest.mark.parametrize(
    "headers",
    [
        as_github,
        lambda: as_standard(SECRET.encode()),
        lambda: as_standard(base64.b64decode(ENCODED.removeprefix("whsec_"))),
    ],
    ids=["github", "standard-webhooks-with-a-text", "standard-webhooks"],
)
async def test_a_signed_request_indexes_what_the_settings_name_and_nothing_else(
    host: Any, ingest: Any, headers: Callable[[], dict[str, str]]
) -> None:
    ingest.go_on.set()
    answer = await host.post("/hooks/site?site=docs", content=BODY, headers=headers())
    assert (answer.status_code, answer.json()["site"]) == (202, "docs")
    told = await ended(host, answer.json())
    assert (told["state"], told["published"], told["pages_changed"]) == ("done", True, 2)
    assert [(source.site, source.path) for source in ingest.sources] == [("docs", "/srv/docs")]


@pytest.mark.parametrize(
    ("site", "headers"),
    [
        ("docs", dict),
        ("docs", lambda: {"X-Hub-Signature-256": "sha256="}),
        ("docs", lambda: as_github(b"another body")),
        ("docs", lambda: as_github(secret="a-wrong-secret-of-at-least-32-characters")),
        ("docs", lambda: as_standard(SECRET.encode(), age_s=600)),
        ("docs", lambda: as_standard(SECRET.encode(), age_s=-600)),
        ("docs", lambda: as_standard(SECRET.encode()) | {"webhook-id": "msg_2"}),
        ("docs", lambda: {"webhook-signature": "v1,x"}),
        ("docs", lambda: as_standard(b"wrong") | as_github()),
        ("api", as_github),
        ("elsewhere", as_github),
        ("", as_github),
    ],
)
async def test_anything_else_is_refused_the_same_way(
    host: Any, ingest: Any, site: str, headers: Callable[[], dict[str, str]]
) -> None:
    answer = await host.post("/hooks/site", params={"site": site}, content=BODY, headers=headers())
    assert (answer.status_code, answer.json()["reason"]) == (401, "CALLER_UNAUTHENTICATED")
    assert SECRET not in answer.text
    assert ingest.sources == []


async def test_whoever_asks_while_a_run_goes_on_shares_the_one_that_comes_next(host: Any, ingest: Any) -> None:
    first, second, third = await _asked_three_times(host, ingest)
    assert first["run"] != second["run"] == third["run"]
    ingest.go_on.set()
    assert (await ended(host, second))["state"] == "done"
    assert len(ingest.sources) == 2


async def _asked_three_times(host: Any, ingest: Any) -> list[dict[str, Any]]:
    first = (await host.post("/hooks/site?site=docs", content=b"1", headers=as_github(b"1"))).json()
    await ingest.began.wait()
    rest = [
        (await host.post("/hooks/site?site=docs", content=body, headers=as_github(body))).json()
        for body in (b"2", b"3")
    ]
    return [first, *rest]


async def test_a_copy_of_a_delivery_that_signs_its_time_starts_nothing(host: Any, ingest: Any) -> None:
    ingest.go_on.set()
    headers = as_standard(SECRET.encode())
    first = (await host.post("/hooks/site?site=docs", content=BODY, headers=headers)).json()
    await ended(host, first)
    copied = headers | {"webhook-signature": headers["webhook-signature"] + " v1,bW9yZQ=="}
    assert (await host.post("/hooks/site?site=docs", content=BODY, headers=copied)).json()["run"] == first["run"]
    assert len(ingest.sources) == 1


async def test_a_run_that_fails_says_why_and_one_that_is_in_the_way_is_waited_for(host: Any, ingest: Any) -> None:
    ingest.go_on.set()
    ingest.failures = [SuspiciousSource("2 of the 2 indexed pages have vanished")]
    refused = await ended(
        host, (await host.post("/hooks/site?site=docs", content=b"1", headers=as_github(b"1"))).json()
    )
    assert (refused["state"], refused["reason"]) == ("failed", "SOURCE_SUSPICIOUS")
    assert "have vanished" in refused["message"]
    ingest.failures = [RevisionConflict("another run is writing")]
    waited = await ended(host, (await host.post("/hooks/site?site=docs", content=b"2", headers=as_github(b"2"))).json())
    assert waited["state"] == "done"


async def test_a_gateway_that_ends_takes_its_run_back(ingest: Any, tmp_path: Path) -> None:
    nobody = "127.0.0.1:1"
    async with (
        gateway_before(nobody, nobody, tmp_path, ingest_target=ingest.target, **HOOKS) as (address, _),
        httpx.AsyncClient(base_url=address) as host,
    ):
        await host.post("/hooks/site?site=docs", content=BODY, headers=as_github())
        await ingest.began.wait()
    await ingest.cancelled.wait()


async def test_without_settings_there_is_no_such_door(start_gateway: Any) -> None:
    browser = await start_gateway()
    assert (await browser.post("/hooks/site", content=BODY, headers=as_github())).status_code == 404


async def test_one_site_needs_no_name(start_gateway: Any, ingest: Any) -> None:
    ingest.go_on.set()
    settings = {"hook_sites": "docs=/srv/docs", "hook_secrets": f"docs={SECRET}"}
    browser = await start_gateway(ingest_target=ingest.target, **settings)
    assert (await browser.post("/hooks/site", content=BODY, headers=as_github())).status_code == 202


async def test_a_body_that_is_too_large_is_refused(host: Any) -> None:
    body = b"x" * (256 * 1024 + 1)
    assert (await host.post("/hooks/site?site=docs", content=body, headers=as_github(body))).status_code == 413


@pytest.mark.parametrize(
    "settings",
    [
        {"hook_sites": "docs=/srv/docs"},
        {"hook_secrets": f"docs={SECRET}"},
        {"hook_sites": "docs=/srv/docs", "hook_secrets": "docs=short"},
        {"hook_sites": "docs", "hook_secrets": f"docs={SECRET}"},
        {"hook_sites": "docs=/a,docs=/b", "hook_secrets": f"docs={SECRET}"},
        {"hook_sites": "Docs!=/a", "hook_secrets": f"Docs!={SECRET}"},
    ],
)
def test_settings_that_do_not_fit_are_refused_without_showing_the_secret(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        GatewaySettings(_env_file=None, **settings)
    assert SECRET not in " ".join(error["msg"] for error in refused.value.errors())
