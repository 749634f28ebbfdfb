"""Who is asking: an anonymous signed token, a login of the site, or a program with a key."""

import contextlib
import hashlib
import os
import secrets
import tempfile
import uuid
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from itsdangerous import BadSignature, URLSafeTimedSerializer

from gateway.readers.api_keys import ApiKey, find_key
from gateway.readers.logins import LoginPolicy, Logins
from gateway.readers.networks import opaque_network
from services.runtime.errors import CallerUnauthenticated
from services.runtime.private_files import private_file, private_folder
from services.runtime.starting import CannotStart

COOKIE = "docs_chat_reader"
TOKEN_HEADER = "x-docs-chat-reader"  # noqa: S105  # a header's name
TOKEN_MAX_AGE_S = 400 * 86_400  # browsers keep no cookie for longer
MIN_SECRET_CHARS = 32


class ReaderKind(StrEnum):
    """How a reader made themselves known."""

    ANONYMOUS = "anonymous"
    LOGIN = "login"
    PROGRAM = "program"
    """A program that showed an API key."""
    ADDRESS = "address"
    """A program that showed nothing: its address stands for it."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader.

    Args:
        id: Owns threads, counts in limits, and is the same on every visit; never a key or an address.
        kind: How they made themselves known.
        name: Name of a program's API key, for logs and limits; may be empty.
    """

    id: str
    kind: ReaderKind
    name: str = ""


@dataclass(frozen=True, slots=True)
class ReaderPolicy:
    """What is accepted as proof.

    Args:
        secrets: Sign our own tokens: the first signs, all verify.
        login: Logins of the site.
        api_keys: Keys of programs.
        require_login: No tokens for anonymous readers.
    """

    secrets: tuple[str, ...]
    login: LoginPolicy = field(default_factory=LoginPolicy)
    api_keys: tuple[ApiKey, ...] = ()
    require_login: bool = False


class Readers:
    """Tells readers apart and hands out tokens to new ones."""

    def __init__(self, policy: ReaderPolicy) -> None:
        self._policy = policy
        self._serializer = URLSafeTimedSerializer(policy.secrets[::-1], salt="docs-chat reader")
        self._logins = Logins(policy.login)

    def new_reader(self) -> tuple[Reader, str]:
        """An anonymous reader and the token that proves it is them.

        Raises:
            CallerUnauthenticated: If only known readers are let in.
        """
        if self._policy.require_login:
            raise CallerUnauthenticated("please log in first: this site answers known readers only")
        name = uuid.uuid4().hex
        return _anonymous(name), self._serializer.dumps(name)

    async def identify(self, *, bearer: str = "", token: str = "") -> Reader | None:
        """The reader who shows these, or None when they are new here.

        Args:
            bearer: API key or login; ignored while neither is configured, because OpenAI clients always send one.
            token: Our own token, from the cookie or the header.

        Raises:
            CallerUnauthenticated: If the bearer token is wrong.
            ServiceUnreachable: If the keys of the site's login cannot be fetched.
        """
        if bearer and (self._policy.api_keys or self._policy.login.is_set):
            return self._program(bearer) or await self._login(bearer)
        try:
            name = self._serializer.loads(token, max_age=TOKEN_MAX_AGE_S) if token else None
        except BadSignature:
            return None
        return _anonymous(name) if isinstance(name, str) else None

    def at_address(self, address: str) -> Reader:
        """Whoever calls from an address: for programs, which keep no cookies and own no conversations."""
        return Reader(f"address:{_digest(address)}", ReaderKind.ADDRESS)

    def network_of(self, reader: Reader, address: str) -> str:
        """Opaque id of the network a reader comes from; the address cannot be had back from it."""
        return opaque_network(self._policy.secrets[0], reader.id, address)

    def _program(self, bearer: str) -> Reader | None:
        key = find_key(bearer, self._policy.api_keys)
        return Reader(key.id, ReaderKind.PROGRAM, key.name) if key else None

    async def _login(self, bearer: str) -> Reader:
        if not self._policy.login.is_set:
            raise CallerUnauthenticated("the API key is not known here")
        return Reader(f"login:{_digest(await self._logins.subject(bearer))}", ReaderKind.LOGIN)


def load_secrets(configured: tuple[str, ...], data_dir: Path) -> tuple[str, ...]:
    """The signing secrets: as configured, else the one in `data_dir`, made on first use and readable by us alone.

    Raises:
        CannotStart: If the one in `data_dir` is too short to sign with.
    """
    if configured:
        return configured
    path = private_folder(data_dir) / "reader-secret"
    if not path.exists():
        with tempfile.NamedTemporaryFile("w", dir=data_dir) as draft:  # mode 0600
            draft.write(secrets.token_urlsafe(32))
            draft.flush()
            with contextlib.suppress(FileExistsError):  # of two processes that start together the first one wins
                os.link(draft.name, path)
    secret = private_file(path).read_text().strip()
    if len(secret) < MIN_SECRET_CHARS:
        raise CannotStart(f"{path} holds no secret of {MIN_SECRET_CHARS} characters: delete it to have a new one made")
    return (secret,)


def _anonymous(name: str) -> Reader:
    return Reader(f"anonymous:{name}", ReaderKind.ANONYMOUS)


def _digest(text: str) -> str:
    """Owners are stored; whom they stand for is not."""
    return hashlib.sha256(text.encode()).hexdigest()[:40]
