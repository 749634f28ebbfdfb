"""Keys of the site file that mean nothing here: a misspelt one must not go unnoticed."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from services.ingest.document import Problem, Severity
from services.ingest.sources.source_tree.settings.site_settings import SiteSettings

_READ_OTHERWISE = {"future", "futureV4", "admonitions", "anchors"}
"""Keys that are not fields themselves but are read into some."""
_MISSPELT = 0.8
"""Likeness from which a known key is taken to be meant."""


def unknown_settings(written: Mapping[str, Any]) -> list[Problem]:
    """A warning for each key that looks misspelt, one note on all others that have no effect."""
    problems: list[Problem] = []
    without_effect: list[str] = []
    for place, key, known in _unknown(written, SiteSettings, ""):
        meant = get_close_matches(key, known, n=1, cutoff=_MISSPELT)
        if meant:
            message = f"`{place}{key}` is not a setting and was ignored; did you mean `{place}{meant[0]}`?"
            problems.append(Problem(Severity.WARNING, "unknown-setting", message))
        else:
            without_effect.append(f"`{place}{key}`")
    if without_effect:
        message = f"Settings that have no effect here: {', '.join(dict.fromkeys(without_effect))}."
        problems.append(Problem(Severity.INFO, "unknown-setting", message))
    return problems


def _unknown(
    values: Mapping[str, Any], model: type[BaseModel], place: str
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Place, key and known keys of that place, for each key that is not a field."""
    fields = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
    for key, value in values.items():
        if key in fields:
            for inner_place, inner in _inner(fields[key], value, f"{place}{key}"):
                yield from _unknown(inner, _model(fields[key]), inner_place)
        elif key not in _READ_OTHERWISE:
            yield place, key, tuple(fields)


def _inner(annotation: Any, value: Any, place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The mappings that a setting holds, each with its place: itself, the entries of a list, or those of a table."""
    if _model(annotation) is BaseModel:
        return
    if get_origin(annotation) is dict:
        inner = value.items() if isinstance(value, dict) else ()
        found = [(f"{place}.{name}.", entry) for name, entry in inner]
    else:
        found = [(f"{place}.", entry) for entry in (value if isinstance(value, list) else [value])]
    yield from ((where, entry) for where, entry in found if isinstance(entry, dict))


def _model(annotation: Any) -> type[BaseModel]:
    """The model that a setting consists of; `BaseModel` itself when it is a plain value."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_model(argument) for argument in get_args(annotation) if argument is not Ellipsis)
    return next((model for model in inner if model is not BaseModel), BaseModel)
