"""The config as the site's own Docusaurus computes it. Runs the site's code, so only when the caller asks for it."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from services.ingest.sources.source_tree.settings.literals import Imported, LiteralObject, Unknown

_SCRIPT = Path(__file__).with_name("load_config.cjs")
_MARK = "\x01docs-chat-config\x01"
_KEPT_ENVIRONMENT = ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT")
TIMEOUT_S = 90.0


class NodeConfigFailed(Exception):
    """Node could not compute the config; the message says why."""


def run_config(folder: Path, *, timeout_s: float = TIMEOUT_S) -> LiteralObject:
    """Run the config of a site in a process of its own, without our environment.

    Raises:
        NodeConfigFailed: If there is no Node, the packages are not installed, or the config fails.
    """
    node = shutil.which("node")
    if node is None:
        raise NodeConfigFailed("Node is not installed")
    environment = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    try:
        done = subprocess.run(  # noqa: S603 - our own script; what it loads is the caller's explicit wish
            [node, str(_SCRIPT), str(folder)],
            env=environment | {"NODE_ENV": "production", "BABEL_ENV": "production"},
            capture_output=True,
            timeout=timeout_s,
            check=False,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
    except subprocess.TimeoutExpired as error:
        raise NodeConfigFailed(f"the config did not load within {timeout_s:g} s") from error
    printed = done.stdout.split(_MARK)
    if done.returncode != 0 or len(printed) != 3:
        reason = " ".join(done.stderr.rpartition(_MARK)[2].split())
        raise NodeConfigFailed(reason[:300] or "it ended without a config")
    value = _literal(json.loads(printed[1]), "")
    if not isinstance(value, LiteralObject):
        raise NodeConfigFailed("what it printed is no config")
    return value


def _literal(value: Any, key: str) -> Any:
    """A printed value in the form the literal reader gives; functions are known by name where only the name counts."""
    if isinstance(value, dict) and "$function" in value:
        if value["$function"] == "DEFAULT_PARSE_FRONT_MATTER":
            return None
        is_plugin = key in {"remarkPlugins", "beforeDefaultRemarkPlugins"}
        return Imported(str(value["$function"])) if is_plugin else Unknown("it is a function", 0)
    if isinstance(value, dict):
        return LiteralObject({name: _literal(inner, name) for name, inner in value.items()})
    return [_literal(inner, key) for inner in value] if isinstance(value, list) else value
