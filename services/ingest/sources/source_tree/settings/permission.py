"""Which content folders outside the site folder may be read because they are named in settings for docs-chat.

The whole rule: content is read from the folder that was named, the git repository around the site, and the content
folders that the site file or the caller's settings name; INGEST_ALLOWED_ROOTS, where it is set, bounds all of it.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_INSTANCES = ("docs", "blog", "pages")


def named_folders(folder: Path, written: Mapping[str, Any]) -> Iterator[Path]:
    """Content folders that settings name, relative to the site folder."""
    for key in _INSTANCES:
        value = written.get(key)
        for instance in value if isinstance(value, list) else [value]:
            path = instance.get("path") if isinstance(instance, Mapping) else None
            if isinstance(path, str) and path and "\0" not in path:
                yield folder / path


def is_near(folder: Path, named: Path) -> bool:
    """Whether a site file may name a folder: beside the site, neither hidden nor around somebody's home.

    Anybody who may change a site may change its site file, so it does not open the whole machine.
    """
    site, leads_to = os.path.realpath(folder), os.path.realpath(named)
    common = os.path.commonpath([site, leads_to])
    is_hidden = any(part.startswith(".") for part in Path(leads_to).relative_to(common).parts)
    is_around_home = Path.home().is_relative_to(leads_to)
    return common != os.path.dirname(common) and not is_hidden and not is_around_home
