"""Who may enter which door: every door × every credential × every setting, over real HTTP."""

import hashlib
import re
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from gateway.app import create_app
from gateway.routes.doors import DOORS, Door
from gateway.routes.mcp import McpEndpoint
from gateway.settings import GatewaySettings
from tests.fakes.gateway_world import UNLIMITED

SECRET = "signing-secret-of-at-least-32-characters"
LOGIN_SECRET = "login-secret-of-at-least-32-characters"
KEY, HASHED_KEY, OPERATOR = "key-of-a-program", "key-that-is-stored-hashed", "token-of-the-operators"
KEYS = f"{KEY},nightly=sha256:{hashlib.sha256(HASHED_KEY.encode()).hexdigest()}"

SETTINGS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "operators-token": {"metrics_token": OPERATOR},
    "keys": {"api_keys": KEYS},
    "logins": {"login_secret": LOGIN_SECRET},
    "keys-and-logins": {"api_keys": KEYS, "login_secret": LOGIN_SECRET},
    "keys-required": {"api_keys": KEYS, "require_login": True},
    "logins-required": {"login_secret": LOGIN_SECRET, "require_login": True},
    "all": {"api_keys": KEYS, "login_secret": LOGIN_SECRET, "require_login": True, "metrics_token": OPERATOR},
}

ONE_MODEL = "/v1/models/docs-chat"
ONE_RUN = "/hooks/site/runs/a-run-that-never-was"
HOOK = {"hook_sites": "docs=/srv/docs", "hook_secrets": "docs=secret-of-the-host-of-at-least-32-characters"}
ONE_LINK = "/v1/threads/thr_1/link"
NO_LINK = "/v1/threads/thr_1/unlink"
ONE_LIST = "/v1/sites/docs/llms.txt"
DOORS_OF = {
    "panel": ("/chatkit", "/v1/readers", "/v1/readers/me", ONE_LINK, NO_LINK, "/v1/shared/token"),
    "reading": ("/v1/search", "/v1/search/sections", "/v1/sites", ONE_LIST, "/v1/pages.md", "/docs", "/docs/guide"),
    "programs": ("/v1/chat/completions", "/v1/models", ONE_MODEL, "/mcp", "/openapi.json"),
    "operators": ("/metrics", "/readyz(details)"),
    "open": ("/", "/docs-chat.js", "/healthz", "/readyz", ONE_RUN),
    "hooks": ("/hooks/site",),
}

# `.` is let in, `x` is refused.
EXPECTED = """
setting          doors      none wrong basic x-wrong expired bare two old reader key x-key hashed login x-login operator
nothing          panel      .    .     .     .       .       .    .   .   .      .   .     .      .     .       .
nothing          reading    .    .     .     .       .       .    .   .   .      .   .     .      .     .       .
nothing          programs   .    .     .     .       .       .    .   .   .      .   .     .      .     .       .
nothing          operators  .    .     .     .       .       .    .   .   .      .   .     .      .     .       .
nothing          open       .    .     .     .       .       .    .   .   .      .   .     .      .     .       .
nothing          hooks      x    x     x     x       x       x    x   x   x      x   x     x      x     x       x
operators-token  panel      .    .     .     .       .       .    .   .   .      .   .     .      .     .       .
operators-token  reading    .    .     .     .       .       .    .   .   .      .   .     .      .     .       .
operators-token  programs   .    .     .     .       .       .    .   .   .      .   .     .      .     .       .
operators-token  operators  x    x     x     x       x       x    x   x   x      x   x     x      x     x       .
operators-token  open       .    .     .     .       .       .    .   .   .      .   .     .      .     .       .
operators-token  hooks      x    x     x     x       x       x    x   x   x      x   x     x      x     x       x
keys             panel      .    x     x     x       x       x    x   .   .      .   .     .      x     x       x
keys             reading    x    x     x     x       x       x    x   x   .      .   .     .      x     x       x
keys             programs   x    x     x     x       x       x    x   x   x      .   .     .      x     x       x
keys             operators  x    x     x     x       x       x    x   x   x      x   x     x      x     x       x
keys             open       .    .     .     .       .       .    .   .   .      .   .     .      .     .       .
keys             hooks      x    x     x     x       x       x    x   x   x      x   x     x      x     x       x
logins           panel      .    x     x     x       x       x    x   .   .      x   x     x      .     .       x
logins           reading    .    x     x     x       x       x    x   .   .      x   x     x      .     .       x
logins           programs   .    x     x     x       x       x    x   .   .      x   x     x      .     .       x
logins           operators  x    x     x     x       x       x    x   x   x      x   x     x      x     x       x
logins           open       .    .     .     .       .       .    .   .   .      .   .     .      .     .       .
logins           hooks      x    x     x     x       x       x    x   x   x      x   x     x      x     x       x
keys-and-logins  panel      .    x     x     x       x       x    x   .   .      .   .     .      .     .       x
keys-and-logins  reading    x    x     x     x       x       x    x   x   .      .   .     .      .     .       x
keys-and-logins  programs   x    x     x     x       x       x    x   x   x      .   .     .      .     .       x
keys-and-logins  operators  x    x     x     x       x       x    x   x   x      x   x     x      x     x       x
keys-and-logins  open       .    .     .     .       .       .    .   .   .      .   .     .      .     .       .
keys-and-logins  hooks      x    x     x     x       x       x    x   x   x      x   x     x      x     x       x
keys-required    panel      x    x     x     x       x       x    x   x   x      .   .     .      x     x       x
keys-required    reading    x    x     x     x       x       x    x   x   x      .   .     .      x     x       x
keys-required    programs   x    x     x     x       x       x    x   x   x      .   .     .      x     x       x
keys-required    operators  x    x     x     x       x       x    x   x   x      x   x     x      x     x       x
keys-required    open       .    .     .     .       .       .    .   .   .      .   .     .      .     .       .
keys-required    hooks      x    x     x     x       x       x    x   x   x      x   x     x      x     x       x
logins-required  panel      x    x     x     x       x       x    x   x   x      x   x     x      .     .       x
logins-required  reading    x    x     x     x       x       x    x   x   x      x   x     x      .     .       x
logins-required  programs   x    x     x     x       x       x    x   x   x      x   x     x      .     .       x
logins-required  operators  x    x     x     x       x       x    x   x   x      x   x     x      x     x       x
logins-required  open       .    .     .     .       .       .    .   .   .      .   .     .      .     .       .
logins-required  hooks      x    x     x     x       x       x    x   x   x      x   x     x      x     x       x
all              panel      x    x     x     x       x       x    x   x   x      .   .     .      .     .       x
all              reading    x    x     x     x       x       x    x   x   x      .   .     .      .     .       x
all              programs   x    x     x     x       x       x    x   x   x      .   .     .      .     .       x
all              operators  x    x     x     x       x       x    x   x   x      x   x     x      x     x       .
all              open       .    .     .     .       .       .    .   .   .      .   .     .      .     .       .
all              hooks      x    x     x     x       x       x    x   x   x      x   x     x      x     x       x
"""
CREDENTIALS = EXPECTED.split("\n")[1].split()[2:]

LISTING = {"type": "threads.list", "params": {}}
QUESTION = {"model": "docs-chat", "messages": [{"role": "user", "content": "?"}]}
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
}
REQUESTS: dict[str, tuple[str, str, Any]] = {
    "/chatkit": ("POST", "/chatkit", LISTING),
    "/v1/readers": ("POST", "/v1/readers", None),
    "/v1/readers/me": ("DELETE", "/v1/readers/me", None),
    "/v1/search": ("GET", "/v1/search?q=retries", None),
    "/v1/pages.md": ("GET", "/v1/pages.md?uri=https://docs.example.com/retry", None),
    ONE_LINK: ("POST", ONE_LINK, None),
    NO_LINK: ("POST", NO_LINK, None),
    "/v1/search/sections": ("GET", "/v1/search/sections?q=retr", None),
    "/v1/chat/completions": ("POST", "/v1/chat/completions", QUESTION),
    "/mcp": ("POST", "/mcp", HELLO),
    "/readyz(details)": ("GET", "/readyz", None),
    "/hooks/site": ("POST", "/hooks/site?site=docs", {}),
}
EMPTY_DOORS = ("/docs", "/docs/guide", ONE_LINK, "/v1/shared/token", ONE_RUN)
"""No site is indexed under the gateway's own address here, no conversation is shared, and no hook has run:
whoever is let in hears that there is no such thing."""


def a_login(*, until: float) -> str:
    return jwt.encode({"sub": "ada", "exp": time.time() + until}, LOGIN_SECRET, algorithm="HS256")


class _LongAgo(TimestampSigner):
    def get_timestamp(self) -> int:
        return int(time.time()) - 401 * 86_400


def a_reader(signer: type[TimestampSigner] = TimestampSigner) -> str:
    token = URLSafeTimedSerializer(SECRET, salt="docs-chat reader", signer=signer).dumps("a" * 32)
    return f"docs_chat_reader={token}"


def bearer(text: str) -> list[tuple[str, str]]:
    return [("Authorization", f"Bearer {text}")]


def headers_of(credential: str) -> list[tuple[str, str]]:
    return {
        "none": [],
        "wrong": bearer("sk-anything"),
        "basic": [("Authorization", "Basic YWRhOnNlY3JldA==")],
        "x-wrong": [("x-api-key", "sk-anything")],
        "expired": bearer(a_login(until=-3600)),
        "bare": [("Authorization", "Bearer")],
        "two": [*bearer(KEY), ("x-api-key", "sk-anything")],
        "old": [("Cookie", a_reader(_LongAgo))],
        "reader": [("Cookie", a_reader())],
        "key": bearer(KEY),
        "x-key": [("X-Api-Key", KEY)],
        "hashed": bearer(HASHED_KEY),
        "login": bearer(a_login(until=3600)),
        "x-login": [("X-Api-Key", a_login(until=3600))],
        "operator": bearer(OPERATOR),
    }[credential]


def expected(setting: str) -> dict[str, dict[str, bool]]:
    """Door → credential → let in."""
    table: dict[str, dict[str, bool]] = {}
    for name, doors, *cells in map(str.split, EXPECTED.strip().splitlines()[1:]):
        if name == setting:
            row = dict(zip(CREDENTIALS, (cell == "." for cell in cells), strict=True))
            table |= dict.fromkeys(DOORS_OF[doors], row)
    return table


async def is_let_in(browser: Any, door: str, credential: str) -> bool:
    method, path, body = REQUESTS.get(door, ("GET", door, None))
    browser.cookies.clear()
    headers = [*headers_of(credential), ("Accept", "application/json, text/event-stream")]
    response = await browser.request(method, path, json=body, headers=headers)
    if response.status_code == 401:
        assert response.headers["www-authenticate"].startswith("Bearer"), door
        assert response.json()["message"], door
        assert not any(secret in response.text for secret in (KEY, HASHED_KEY, OPERATOR, LOGIN_SECRET, SECRET))
        return False
    assert response.status_code == (404 if door in EMPTY_DOORS else 200), (door, credential, response.text)
    return "missing" in response.json() if door == "/readyz(details)" else True


@pytest.mark.parametrize("setting", SETTINGS)
async def test_every_door_lets_in_whom_the_table_says(start_gateway: Any, setting: str) -> None:
    browser = await start_gateway(secret=SECRET, **UNLIMITED, **HOOK, **SETTINGS[setting])
    table = expected(setting)
    seen = {
        door: {credential: await is_let_in(browser, door, credential) for credential in CREDENTIALS} for door in table
    }
    assert seen == table


def test_the_table_knows_every_door() -> None:
    doors = {
        re.sub(
            r"\(.*|guide|docs-chat.js|(?<=models/).*|(?<=runs/).*|(?<=threads/).*|(?<=shared/).*|(?<=sites/).*",
            "",
            door,
        )
        for group in DOORS_OF.values()
        for door in group
    }
    assert {re.sub(r"\{.*", "", path) for path in DOORS} == doors
    for setting in SETTINGS:
        assert set(expected(setting)) == {door for group in DOORS_OF.values() for door in group}


def test_every_route_has_a_door(tmp_path: Path) -> None:
    """A route that was added without a rule, or without the class that keeps to it, is found here."""
    app = create_app(GatewaySettings(_env_file=None, data_dir=tmp_path))
    seen = {"/"}  # files: what is behind them shows nothing
    for context in iter_route_contexts(app.routes):
        route: Any = context.original_route
        if isinstance(route, APIRoute):
            assert isinstance(route, Door), f"{route.path} lets everybody in: its router needs route_class=Door"
        elif route.path not in ("", "/"):
            assert isinstance(getattr(route, "endpoint", None), McpEndpoint), f"{route.path} has no door"
        seen.add(route.path or "/")
    assert seen == set(DOORS)


WORDS = {
    "anybody": "none reader login",
    "anybody; new readers get a token": "none reader login",
    "a key, a login or a reader's token": "reader login",
    "a key or a login": "login",
    "the operators' token": "",
    "a signature": "",
}
"""What the page calls it, and who of those three is let in; a key counts as a login does."""


NAMED = {"/readyz(details)": "", "/docs/guide": "/docs/…", "/docs-chat.js": "/", ONE_MODEL: "/v1/models/…"} | {
    ONE_LINK: "/v1/threads/…/link",
    NO_LINK: "/v1/threads/…/unlink",
    "/v1/shared/token": "/v1/shared/…",
    ONE_LIST: "/v1/sites/…/llms.txt",
    ONE_RUN: "/hooks/site/runs/…",
}
"""How the page calls doors that are one of many, or a part of one."""


def test_the_page_says_the_same() -> None:
    page = (Path(__file__).parents[3] / "docs/docs/operate/access.md").read_text()
    head, _, *rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line.startswith("| ")
    ][:9]
    columns = {"nothing set": "nothing", "API keys": "keys-and-logins", "logins": "logins", "login required": "all"}
    assert head[1:] == list(columns)
    told = {}
    for doors, *cells in rows:
        for door in re.findall(r"`(/[^`]*)`", doors):
            for setting, cell in zip(columns.values(), cells, strict=True):
                told[door, setting] = {who: who in WORDS[cell].split() for who in ("none", "reader", "login")}
    for setting in columns.values():
        for door, cells_of_door in expected(setting).items():
            named = NAMED.get(door, door)
            if named:
                known = {who: cells_of_door[who] for who in ("none", "reader", "login")}
                assert told[named, setting] == known, (named, setting)
