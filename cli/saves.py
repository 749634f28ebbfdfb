"""What is saved below some folders, told as it happens."""

import asyncio
import os
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from watchfiles import Change, awatch

_NOT_FOLLOWED = frozenset({"node_modules"})
_SETTLED_MS = 100
"""A save is told once nothing more has come for so long: an editor, or git, writes many files."""
_LONGEST_MS = 500
"""It is told after this at the latest, even if more keeps coming."""
_POLL_MS = 300


class EventsUnavailable(Exception):
    """The system does not tell what is saved; the message says why."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What is followed: `whole` folders with all that is below them, and what lies directly in `flat` ones.

    A site folder is flat and its subfolders are whole: `node_modules` has more folders than a system follows.
    """

    whole: tuple[str, ...]
    flat: tuple[str, ...]


def followed(folders: Iterable[Path]) -> Followed:
    """What to follow of the folders of a site; those that are not there are left out."""
    roots = tuple(dict.fromkeys(os.path.realpath(folder) for folder in folders if folder.is_dir()))
    whole = (entry.path for root in roots for entry in os.scandir(root) if entry.is_dir() and not _is_left_out(entry))
    return Followed(tuple(sorted(set(whole) - set(roots))), roots)


def _is_left_out(entry: "os.DirEntry[str]") -> bool:
    """Whether a folder directly in a site folder is none of its sources, such as what `docusaurus build` makes."""
    site = Path(entry.path).parent
    is_output = entry.name == "build" and any(site.glob("docusaurus.config.*"))
    return is_output or _is_noise((entry.name,))


def _is_noise(parts: Sequence[str]) -> bool:
    return any(part.startswith(".") or part.endswith("~") or part in _NOT_FOLLOWED for part in parts)


class Saves:
    """Follows folders from the moment it is entered; nothing is missed while nobody waits.

    Args:
        paths: What to follow.
        polls: Look at the files again and again instead of asking the system, which tells nothing of network mounts.
    """

    def __init__(self, paths: Followed, *, polls: bool = False) -> None:
        self._roots = paths.flat
        kinds = [(paths.whole, True), (paths.flat, False)]
        self._generators = [self._changes(kind, recursive, polls=polls) for kind, recursive in kinds if kind]
        self._waiting: dict[asyncio.Task[Any], AsyncGenerator[Any, None]] = {}

    async def __aenter__(self) -> Self:
        for generator in self._generators:
            self._expect(generator)
        await asyncio.sleep(0)  # all of them begin to look
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for task in self._waiting:
            task.cancel()
        await asyncio.gather(*self._waiting, return_exceptions=True)
        for generator in self._generators:
            await generator.aclose()

    async def wait(self, timeout_s: float | None = None) -> set[str]:
        """Paths that were saved or removed since they were last asked for; none when the time is over.

        Raises:
            EventsUnavailable: If the system does not tell.
        """
        done, _ = await asyncio.wait(self._waiting, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        saved: set[str] = set()
        for task in done:
            generator = self._waiting.pop(task)
            try:
                saved |= {path for _, path in task.result()}
            except (OSError, StopAsyncIteration) as error:
                raise EventsUnavailable(str(error)) from error
            self._expect(generator)
        return saved

    def _expect(self, generator: AsyncGenerator[Any, None]) -> None:
        self._waiting[asyncio.ensure_future(anext(generator))] = generator

    def _changes(self, paths: Sequence[str], recursive: bool, *, polls: bool) -> AsyncGenerator[Any, None]:
        return awatch(
            *paths,
            watch_filter=self._matters,
            step=_SETTLED_MS,
            debounce=_LONGEST_MS,
            force_polling=polls or None,  # None: as the environment says, and where the system cannot tell
            poll_delay_ms=_POLL_MS,
            recursive=recursive,
            ignore_permission_denied=True,
        )

    def _matters(self, change: Change, path: str) -> bool:
        inside = [root for root in self._roots if path.startswith(root.rstrip(os.sep) + os.sep)]
        root = max(inside, key=len, default="")
        return not _is_noise(Path(path).relative_to(root).parts) if root else True
