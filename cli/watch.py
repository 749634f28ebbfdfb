"""`docs-chat watch SITE`: index what is saved, while somebody writes."""

import argparse
import asyncio
import contextlib
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docs_chat.ingest.v1 import ingest_service_pb2 as pb
from docs_chat.ingest.v1 import ingest_service_pb2_grpc as rpc
from rich.console import Console

from cli.connection import CliSettings, connected
from cli.exit_codes import OK
from cli.ingest import LONGEST_RUN_S
from cli.ingest_report import TextReport
from cli.saves import EventsUnavailable, Saves, followed
from cli.site_source import add_source_arguments, site_source
from cli.watch_report import WatchReport
from services.runtime.errors import DeadlineExceeded, RevisionConflict, ServiceError, Unavailable
from services.runtime.server import stop_signal

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

_TRY_AGAIN_S = 5.0
"""After a failure that passes by itself, such as a service that is being started."""
_BLIND_S = 1.1
"""Polling sees times in whole seconds: a second save in the same one is found by one more look after so long."""


def add_parser(subparsers: "Subparsers") -> None:
    """Add the command."""
    parser: Any = subparsers.add_parser("watch", help="index what is saved, while somebody writes")
    add_source_arguments(parser)
    parser.add_argument("--force", action="store_true", help="publish even when the source looks wrong")
    parser.add_argument(
        "--also",
        action="append",
        type=Path,
        default=[],
        metavar="FOLDER",
        help="follow this folder too; may be repeated",
    )
    parser.add_argument("--poll", action="store_true", help="look at the files again and again: for network mounts")
    parser.set_defaults(run=run)


async def run(args: argparse.Namespace) -> int:
    """Follow the site until asked to end."""
    watching = asyncio.create_task(_Watch(args, _site_folder(args)).run())
    asked_to_end = asyncio.create_task(stop_signal())
    try:
        await asyncio.wait({watching, asked_to_end}, return_when=asyncio.FIRST_COMPLETED)
        if watching.done():
            watching.result()
    finally:
        for task in (watching, asked_to_end):
            task.cancel()
        await asyncio.wait({watching, asked_to_end})  # a run that was going on is cancelled: its revision is dropped
    print("no longer followed")
    return OK


def _site_folder(args: argparse.Namespace) -> Path:
    site = Path(args.site_folder).expanduser().absolute()
    for folder in (site, *args.also):
        if not folder.is_dir():
            raise ValueError(f"{folder} is not a folder of this machine: only a folder can be followed")
    return site


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How a run went; `passes` is a failure that may be gone after a while."""

    folders: tuple[Path, ...] = ()
    passes: bool = False


class _Watch:
    def __init__(self, args: argparse.Namespace, site: Path) -> None:
        self._args = args
        self._settings = CliSettings()
        self._console = Console(highlight=False)
        self._report = WatchReport(self._console, lambda: datetime.now().astimezone())
        self._folders: tuple[Path, ...] = (site,)
        self._polls: bool = args.poll
        self._has_indexed = False

    async def run(self) -> None:
        """Never returns."""
        while True:
            try:
                await self._follow()
            except EventsUnavailable as error:
                if self._polls:
                    raise ValueError(f"the folders cannot be followed: {error}") from error
                self._report.line(f"the system does not tell what is saved ({error}): looking again and again instead")
                self._polls = True

    async def _follow(self) -> None:
        """Index now and after each save, until other folders are to be followed."""
        paths = followed(self._all_folders())
        if not paths.flat:  # moved away, perhaps by a change of branch
            await self._index(set())
            await asyncio.sleep(_TRY_AGAIN_S)
            return
        async with Saves(paths, polls=self._polls) as saves:
            saved: set[str] = set()
            looks_again_s = _BLIND_S if self._polls else None
            while True:
                outcome = await self._index(saved)
                self._folders = outcome.folders or self._folders
                if followed(self._all_folders()) != paths:
                    return  # and look once more: something may have been saved there meanwhile
                saved = await saves.wait(_TRY_AGAIN_S if outcome.passes else looks_again_s)
                looks_again_s = _BLIND_S if self._polls and saved else None

    def _all_folders(self) -> tuple[Path, ...]:
        settings: Path | None = self._args.settings
        return (*self._folders, *self._args.also, *((settings.absolute().parent,) if settings else ()))

    async def _index(self, saved: set[str]) -> _Outcome:
        """One run; a failure is told, and no reason to end."""
        first = None if self._has_indexed else TextReport(self._console)
        report = self._report
        report.begin(saved)
        folders: tuple[Path, ...] = ()
        try:
            request = pb.IngestSiteRequest(
                source=await asyncio.to_thread(site_source, self._args), force=self._args.force
            )
            async with connected(self._settings.ingest, self._settings, service="ingest") as channel:
                with first or contextlib.nullcontext():
                    async for event in rpc.IngestServiceStub(channel).IngestSite(request, timeout=LONGEST_RUN_S):
                        folders = tuple(map(Path, event.source_recognised.folders)) or folders
                        report.take(event)
                        if first:
                            first.show(event)
        except (ServiceError, ValueError) as error:
            report.failed(error)
            return _Outcome(folders, isinstance(error, Unavailable | DeadlineExceeded | RevisionConflict))
        if first:
            report.told_already()
            names = ", ".join(map(os.fspath, folders or self._folders))
            report.line(f"following {names}; Ctrl+C ends it")
        else:
            report.done()
        self._has_indexed = True
        return _Outcome(folders)
