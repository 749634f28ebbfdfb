"""Who may call our services: named callers, what each may do, and the hashes of their tokens.

A caller is a line: its name, its permissions, the SHA-256 of its token. A name may stand on several lines, so that a
new token works beside the old one while the callers are changed over; `#` begins a comment.

    gateway  search,ask                sha256:9f86d081…
    cli      search,ask,write,operate  sha256:60303ae2…
"""

import hashlib
import hmac
import logging
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from services.runtime.permissions import EVERYTHING, Permission

logger = logging.getLogger(__name__)

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DIGEST = re.compile(r"sha256:([0-9a-fA-F]{64})")
_PERMISSIONS = {permission.value: permission for permission in Permission}
_MAX_FILE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who calls; without a name while nobody is asked for one."""

    name: str
    permissions: frozenset[Permission] = EVERYTHING


@dataclass(frozen=True, slots=True)
class _Token:
    digest: bytes
    caller: Caller


class CallersUnreadable(ValueError):
    """A list of callers is not valid; the message says where and why, and repeats nothing of it."""


def token_digest(token: str) -> str:
    """A token as a line of callers names it."""
    return "sha256:" + hashlib.sha256(token.encode(errors="replace")).hexdigest()


def read_callers(text: str) -> tuple[_Token, ...]:
    """Callers from lines, or from one line with `;` between.

    Raises:
        CallersUnreadable: If a line is not valid, or there is none.
    """
    lines = re.split(r"[\n;]", re.sub(r"#[^\n]*", "", text))
    tokens = tuple(_token(line.split(), number) for number, line in enumerate(lines, 1) if line.strip())
    if not tokens:
        raise CallersUnreadable("there is no caller in it")
    return tokens


def _token(words: list[str], number: int) -> _Token:
    digest = _DIGEST.fullmatch(words[2]) if len(words) == 3 else None
    if digest is None:
        raise CallersUnreadable(f"entry {number} is not of the form `name search,ask sha256:<64 hex digits>`")
    name, listed, _ = words
    if not _NAME.fullmatch(name):
        raise CallersUnreadable(f"the name of entry {number} is not made of letters, digits, dots and hyphens")
    permissions = listed.split(",")
    if not set(permissions) <= set(_PERMISSIONS):
        raise CallersUnreadable(f"the permissions of entry {number} are not among {', '.join(_PERMISSIONS)}")
    granted = frozenset(_PERMISSIONS[permission] for permission in permissions)
    return _Token(bytes.fromhex(digest[1]), Caller(name, granted))


class Callers:
    """Everybody who may call, by their tokens.

    Args:
        listed: Callers of the settings.
        file: More of them; read again whenever it changes.
        shared_token: Lets anybody who shows it do everything, while no callers are listed.
    """

    def __init__(self, listed: str = "", *, file: Path | None = None, shared_token: str = "") -> None:
        self._listed = read_callers(listed) if listed.strip() else ()
        self._file = _CallersFile(file) if file else None
        self._shared: tuple[_Token, ...] = ()
        if shared_token and not self._listed and self._file is None:
            digest = hashlib.sha256(shared_token.encode()).digest()
            self._shared = (_Token(digest, Caller("shared-token")),)

    @property
    def are_asked(self) -> bool:
        """Whether a call needs a token at all."""
        return bool(self._listed or self._file or self._shared)

    def find(self, token: str) -> Caller | None:
        """Whose token this is. How long it takes tells nothing about the tokens that are known."""
        shown = hashlib.sha256(token.encode(errors="replace")).digest()
        found = None
        for known in self._known():
            if hmac.compare_digest(shown, known.digest):
                found = known.caller
        return found

    def _known(self) -> Iterable[_Token]:
        from_file = self._file.tokens() if self._file else ()
        return (*self._listed, *from_file, *self._shared)


class _CallersFile:
    """The callers of a file; one that breaks keeps those it had."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = _state_of(path)
        self._tokens = read_callers(_text_of(path))

    def tokens(self) -> tuple[_Token, ...]:
        state = _state_of(self._path)
        if state != self._seen:
            self._seen = state
            try:
                self._tokens = read_callers(_text_of(self._path))
                logger.info("callers read again", extra={"file": str(self._path), "tokens": len(self._tokens)})
            except CallersUnreadable as error:
                facts = {"file": str(self._path), "reason": str(error)}
                logger.error("callers not read, those from before stay", extra=facts)
        return self._tokens


def _state_of(path: Path) -> tuple[int, int, int] | None:
    """Differs after each change; None while the file is not there."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_FILE_BYTES + 1)
        if len(content) > _MAX_FILE_BYTES:
            raise CallersUnreadable("it is larger than a list of callers can be")
        return content.decode()
    except OSError as error:
        raise CallersUnreadable(f"it cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CallersUnreadable("it is not text") from error
