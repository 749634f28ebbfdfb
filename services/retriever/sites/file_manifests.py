"""Manifests as files beside the embedded index, for one process."""

import asyncio
import contextlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from services.retriever.sites.manifest import Manifest


class FileManifests:
    """Manifests in `<root>/<site>/manifest.json`, for one process."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def read_all(self) -> Mapping[str, Manifest]:
        return await asyncio.to_thread(self._read_all)

    async def write(self, manifest: Manifest) -> Manifest:
        written = replace(manifest, generation=manifest.generation + 1)
        await asyncio.to_thread(_write_durably, self._path(manifest.site), written.to_json())
        return written

    async def delete(self, site: str) -> None:
        await asyncio.to_thread(self._delete, site)

    def _read_all(self) -> dict[str, Manifest]:
        return {path.parent.name: _read(path) for path in sorted(self._root.glob("*/manifest.json"))}

    def _delete(self, site: str) -> None:
        self._path(site).unlink(missing_ok=True)
        shutil.rmtree(self._root / site, ignore_errors=True)

    def _path(self, site: str) -> Path:
        return self._root / site / "manifest.json"


def _read(path: Path) -> Manifest:
    try:
        return Manifest.from_json(path.read_text("utf-8"))
    except (ValueError, KeyError, TypeError) as error:
        # Points without their manifest cannot be told apart, so the site starts over.
        return Manifest(path.parent.name, "", "", 1.0, set_aside=f"its manifest cannot be read ({error})", format=0)


def _write_durably(path: Path, text: str) -> None:
    """Old content or new content, whatever happens in between."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    with contextlib.suppress(OSError):  # some file systems cannot synchronise a directory
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
