"""Logs are events with facts: `logger.info("page upserted", extra={"uri": uri})`, a line each, with the request id."""

import logging
import sys
from typing import Literal

from pythonjsonlogger.json import JsonFormatter

from services.runtime.request_context import current_request_id

_STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request_id", "taskName"}
_NOISY = ("httpx", "httpx2", "httpcore", "httpcore2", "openai", "aiohttp", "grpc", "asyncio", "aiosqlite", "mcp")


class _RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id() or "-"
        return True


class _BlottingHandler(logging.StreamHandler):  # type: ignore[type-arg]  # generic for type checkers only
    """Blots secrets out of finished lines, tracebacks included: the last line of defence, not the first."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        super().__init__(sys.stderr)
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, "[secret]")
        return line


class _TextFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        facts = " ".join(f"{name}={value}" for name, value in vars(record).items() if name not in _STANDARD_FIELDS)
        line = super().format(record)
        head, newline, rest = line.partition("\n")
        return f"{head} {facts}".rstrip() + newline + rest


def configure_logs(process: str, *, level: str, style: Literal["text", "json"], secrets: tuple[str, ...] = ()) -> None:
    """Send every log record of this process to standard error.

    Args:
        process: Name of the process, in each line.
        level: Lowest level that is written.
        style: `text` for people, `json` for machines.
        secrets: Values that must never be written, no matter who logs them; shorter than 8 characters are ignored.
    """
    handler = _BlottingHandler(tuple(secret for secret in secrets if len(secret) >= 8))
    handler.addFilter(_RequestIdFilter())
    if style == "json":
        fields = "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s"
        handler.setFormatter(JsonFormatter(fields, static_fields={"process": process}))
    else:
        handler.setFormatter(
            _TextFormatter(f"%(asctime)s {process:<9} %(levelname)-7s %(request_id).8s %(message)s", datefmt="%H:%M:%S")
        )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _NOISY:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))
