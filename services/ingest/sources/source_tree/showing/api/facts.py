"""Type of a schema and what its values must be, in the words of docusaurus-openapi-docs."""

import json
from collections.abc import Iterator
from typing import Any

MAX_DEPTH = 20


def type_name(schema: Any, depth: int = 0) -> str:
    """Type of a schema: `string<date-time>`, `Pet[]`, `string | null`."""
    if not isinstance(schema, dict) or depth > MAX_DEPTH:
        return schema if isinstance(schema, str) else ""
    entry = schema.get("items")
    if isinstance(entry, dict | str):
        inner = type_name(entry, depth + 1)
        is_union = isinstance(entry, dict) and isinstance(entry.get("type"), list) and len(entry["type"]) > 1
        return f"({inner})[]" if is_union else f"{inner}[]"
    written = schema.get("type")
    types = [one for one in written if isinstance(one, str)] if isinstance(written, list) else []
    name = " | ".join(types) if types else written if isinstance(written, str) else ""
    if "enum" in schema and not written:
        return "string"
    if isinstance(schema.get("format"), str):
        return f"{f'({name})' if len(types) > 1 else name}<{schema['format']}>" if name else str(schema["format"])
    if any(key in schema for key in ("allOf", "oneOf", "anyOf")):
        return "object"
    if name in {"object", "array"}:
        xml = schema.get("xml")
        return str(xml["name"]) if isinstance(xml, dict) and isinstance(xml.get("name"), str) else name
    title = schema.get("title")
    return title if isinstance(title, str) and len(types) < 2 else name


def facts_of(schema: dict[str, Any]) -> list[str]:
    """Lines about the values: the possible ones, the constant one, the default and examples."""
    possible = list(_possible(schema))
    lines = [f"**Possible values:** {', '.join(possible)}"] if possible else []
    described = schema.get("x-enumDescriptions")
    if isinstance(described, dict):
        lines += [f"`{value}`: {' '.join(str(text).split())}" for value, text in described.items()]
    if "const" in schema:
        lines.append(f"**Constant value:** `{_text(schema['const'])}`")
    if "default" in schema:
        lines.append(f"**Default value:** `{_text(schema['default'])}`")
    return lines + list(examples_of(schema))


def examples_of(schema: dict[str, Any]) -> Iterator[str]:
    """A line for each example of a value."""
    if "example" in schema:
        yield f"**Example:** `{_text(schema['example'])}`"
        return
    examples = schema.get("examples")
    if isinstance(examples, list):
        yield from (f"**Example:** `{_text(example)}`" for example in examples)
    elif isinstance(examples, dict):
        for name, example in examples.items():
            given = example if isinstance(example, dict) else {"value": example}
            words = " ".join(str(given[key]) for key in ("summary", "description") if given.get(key))
            yield f"**Example {name}:** {words} `{_text(given.get('value'))}`"


def _possible(schema: dict[str, Any], depth: int = 0) -> Iterator[str]:
    entry = schema.get("items")
    if isinstance(entry, dict):
        if "minItems" not in schema and "maxItems" not in schema:
            if depth < MAX_DEPTH:
                yield from _possible(entry, depth + 1)
            return
        yield from _one_of(entry.get("enum"))
    yield from _lengths(schema)
    yield from _bounds(schema)
    if isinstance(schema.get("pattern"), str):
        yield f"Value must match regular expression `{schema['pattern']}`"
    yield from _one_of(_enum(schema))
    if schema.get("minItems"):
        yield f"`>= {schema['minItems']}`"
    if schema.get("maxItems"):
        yield f"`<= {schema['maxItems']}`"


def _enum(schema: dict[str, Any]) -> Any:
    parts = schema.get("allOf")
    inside = (part.get("enum") for part in parts if isinstance(part, dict)) if isinstance(parts, list) else ()
    return schema.get("enum") or next(filter(None, inside), None)


def _one_of(values: Any) -> Iterator[str]:
    if isinstance(values, list):
        yield f"[{', '.join(f'`{_text(value)}`' for value in values)}]"


def _lengths(schema: dict[str, Any]) -> Iterator[str]:
    least, most = schema.get("minLength"), schema.get("maxLength")
    low = "`non-empty`" if least == 1 else f"`>= {least} characters`" if least else ""
    high = f"`<= {most} characters`" if most else ""
    if low or high:
        yield " and ".join(part for part in (low, high) if part)


def _bounds(schema: dict[str, Any]) -> Iterator[str]:
    low = _bound(schema, "minimum", "exclusiveMinimum", ">")
    high = _bound(schema, "maximum", "exclusiveMaximum", "<")
    if low or high:
        yield " and ".join(part for part in (low, high) if part)


def _bound(schema: dict[str, Any], key: str, exclusive: str, sign: str) -> str:
    """One end of a range; OpenAPI 3.0 says by true that it is exclusive, 3.1 gives its value."""
    limit, other = schema.get(key), schema.get(exclusive)
    if isinstance(other, int | float) and not isinstance(other, bool):
        return f"`{sign} {other}`"
    if limit is None:
        return ""
    return f"`{sign} {limit}`" if other is True else f"`{sign}= {limit}`"


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return " ".join(text.replace("`", "'").split())
