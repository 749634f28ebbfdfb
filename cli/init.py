"""`docs-chat init`: a `.env` with fresh secrets; what is already there is kept."""

import argparse
import contextlib
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path

from cli.exit_codes import OK
from services.runtime.callers import token_digest

_CALLERS = "DOCS_CHAT_CALLERS"
_FILE_OF_CALLERS = "DOCS_CHAT_CALLERS_FILE"
_CALLING = {
    "gateway": ("GATEWAY_CALLER_TOKEN", "search,ask"),
    "agent": ("AGENT_CALLER_TOKEN", "search"),
    "ingest": ("INGEST_CALLER_TOKEN", "search,write"),
    "cli": ("DOCS_CHAT_CALLER_TOKEN", "search,ask,write,operate"),
}
"""Who calls our services: the setting of its token, and the least it needs."""
_SECRETS = ("GATEWAY_SECRET", "QDRANT_API_KEY")
_ASSIGNMENT = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)")
_HEAD = (
    "# Settings of docs-chat: docs/docs/configuration.md lists them. This file holds secrets; keep it to yourself.\n"
)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser("init", help="write a .env with fresh secrets; what it has already is kept")
    parser.add_argument("--file", type=Path, default=Path(".env"), help="file to write (default: .env)")
    parser.set_defaults(run=run)


async def run(args: argparse.Namespace) -> int:
    """Write and tell."""
    path: Path = args.file.resolve()  # a link stays a link
    text = _read(path)
    known = _values(text)
    added = _missing(known)
    if added:
        _write(path, _with(text or _HEAD, added))
    elif text:
        _close(path)
    for name in added:
        print(f"  {name:<24} {'extended' if known.get(name) else 'added'}")
    print(f"{args.file} is ready, readable by you alone." if added else f"{args.file} has everything already.")
    return OK


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8") if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read as text; move it away, or name another file with --file") from error


def _values(text: str) -> dict[str, str]:
    found = (_ASSIGNMENT.fullmatch(line) for line in text.splitlines())
    return {match[1]: match[2].strip().strip("'\"") for match in found if match}


def _missing(known: Mapping[str, str]) -> dict[str, str]:
    """Settings that are not there or empty, with fresh values."""
    added = {name: _secret() for name in _SECRETS if not known.get(name)}
    if known.get(_FILE_OF_CALLERS):
        return added  # anybody who keeps a list of callers hands out the tokens too
    fresh = {name: _secret() for name, _ in _CALLING.values() if not known.get(name)}
    listed = known.get(_CALLERS, "")
    entries = [
        f"{caller} {permissions} {token_digest(fresh.get(name) or known[name])}"
        for caller, (name, permissions) in _CALLING.items()
        if name in fresh or not listed
    ]
    if entries:
        added |= fresh | {_CALLERS: "; ".join(filter(None, (listed, *entries)))}
    return added


def _secret() -> str:
    return secrets.token_urlsafe(32)


def _with(text: str, added: Mapping[str, str]) -> str:
    """The file with settings put in: where the setting is empty or is extended, otherwise at the end."""
    waiting = {name: f'{name}="{value}"' if " " in value else f"{name}={value}" for name, value in added.items()}
    lines = []
    for line in text.splitlines():
        match = _ASSIGNMENT.fullmatch(line)
        lines.append(waiting.pop(match[1], line) if match else line)
    return "\n".join([*lines, *waiting.values()]) + "\n"


def _close(path: Path) -> None:
    """A file that others could read until now is its owner's alone from now on."""
    with contextlib.suppress(OSError):
        path.chmod(0o600)


def _write(path: Path, text: str) -> None:
    """Replace the file at once, readable by its owner alone from the beginning."""
    try:
        number, new = tempfile.mkstemp(prefix=".env-", dir=path.parent)  # made with mode 0600
        with contextlib.ExitStack() as stack:
            stack.callback(lambda: Path(new).unlink(missing_ok=True))
            with os.fdopen(number, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(new, path)
    except OSError as error:
        raise ValueError(f"{path} cannot be written: {error.strerror}") from error
