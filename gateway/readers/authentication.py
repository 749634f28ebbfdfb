"""Tells readers apart: by our own signed token, by a login of the site, or by the API key of a program."""

import hashlib
import uuid
from dataclasses import dataclass, field

from itsdangerous import BadSignature, URLSafeTimedSerializer

from gateway.readers.api_keys import ApiKey, find_key
from gateway.readers.logins import LoginPolicy, Logins
from gateway.readers.networks import opaque_network
from gateway.readers.reader import TOKEN_MAX_AGE_S, Reader, ReaderKind
from services.runtime.errors import CallerUnauthenticated


@dataclass(frozen=True, slots=True)
class ReaderPolicy:
    """What is accepted as proof.

    Args:
        secrets: Secrets for our own tokens: the first signs, all verify.
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
        """An anonymous reader and the token that proves who they are.

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
        """The reader that stands for an address: for programs, which keep no cookies and own no conversations."""
        return Reader(f"address:{_digest(address)}", ReaderKind.ADDRESS)

    def network_of(self, reader: Reader, address: str) -> str:
        """Opaque id of a reader's network; the address cannot be recovered from it."""
        return opaque_network(self._policy.secrets[0], reader.id, address)

    def _program(self, bearer: str) -> Reader | None:
        key = find_key(bearer, self._policy.api_keys)
        return Reader(key.id, ReaderKind.PROGRAM, key.name) if key else None

    async def _login(self, bearer: str) -> Reader:
        if not self._policy.login.is_set:
            raise CallerUnauthenticated("the API key is not known here")
        return Reader(f"login:{_digest(await self._logins.subject(bearer))}", ReaderKind.LOGIN)


def _anonymous(name: str) -> Reader:
    return Reader(f"anonymous:{name}", ReaderKind.ANONYMOUS)


def _digest(text: str) -> str:
    """Ids are stored, the login or address behind them is not."""
    return hashlib.sha256(text.encode()).hexdigest()[:40]
