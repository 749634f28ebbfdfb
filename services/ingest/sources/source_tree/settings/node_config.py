"""The config as the site's own Docusaurus computes it. Runs the site's code, so only when asked for and allowed."""

import contextlib
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services.ingest.sources.source_tree.settings.confinement import (
    CAN_CONFINE,
    Bounds,
    RanTooLong,
    find_program,
    run_confined,
)
from services.ingest.sources.source_tree.settings.literals import Imported, LiteralObject, Unknown

_SCRIPT = Path(__file__).with_name("load_config.cjs")
_MARK = "\x01docs-chat-config\x01"


class NodeConfigFailed(Exception):
    """Node could not compute the config; the message says why."""


def run_config(
    folder: Path,
    *,
    root: Path | None = None,
    bounds: Bounds | None = None,
    stop: threading.Event | None = None,
) -> LiteralObject:
    """Run the config of a site in a process of its own, confined as far as the system can.

    Args:
        folder: Site folder.
        root: Folder around it whose files the config may read, such as the repository; None: the site folder alone.
        bounds: Time and memory it may use.
        stop: Ends it early when set.

    Raises:
        NodeConfigFailed: If there is no Node, the packages are not installed, or the config fails.
    """
    bounds = bounds or Bounds()
    node = find_program("node")
    if node is None or not CAN_CONFINE:
        raise NodeConfigFailed("Node is not installed" if CAN_CONFINE else "configs are run on Linux and macOS only")
    heap_mib = max(32, bounds.memory_bytes // 2 // 1024**2)
    command = [node, f"--max-old-space-size={heap_mib}", str(_SCRIPT), str(folder)]
    try:
        done = run_confined(command, folder, tuple(_readable(folder, root)), bounds, stop)
    except RanTooLong as error:
        raise NodeConfigFailed(f"the config did not load within {bounds.time_s:g} s") from error
    printed = done.stdout.split(_MARK)
    if done.code != 0 or len(printed) != 3:
        reason = " ".join(done.stderr.rpartition(_MARK)[2].split())
        raise NodeConfigFailed(reason[:300] or "it ended without a config")
    value = _literal(_parsed(printed[1]), "")
    if not isinstance(value, LiteralObject):
        raise NodeConfigFailed("what it printed is not a config")
    return value


def _readable(folder: Path, root: Path | None) -> Iterator[Path]:
    """The site, the packages it finds above itself, and its neighbours up to the root but for hidden ones (`.env`)."""
    yield _SCRIPT
    yield folder.resolve()
    for above in (folder, *folder.absolute().parents):
        packages = above / "node_modules"
        if packages.is_dir():
            yield packages.resolve()
    root = root.resolve() if root else folder.resolve()
    for above in folder.resolve().parents:
        if not above.is_relative_to(root):
            break
        with contextlib.suppress(OSError):
            yield from [Path(entry) for entry in os.scandir(above) if not entry.name.startswith(".")]


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NodeConfigFailed("what it printed is not a config") from error


def _literal(value: Any, key: str) -> Any:
    """A printed value in the form the literal reader gives; functions are known by name where only the name counts."""
    if isinstance(value, dict) and "$function" in value:
        if value["$function"] == "DEFAULT_PARSE_FRONT_MATTER":
            return None
        is_plugin = key.endswith(("remarkPlugins", "RemarkPlugins", "rehypePlugins", "RehypePlugins"))
        return Imported(str(value["$function"])) if is_plugin else Unknown("it is a function", 0)
    if isinstance(value, dict):
        return LiteralObject({name: _literal(inner, name) for name, inner in value.items()})
    return [_literal(inner, key) for inner in value] if isinstance(value, list) else value
