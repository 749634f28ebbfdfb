"""How a process starts; one that cannot says why in a sentence and ends with code 1."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from pydantic import ValidationError

from services.runtime.errors import ServiceError
from services.runtime.settings import ProcessSettings

Settings = TypeVar("Settings", bound=ProcessSettings)


class CannotStart(RuntimeError):
    """Something outside the process has to change first; the message says what."""


def read_settings(kind: type[Settings]) -> Settings:
    """The settings of a process from the environment and `.env`.

    Raises:
        CannotStart: If one is not valid; it is named as it is set, its value is not repeated: it may be a secret.
    """
    try:
        return kind()
    except ValidationError as error:
        prefix = str(kind.model_config.get("env_prefix", ""))
        problems = []
        for item in error.errors(include_url=False, include_input=False, include_context=False):
            field = ".".join(map(str, item["loc"]))
            name = (prefix + field).upper() if field in kind.model_fields else field
            problems.append(f"  {name}: {item['msg']}" if name else f"  {item['msg']}")
        raise CannotStart("a setting in .env or the environment is not valid:\n" + "\n".join(problems)) from error


def run_service(kind: type[Settings], serve: Callable[[Settings], Coroutine[Any, Any, None]]) -> None:
    """A service process from its settings to its end."""
    try:
        asyncio.run(serve(read_settings(kind)))
    except (CannotStart, ServiceError) as error:
        sys.exit(f"cannot run: {error}")
