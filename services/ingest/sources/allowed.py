"""Which folders callers may have read. A refusal is the same whether the path exists or not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.runtime.errors import InvalidRequest, InvalidSource, shown

_INSTANCES = ("docs", "blog", "pages")


@dataclass(frozen=True, slots=True)
class AllowedFolders:
    """Folders below which all that is read must lie.

    Args:
        roots: The folders; None allows every folder this process can read, an empty list none.
    """

    roots: tuple[Path, ...] | None = None

    def source(self, path: Path) -> Path:
        """Where a path leads, links followed.

        Raises:
            InvalidRequest: If it leads elsewhere; nothing is said about what is there.
            InvalidSource: If it is allowed, but nothing is there.
        """
        leads_to = self._checked(path, "source.path")
        if leads_to == Path(leads_to.anchor):
            raise InvalidSource("that is the root of the file system: give the folder of the site itself")
        try:
            return leads_to.resolve(strict=True)
        except OSError as error:
            raise InvalidSource(f"{shown(str(path))} is not there, or this process may not look") from error

    def found(self, folder: Path) -> None:
        """Check a folder that was found below a source; it may be a link.

        Raises:
            InvalidRequest: If it leads elsewhere.
        """
        self._checked(folder, "source.path")

    def named(self, folder: Path, settings: Mapping[str, Any]) -> None:
        """Check the content folders that the settings a caller sent name, relative to the site folder.

        Raises:
            InvalidRequest: If one leads elsewhere.
        """
        for path in _named_folders(settings):
            self._checked(folder / path, "source.settings")

    def root_of(self, folder: Path) -> Path | None:
        """The allowed folder around another one; None when there is none, or every folder is allowed."""
        return next((root.resolve() for root in self.roots or () if folder.is_relative_to(root.resolve())), None)

    def _checked(self, path: Path, field: str) -> Path:
        try:
            leads_to = path.resolve()
        except (OSError, RuntimeError, ValueError) as error:  # links in a circle, a NUL
            raise self._refusal(field) from error
        if self.roots is not None and self.root_of(leads_to) is None:
            raise self._refusal(field)
        return leads_to

    def _refusal(self, field: str) -> InvalidRequest:
        message = "the path lies outside the folders that INGEST_ALLOWED_ROOTS allows"
        if self.roots == ():
            message = (
                "no folder may be read here: INGEST_ALLOWED_ROOTS is not set, and this service can be reached from "
                "other machines. Set it to the folders in which sites lie"
            )
        return InvalidRequest(message, violations={field: "outside the allowed folders"})


def _named_folders(settings: Mapping[str, Any]) -> Iterator[str]:
    for key in _INSTANCES:
        value = settings.get(key)
        entries = value if isinstance(value, Sequence) else [value]
        yield from _texts(entry.get("path") for entry in entries if isinstance(entry, Mapping))
    static = settings.get("staticDirectories", settings.get("static_directories"))
    yield from _texts(static if isinstance(static, Sequence) and not isinstance(static, str) else [static])
    i18n = settings.get("i18n")
    if isinstance(i18n, Mapping):
        translations = i18n.get("path", "i18n")
        yield from _texts([translations])
        locales = i18n.get("localeConfigs", i18n.get("locale_configs"))
        configs = locales.values() if isinstance(locales, Mapping) else ()
        yield from (
            f"{translations}/{path}"
            for path in _texts(config.get("path") for config in configs if isinstance(config, Mapping))
        )


def _texts(values: Any) -> Iterator[str]:
    return (value for value in values if isinstance(value, str))
